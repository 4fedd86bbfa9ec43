/** The same JSON-LD as RDF: N-Triples and Turtle, with bundled contexts only. */
import jsonld from "jsonld";
import { Parser, Writer, type Quad } from "n3";
import { createDocumentLoader } from "./contexts.ts";
import type { JsonLdObject } from "./encode.ts";
import { PROV, SCHEMA, SEL, XSD } from "./vocabulary.ts";

export interface RdfOptions {
  /** This node's public base URL. */
  base: string;
  /** Begins every blank node's label, so that documents put one after the other share none: "e7" gives _:e7b0. */
  label?: string;
}

/** N-Triples (RDF 1.1), one statement a line. Safe mode: a term that would be dropped throws. */
export async function toNTriples(document: JsonLdObject, options: RdfOptions): Promise<string> {
  const text = (await jsonld.toRDF(document, {
    format: "application/n-quads",
    documentLoader: createDocumentLoader(options.base) as never,
    safe: true,
  } as jsonld.Options.ToRdf)) as unknown as string;
  return options.label === undefined ? text : write(parse(text, options.label), "N-Triples");
}

/** Turtle with the prefixes schema, sel, prov and xsd. */
export async function toTurtle(document: JsonLdObject, { base, label = "" }: RdfOptions): Promise<string> {
  return write(parse(await toNTriples(document, { base }), label), "Turtle");
}

/** Without a prefix of its own n3 numbers the blank nodes of each parse anew, and the same state would get other bytes. */
const parse = (text: string, label: string) => new Parser({ format: "N-Triples", blankNodePrefix: `_:${label}` }).parse(text);

function write(quads: Quad[], format: "Turtle" | "N-Triples"): Promise<string> {
  const writer = new Writer({ format, ...(format === "Turtle" && { prefixes: { schema: SCHEMA, sel: SEL, prov: PROV, xsd: XSD } }) });
  writer.addQuads(quads);
  return new Promise((resolve, reject) => writer.end((error, text: string) => (error ? reject(error) : resolve(text))));
}
