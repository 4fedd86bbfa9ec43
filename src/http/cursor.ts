/**
 * Cursors of lists: the last row's sort key and id, bound to the filters they were made under. Opaque to clients;
 * nothing in one is trusted.
 */
import { z } from "@hono/zod-openapi";
import { badCursor, bindingOf, fromCursor, toCursor } from "../domain/bound-cursor.ts";
import { ulidOf, uuidOf } from "../domain/iri.ts";

export interface Position {
  key: string;
  id: string;
  /** Of a list of occurrences: which one of the event's. */
  which?: string;
  /** The "now" that the first page was asked at, in milliseconds, where the query says "now". */
  now?: number;
}

const besides = z.strictObject({
  which: z
    .string()
    .regex(/^(\d{1,10}|\d{8}T\d{6})$/)
    .optional(),
  now: z.int().min(0).optional(),
});
const shape = z.union([
  z.tuple([z.string().max(2_000), z.string().length(26), z.string()]),
  z.tuple([z.string().max(2_000), z.string().length(26), z.string(), besides]),
]);

/** `filters` are the query's parameters but `limit` and `after`. */
export function encodeCursor({ key, id, which, now }: Position, filters: Readonly<Record<string, string>>): string {
  const more = which !== undefined || now !== undefined ? [{ which, now }] : [];
  return toCursor([key, ulidOf(id), bindingOf(filters), ...more]);
}

/** Throws `invalid_cursor` for anything that `encodeCursor` did not make under these very filters. `isKey` checks the sort key. */
export function decodeCursor(cursor: string, filters: Readonly<Record<string, string>>, isKey: (key: string) => boolean): Position {
  const parsed = shape.safeParse(fromCursor(cursor, 8_000));
  if (!parsed.success) throw badCursor();
  const [key, ulid, hash, { which, now } = {}] = parsed.data;
  const id = uuidOf(ulid);
  if (id === undefined || !isKey(key)) throw badCursor();
  if (hash !== bindingOf(filters)) throw badCursor("this cursor belongs to other filters or another order; begin again without it.");
  return { key, id, ...(which !== undefined && { which }), ...(now !== undefined && { now }) };
}

/** Instants as the lists give them: UTC with microseconds. */
export const isInstantKey = (key: string): boolean =>
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/.test(key) && !Number.isNaN(Date.parse(key)) && !key.startsWith("0000");
/** PostgreSQL's text holds any character but NUL. */
export const isNameKey = (key: string): boolean => key.length > 0 && !key.includes("\0") && key.isWellFormed();
