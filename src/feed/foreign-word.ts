/**
 * What the feed says of an entity of another node: its origin's own word, with its custody. What we show of it besides (a curator's
 * correction, a second source) is our view and stays here.
 *
 *   the origin says | public here | passed on
 *   here it is      | yes         | its document
 *   here it is      | no          | withheld: a delete of our own making, which receivers pass over
 *   it is gone      |             | its tombstone
 *   our own filters hold it back | | withheld
 */
import { LICENSE_STATUSES, type LicenseStatus } from "../domain/vocabulary.ts";
import type { AnyState } from "../domain/state.ts";
import type { JsonLdObject } from "../jsonld/encode.ts";
import type { ItemFacts } from "./item.ts";

export interface WordOfOrigin {
  word: "shown" | "gone" | "withheld";
  /** The origin's document, and its canonical text. */
  document: JsonLdObject;
  text: string;
  /** Custody, and the license as the document has it. */
  facts: Pick<ItemFacts, "custody" | "licenseStatus" | "licenseUrl">;
}

export const isForeign = (state: AnyState): state is AnyState & { federationUri: string } => state.federationUri !== undefined;

/** Undefined where the origin has not spoken of it: one of its events mentions it. */
export function wordOfOrigin(state: AnyState): WordOfOrigin | undefined {
  const { statement } = state;
  if (statement === undefined) return undefined;
  const { epoch, hops, node, position, version, redacted, gone, withheld, document: text } = statement;
  const document = JSON.parse(text) as JsonLdObject;
  const word = gone && !withheld ? "gone" : gone || !state.public ? "withheld" : "shown";
  const custody = { epoch, hops, node, redacted, position, version, withheld: word === "withheld" };
  return { word, document, text, facts: { custody, ...licenseOf(state, document) } };
}

function licenseOf({ kind }: AnyState, document: JsonLdObject): Pick<ItemFacts, "licenseStatus" | "licenseUrl"> {
  if (kind !== "event") return { licenseStatus: "unknown", licenseUrl: undefined };
  const { license, "sel:licenseStatus": said } = document;
  return {
    licenseStatus: LICENSE_STATUSES.find((status): status is LicenseStatus => status === said) ?? "unknown",
    licenseUrl: typeof license === "string" ? license : undefined,
  };
}
