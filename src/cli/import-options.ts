/** What both kinds of import (the real and the dry one) are told, and the names that follow from a file's name. */
import { parse } from "node:path";
import type { LicenseStatus } from "../domain/vocabulary.ts";
import type { Cli } from "./command.ts";
import { InputError } from "./import-items.ts";

export interface ImportOptions {
  source?: string | undefined;
  license?: LicenseStatus | undefined;
  timezone?: string | undefined;
  trust?: number | undefined;
  report?: string | undefined;
}

/** "data/toronto.jsonld.jsonl" -> "toronto"; standard input has no name. */
export function sourceNameOf(file: string): string {
  if (file === "-") throw new InputError("standard input has no name: say whose events these are by --source NAME.");
  return parse(file).base.replace(/(\.(jsonld|ics|jsonl|ndjson|json|html?))+$/i, "");
}

/** Where the rejects of `file` are reported: in the current folder, which an operator may write to, unlike the file's. */
export const reportNameOf = (file: string): string => `${file === "-" ? "stdin" : parse(file).base}.rejects.jsonl`;

/** What is done so far is committed; the next import of the same file goes on from there. */
export function stopIfAsked(cli: Cli): void {
  if (cli.stopping.aborted) throw new InputError("stopped; run the same command again to go on where it stopped.");
}
