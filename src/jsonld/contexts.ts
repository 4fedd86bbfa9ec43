/**
 * The contexts and shapes that this node carries, and the document loader that knows nothing else.
 *
 * No context is ever fetched: what a document means must not depend on what another host serves today, and a
 * submitted URL must not make this node call anybody.
 */
import { readFileSync } from "node:fs";
import { RegistryError } from "../domain/errors.ts";

const CONTEXTS = new URL("../../contexts/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, CONTEXTS), "utf8");

export const OWN_CONTEXT_NAME = "calends-v1.jsonld";
export const SHAPES_NAME = "shapes-v1.ttl";

/** File name -> text of each context, for `/contexts/{name}`. */
export const contextDocuments: Readonly<Record<string, string>> = Object.freeze({
  [OWN_CONTEXT_NAME]: read(OWN_CONTEXT_NAME),
  "schemaorg.jsonld": read("schemaorg.jsonld"),
});

/** The SHACL shapes of what we emit (Turtle), for `/shapes/shapes-v1.ttl`. */
export const shapesDocument: string = read(SHAPES_NAME);

/** What the loader hands to jsonld.js; `tag: "static"` lets it keep the processed context for ever. */
export interface LoadedDocument {
  contextUrl?: undefined;
  documentUrl: string;
  document: object;
  tag: "static";
}
export type DocumentLoader = (url: string) => Promise<LoadedDocument>;

/** "https://node.example" -> "https://node.example/contexts/calends-v1.jsonld" */
export function ownContextUrl(base: string): string {
  return `${base}/contexts/${OWN_CONTEXT_NAME}`;
}

// Parsed once: jsonld.js keeps what it made of a context by the identity of this object.
const SCHEMA_ORG_CONTEXT = JSON.parse(contextDocuments["schemaorg.jsonld"]!) as object;
const OWN_CONTEXT = JSON.parse(contextDocuments[OWN_CONTEXT_NAME]!) as object;

/** Every address under which people name schema.org's context. */
const SCHEMA_ORG = /^https?:\/\/(www\.)?schema\.org\/?(docs\/jsonldcontext\.json(ld)?|version\/latest\/schemaorg-[a-z-]+\.jsonld|#)?$/i;

/**
 * A jsonld.js documentLoader over the bundled contexts: schema.org's, and ours under any node's base (the file
 * is frozen, so a peer's copy is ours). Any other URL is an `invalid_body` that names it.
 */
export function createDocumentLoader(base: string): DocumentLoader {
  return async (url) => {
    if (SCHEMA_ORG.test(url)) return { documentUrl: url, document: SCHEMA_ORG_CONTEXT, tag: "static" };
    if (url === ownContextUrl(base) || isPeerCopy(url)) return { documentUrl: url, document: OWN_CONTEXT, tag: "static" };
    throw new RegistryError("invalid_body", {
      detail: `@context: remote contexts are never fetched; use https://schema.org (found ${url.slice(0, 200)})`,
      pointer: "/@context",
    });
  };
}

function isPeerCopy(url: string): boolean {
  return /^https?:\/\/[^/?#]+(\/[^?#]*)?\/contexts\/calends-v1\.jsonld$/.test(url);
}
