/** Cursors of lists and searches: JSON that is opaque to clients, and bound to the parameters it was made under. Nothing in one is trusted. */
import { createHash } from "node:crypto";
import { RegistryError } from "./errors.ts";

export const toCursor = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** What `toCursor` was given, of at most `most` characters; undefined for anything else. */
export function fromCursor(cursor: string, most: number): unknown {
  if (cursor.length > most || !/^[\w-]+$/.test(cursor)) return undefined;
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Ten characters that stand for these parameters, in whatever order they came, and for what goes beside the cursor. */
export function bindingOf(parameters: Readonly<Record<string, string>>, beside = ""): string {
  const sorted = Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([sorted, beside]))
    .digest("base64url")
    .slice(0, 10);
}

export const badCursor = (why = "this is no cursor of ours; use next_cursor as it was given."): RegistryError =>
  new RegistryError("invalid_cursor", { detail: `after: ${why}`, pointer: "/after" });
