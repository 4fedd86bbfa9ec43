/** What a schema found wrong with a value, in words for whoever wrote that value. */
import type { z } from "zod";
import type { FieldFault } from "./errors.ts";
import { escapeToken } from "./pointer.ts";

type Issue = z.ZodError["issues"][number];

/** As zod names types, and as people do. */
const TYPES: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "an array",
  object: "an object",
  record: "an object",
  null: "null",
  nonoptional: "a value",
};
const MOST_FAULTS = 50;

/** A fault for each issue: where it is (RFC 6901), what was expected there, and what kind of value was found. */
export function shapeFaults(error: z.ZodError, value: unknown): FieldFault[] {
  return error.issues.slice(0, MOST_FAULTS).map((issue) => ({ pointer: pointerOf(issue.path), detail: wordsOf(issue, value) }));
}

/** The first few in one line: `/url: expected a string, found nothing; /trust: …`. `whole` is what the value itself is called. */
export function shapeWords(error: z.ZodError, value: unknown, most = 3, whole = "/"): string {
  return faultWords(shapeFaults(error, value).slice(0, most), whole);
}

/** `/url: expected …; /trust: …` */
export const faultWords = (faults: readonly FieldFault[], whole: string): string =>
  faults.map(({ pointer, detail }) => `${pointer || whole}: ${detail}`).join("; ");

/** What zod says in words of its own is told in ours; what a schema says itself stands. */
function wordsOf(issue: Issue, value: unknown): string {
  const found = kindOf(at(issue.path, value));
  if (issue.code === "invalid_type" && issue.message.startsWith("Invalid input"))
    return `expected ${TYPES[issue.expected] ?? issue.expected}, found ${found}`;
  if (issue.code === "invalid_value" && issue.message.startsWith("Invalid"))
    return `expected ${issue.values.length > 1 ? "one of " : ""}${issue.values.map((one) => JSON.stringify(one)).join(", ")}, found ${found}`;
  if (issue.code === "invalid_union" && issue.message === "Invalid input" && found === "nothing") return "expected a value, found nothing";
  return issue.message;
}

const at = (path: readonly PropertyKey[], value: unknown): unknown =>
  path.reduce<unknown>(
    (here, step) =>
      typeof here === "object" && here !== null && Object.hasOwn(here, step) ? (here as Record<PropertyKey, unknown>)[step] : undefined,
    value,
  );

/** Its kind and not itself, which may be a secret, or a text that was taken down. */
function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "number")
    return Number.isFinite(value) ? (Number.isInteger(value) ? "a number" : "a fraction") : "a number beyond any";
  return typeof value === "object" ? "an object" : "a string";
}

const pointerOf = (path: readonly PropertyKey[]): string => path.map((step) => `/${escapeToken(String(step))}`).join("");
