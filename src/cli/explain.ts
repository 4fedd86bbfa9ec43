/** What went wrong, in one line that says what to do next. */
import { ConfigError } from "../config.ts";
import { isConnectionLost } from "../db/errors.ts";
import { RegistryError } from "../domain/errors.ts";
import { UsageError } from "./command.ts";
import { InputError } from "./import-items.ts";

/** What nobody foresaw keeps its own words, with a hint where to see more. */
export function explain(error: unknown): string {
  if (error instanceof UsageError || error instanceof ConfigError || error instanceof InputError) return oneLine(error.message);
  // It says what it is about, be it another node whose connection was lost.
  if (error instanceof RegistryError && error.code !== "unavailable") return oneLine(error.message);
  if (chainOf(error).some(isConnectionLost)) return "The database cannot be reached: start it, or check DATABASE_URL.";
  if (error instanceof RegistryError) return oneLine(error.message);
  if (!(error instanceof Error)) return oneLine(String(error));
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" && path !== undefined) return `${path} is not there: check the name.`;
  if (code === "EACCES" && path !== undefined) return `${path} may not be opened: check who may read and write it.`;
  if (code === "EISDIR") return `${path ?? "That"} is a folder: name a file.`;
  if (error.cause !== undefined || error.message.endsWith(".")) return oneLine(error.message);
  return `${oneLine(error.message)} (set LOG_LEVEL=debug to see where).`;
}

function chainOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let link = error; link instanceof Error && chain.length < 10; link = link.cause) chain.push(link);
  return chain;
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, " ").trim();
