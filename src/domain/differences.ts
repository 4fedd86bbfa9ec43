/** Two JSON values side by side, leaf by leaf: what a person compares before deciding whether two entries are one. */
import { escapeToken } from "./pointer.ts";
import { isDeepStrictEqual } from "node:util";

export interface Compared {
  /** RFC 6901, into either of the two. */
  pointer: string;
  /** Absent where that side says nothing. */
  left?: unknown;
  right?: unknown;
  differs: boolean;
}

/** A page that nobody reads to its end helps nobody. */
const MOST = 500;

/**
 * Every leaf of the two, in the order of the left and then of the right; lists of plain values are leaves.
 * `compareLeaves({ a: 1, b: { c: "x" } }, { a: 1, b: { c: "y" } })` -> /a equal, /b/c different.
 */
export function compareLeaves(left: unknown, right: unknown): Compared[] {
  const [one, other] = [new Map(leavesOf(left, "")), new Map(leavesOf(right, ""))];
  const pointers = [...new Set([...one.keys(), ...other.keys()])].slice(0, MOST);
  return inGroups(pointers).map((pointer) => ({
    pointer,
    ...(one.has(pointer) && { left: one.get(pointer) }),
    ...(other.has(pointer) && { right: other.get(pointer) }),
    differs: !isDeepStrictEqual(one.get(pointer), other.get(pointer)),
  }));
}

/** What belongs to one member stands together, also where only the right side has it. */
function inGroups(pointers: readonly string[]): string[] {
  return [...Map.groupBy(pointers, (pointer) => pointer.split("/")[1]).values()].flat();
}

function* leavesOf(value: unknown, pointer: string): Generator<[string, unknown]> {
  const isLeaf = typeof value !== "object" || value === null || (Array.isArray(value) && value.every((each) => typeof each !== "object"));
  if (isLeaf) yield [pointer, value];
  else for (const [key, each] of Object.entries(value)) yield* leavesOf(each, `${pointer}/${escapeToken(key)}`);
}
