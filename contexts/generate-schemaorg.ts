/**
 * Writes contexts/schemaorg.jsonld from the vocabulary's own typing in the package schema-dts:
 *   node contexts/generate-schemaorg.ts
 *
 * schema.org's published context says `@vocab` for every term, and beyond that coerces the values of some
 * properties by what they may hold: only that is kept here. The rule, found by comparing with the published
 * file: a property that may hold Text or Time is not coerced; else URL makes `@id`, Date makes Date, DateTime
 * makes DateTime.
 */
import { readFileSync, writeFileSync } from "node:fs";

const typing = readFileSync(new URL("../node_modules/schema-dts/dist/schema.d.ts", import.meta.url), "utf8");
const ranges = new Map<string, Set<string>>();
for (const [, name, range] of typing.matchAll(/^ {4}"([A-Za-z0-9]+)"\?: SchemaValue<([^>]+), "/gm)) {
  const known = ranges.get(name!) ?? new Set<string>();
  for (const type of range!.split("|")) known.add(type.trim());
  ranges.set(name!, known);
}

const coerced = [...ranges].flatMap(([name, range]) => {
  if (range.has("Text") || range.has("Time")) return [];
  const type = range.has("URL") ? "@id" : range.has("Date") ? "Date" : range.has("DateTime") ? "DateTime" : undefined;
  return type === undefined ? [] : [[name, { "@id": `schema:${name}`, "@type": type }] as const];
});

const prefixes = {
  "@vocab": "http://schema.org/",
  type: "@type",
  id: "@id",
  HTML: { "@id": "rdf:HTML" },
  dc: "http://purl.org/dc/elements/1.1/",
  dcterms: "http://purl.org/dc/terms/",
  dct: "http://purl.org/dc/terms/",
  foaf: "http://xmlns.com/foaf/0.1/",
  owl: "http://www.w3.org/2002/07/owl#",
  prov: "http://www.w3.org/ns/prov#",
  rdf: "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
  rdfs: "http://www.w3.org/2000/01/rdf-schema#",
  schema: "http://schema.org/",
  skos: "http://www.w3.org/2004/02/skos/core#",
  xsd: "http://www.w3.org/2001/XMLSchema#",
};
const lines = [...Object.entries(prefixes), ...coerced.toSorted(([a], [b]) => (a < b ? -1 : 1))]
  .map(([term, definition]) => `    ${JSON.stringify(term)}: ${JSON.stringify(definition)}`);
writeFileSync(new URL("schemaorg.jsonld", import.meta.url), `{\n  "@context": {\n${lines.join(",\n")}\n  }\n}\n`);
