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
}

const shape = z.tuple([z.string().max(2_000), z.string().length(26), z.string()]);

/** `filters` are the query's parameters but `limit` and `after`. */
export function encodeCursor({ key, id }: Position, filters: Readonly<Record<string, string>>): string {
  return toCursor([key, ulidOf(id), bindingOf(filters)]);
}

/** Throws `invalid_cursor` for anything that `encodeCursor` did not make under these very filters. `isKey` checks the sort key. */
export function decodeCursor(cursor: string, filters: Readonly<Record<string, string>>, isKey: (key: string) => boolean): Position {
  const parsed = shape.safeParse(fromCursor(cursor, 8_000));
  if (!parsed.success) throw badCursor();
  const [key, ulid, hash] = parsed.data;
  const id = uuidOf(ulid);
  if (id === undefined || !isKey(key)) throw badCursor();
  if (hash !== bindingOf(filters)) throw badCursor("this cursor belongs to other filters or another order; begin again without it.");
  return { key, id };
}

/** Instants as the lists give them: UTC with microseconds. */
export const isInstantKey = (key: string): boolean =>
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/.test(key) && !Number.isNaN(Date.parse(key)) && !key.startsWith("0000");
/** PostgreSQL's text holds any character but NUL. */
export const isNameKey = (key: string): boolean => key.length > 0 && !key.includes("\0") && key.isWellFormed();
