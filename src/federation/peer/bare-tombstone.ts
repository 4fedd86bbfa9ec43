/**
 * What is kept of a tombstone that cannot be kept as it is (too large, too deep, U+0000): an entity is gone whatever else is said of it
 * there. It is no longer its origin's byte for byte, and its custody says so (`redacted`).
 */
import { canonicalForm } from "../../feed/canonical.ts";

const TYPE = /^[\w:./#-]{1,200}$/;
const TIME = /^[\dTZ:.+-]{1,40}$/;
const ADDRESS = /^https?:\/\/[^\s\\\p{C}]{1,2040}$/u;

/** `{"@id", "@type", "sel:tombstone": true}` with `sel:deletedAt` and `sel:supersededBy` where these are sound; and its canonical text. */
export function bareTombstone(uri: string, said: Readonly<Record<string, unknown>>): { document: Record<string, unknown>; text: string } {
  const { "@type": type, "sel:deletedAt": deletedAt, "sel:supersededBy": heir } = said;
  const heirUri = typeof heir === "object" && heir !== null ? (heir as Record<string, unknown>)["@id"] : heir;
  const document = {
    "@id": uri,
    "@type": fits(type, TYPE) ? type : "Thing",
    ...(fits(deletedAt, TIME) && { "sel:deletedAt": deletedAt }),
    ...(fits(heirUri, ADDRESS) && { "sel:supersededBy": { "@id": heirUri } }),
    "sel:tombstone": true,
  };
  return { document, text: canonicalForm(document) };
}

const fits = (value: unknown, form: RegExp): value is string => typeof value === "string" && form.test(value);
