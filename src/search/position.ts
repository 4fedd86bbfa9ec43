/**
 * Where a search goes on: what its cursors hold. A position has all that the first page decided (which words were asked
 * in the end, what they weigh, which moment is now), so that every later page belongs to the same order; nothing in it is
 * trusted, and it is bound to the parameters it was made under.
 */
import { z } from "zod";
import { badCursor, bindingOf, fromCursor, toCursor } from "../domain/bound-cursor.ts";

const INSTANT = /^-?\d{4,6}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$/;
const HEAD = /^[\w-]{0,6000}$/;
const uuid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const bound = z.strictObject({ key: z.union([z.string().regex(INSTANT), z.number().min(0).max(4e7)]), id: uuid });
const walk = z.strictObject({
  backwards: z.boolean(),
  /** Where the present stretch begins and ends; absent: it has no such end. */
  from: bound.optional(),
  until: bound.optional(),
  /** Where it was cut because more candidates lie in it than are ranked; the rest of it is the next one. */
  cut: bound.optional(),
  /** How far the stretch reaches: days, or venues; absent: all the rest. */
  size: z.number().int().min(1).max(1e9).optional(),
});
const shape = z.strictObject({
  /** The query that was asked instead of the one typed. */
  q: z.string().max(2_000).optional(),
  rung: z.enum(["all", "intent", "any"]),
  mode: z.enum(["lexical", "semantic", "hybrid"]),
  weights: z.array(z.number().min(0).max(10)).max(200),
  /** Which groups of words are asked, where any of them is enough. */
  kept: z.array(z.number().int().min(0).max(63)).max(64).optional(),
  now: z.string().regex(INSTANT),
  total: z.tuple([z.number().int().min(0), z.enum(["exact", "estimate"])]),
  /** The fused head: 16 bytes of id and the ranks of three legs each; `at` is the first that is still to come. */
  head: z.string().max(6_000).optional(),
  at: z.number().int().min(0).max(1_000).optional(),
  walk,
  /** The last of the present stretch. */
  last: z.strictObject({ key: z.union([z.number(), z.string().regex(INSTANT)]), id: uuid }).optional(),
});
export type Position = z.output<typeof shape>;
export type Walk = z.output<typeof walk>;

export function encodePosition(position: Position, filters: Readonly<Record<string, string>>): string {
  // The head, the longest part, is base64 already: twice would make it a third longer again.
  const { head, ...rest } = position;
  const text = toCursor([bindingOf(filters, head), rest]);
  return head === undefined ? text : `${text}.${head}`;
}

/** Throws `invalid_cursor` for anything that `encodePosition` did not make under these very parameters. */
export function decodePosition(cursor: string, filters: Readonly<Record<string, string>>): Position {
  const [text = "", head, ...others] = cursor.split(".");
  const parsed = z.tuple([z.string(), shape.omit({ head: true })]).safeParse(fromCursor(text, 12_000));
  if (!parsed.success || others.length > 0 || (head !== undefined && !HEAD.test(head))) {
    throw badCursor();
  }
  const [hash, rest] = parsed.data;
  const position: Position = { ...rest, ...(head !== undefined && { head }) };
  if (hash !== bindingOf(filters, head)) throw badCursor("this cursor belongs to another search; begin again without it.");
  const instants = [position.now, position.last?.key, position.walk.from?.key, position.walk.until?.key, position.walk.cut?.key].filter(
    (key) => typeof key === "string",
  );
  if (instants.some((instant) => Number.isNaN(Date.parse(instant)))) throw badCursor();
  return position;
}

/** One of the head: its id, and its rank in each leg (0: not found by it; at most 255). */
export interface HeadEntry {
  id: string;
  ranks: readonly [words: number, intent: number, meaning: number];
}
const ENTRY = 19;

export function packHead(entries: readonly HeadEntry[]): string {
  return Buffer.concat(
    entries.map(({ id, ranks }) =>
      Buffer.from([...Buffer.from(id.replaceAll("-", ""), "hex"), ...ranks.map((rank) => Math.min(rank, 255))]),
    ),
  ).toString("base64url");
}

export function unpackHead(packed: string): HeadEntry[] {
  const bytes = Buffer.from(packed, "base64url");
  return Array.from({ length: Math.floor(bytes.length / ENTRY) }, (_, i) => {
    const entry = bytes.subarray(i * ENTRY, (i + 1) * ENTRY);
    const hex = entry.toString("hex", 0, 16);
    const id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
    return { id, ranks: [entry[16]!, entry[17]!, entry[18]!] };
  });
}
