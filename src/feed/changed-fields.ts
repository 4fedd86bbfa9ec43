/** Which members of a JSON-LD document differ between two renderings, as JSON Pointers (RFC 6901). */
import { escapeToken } from "../domain/pointer.ts";
import type { JsonLdObject, JsonLdValue } from "../jsonld/encode.ts";

/**
 * `changedFields({ name: "A" }, { name: "B", url: "…" })` -> ["/name", "/url"], sorted. `@context` is left out: it says
 * how to read, not what is said. Both documents have canonical member order, so that equal values have equal texts.
 */
export function changedFields(before: JsonLdObject, after: JsonLdObject): string[] {
  const changed: string[] = [];
  for (const key in after) if (key !== "@context" && !same(before[key], after[key])) changed.push(pointer(key));
  for (const key in before) if (after[key] === undefined) changed.push(pointer(key));
  return changed.toSorted();
}

function same(a: JsonLdValue | undefined, b: JsonLdValue | undefined): boolean {
  if (a === b) return true;
  return typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b);
}

const pointer = (key: string): string => `/${escapeToken(key)}`;
