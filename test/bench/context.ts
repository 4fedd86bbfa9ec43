/** What every benchmark is handed. */
import { LICENSE_STATUSES } from "../../src/domain/vocabulary.ts";
import { importFile } from "../../src/cli/import.ts";
import type { Cli } from "../../src/cli/command.ts";
import { parseConfig } from "../../src/config.ts";
import { openServer } from "../../src/db/server.ts";
import { openEpoch } from "../../src/feed/epoch.ts";
import { drainOutbox } from "../../src/feed/sequencer.ts";
import { createNode, type CalendsNode } from "../../src/node.ts";
import type { Server } from "./database.ts";
import type { Ratio } from "./rounds.ts";

export interface Bench {
  server: Server;
  rounds: number;
  /** Length of one side of a round under load, in milliseconds. */
  milliseconds: number;
  /** Events of an import. */
  events: number;
  /** Folder for files of this run. */
  folder: string;
  say: (line: string) => void;
}

export type Benchmark = (bench: Bench) => Promise<Ratio[]>;

export const BASE = "https://bench.example";
const clock = () => new Date();

/** A node without server, workers or sequencer: what `calends import` opens. */
export function openQuietNode(url: string, base = BASE): Promise<CalendsNode> {
  const config = parseConfig({ NODE_URL: base, LOG_LEVEL: "error" });
  return createNode({ ...config, roles: new Set() }, { secrets: { databaseUrl: url } });
}

/** `calends import FILE --source calendar`, in this process; returns events a second from the file's bytes to the last commit. */
export async function importEvents(node: CalendsNode, file: string): Promise<{ rate: number; counts: Record<string, number> }> {
  const started = process.hrtime.bigint();
  const silent = { write: () => true } as unknown as Cli["stderr"];
  const cli: Cli = {
    env: {},
    clock,
    stdin: process.stdin,
    stdout: silent,
    stderr: silent,
    stopping: new AbortController().signal,
    user: "bench",
  };
  const license = LICENSE_STATUSES.find((status) => status === "cc-by");
  const { counts } = await importFile(
    cli,
    node,
    file,
    { source: "calendar", license, timezone: undefined, trust: undefined, report: undefined },
    { update: () => undefined, clear: () => undefined },
  );
  if (counts.rejected > 0) throw new Error(`${counts.rejected} synthetic events were rejected; see ingest_items.`);
  return { rate: counts.total / (Number(process.hrtime.bigint() - started) / 1e9), counts: { ...counts } };
}

/** Numbers everything that is committed. */
export async function numberAll(url: string): Promise<void> {
  await using database = openServer({ url, connections: 2 });
  await openEpoch(database, { clean: true, clock });
  await drainOutbox({ database, clock, base: BASE, log: { info: () => undefined, warn: () => undefined } });
}
