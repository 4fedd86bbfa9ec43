/** Faults found while reading, and where they stand in the document as it was sent. */
import { escapeToken } from "../domain/pointer.ts";
import type { FieldFault } from "../domain/errors.ts";

/** schema.org terms and list positions from the event down: ["offers", 1, "price"]. */
export type Path = readonly (string | number)[];
export interface Fault {
  path: Path;
  detail: string;
}

/** `expected … , found …`, with what was found cut to a length that a person reads. */
export function expected(path: Path, what: string, found?: unknown): Fault {
  const shown = found === undefined ? "nothing" : JSON.stringify(found);
  return { path, detail: `expected ${what}, found ${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown}` };
}

/**
 * A fault's JSON Pointer into the input: the key is the one that the sender wrote ("schema:offers", a full IRI or
 * the plain term), and positions are left out where the sender wrote a single value instead of a list.
 */
export function toFieldFault(fault: Fault, item: unknown, pointer: string): FieldFault {
  let here: unknown = item;
  let out = pointer;
  for (const step of fault.path) {
    if (typeof step === "number") {
      if (Array.isArray(here)) {
        here = here[step];
        out += `/${step}`;
      }
      continue;
    }
    if (Array.isArray(here)) {
      here = here[0];
      out += "/0";
    }
    const key = typeof here === "object" && here !== null ? keyOf(here, step) : undefined;
    here = key === undefined ? undefined : (here as Record<string, unknown>)[key];
    out += `/${escapeToken(key ?? step)}`;
  }
  return { pointer: out, detail: fault.detail };
}

function keyOf(node: object, term: string): string | undefined {
  if (Object.hasOwn(node, term)) return term;
  return Object.keys(node).find(
    (key) => key === term || key === `schema:${term}` || (/^https?:\/\/schema\.org\//.test(key) && key.endsWith(`/${term}`)),
  );
}
