/**
 * Holds every document of an export against all that a reader may ask of it:
 *
 *   npx calends export > export.jsonl && npm run check:export -- export.jsonl
 *
 * No term is dropped (safe mode), our context alone gives the same triples, the SHACL shapes hold, Google's required Event
 * properties are there, and tsc compiles it against schema-dts. Exit code 1 when one document fails one check.
 */
import { readFileSync } from "node:fs";
import { ownContextUrl } from "../src/jsonld/contexts.ts";
import type { JsonLdObject } from "../src/jsonld/encode.ts";
import { googleEventFaults } from "./support/google-event.ts";
import { createShapesChecker, strictTriples, triples } from "./support/linked-data.ts";
import { compile } from "./support/schema-dts.ts";

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error("Say which file: npm run check:export -- export.jsonl");
  process.exit(2);
}
const documents = readFileSync(file, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as JsonLdObject & { "@context": string[]; "@id": string; "@type": string });
const base = documents[0]!["@context"][1]!.replace(ownContextUrl(""), "");
const isEvent = ({ "@id": id }: { "@id": string }) => id.includes("/events/");
const typeOf = (document: (typeof documents)[number]) =>
  isEvent(document)
    ? "Licensed"
    : document["@id"].includes("/places/")
      ? "Place"
      : document["@id"].includes("/persons/")
        ? "Person"
        : "Organization";

const faults: string[] = [];
const note = (id: string, check: string, found: unknown) => faults.push(`${id} ${check}: ${String(found).slice(0, 300)}`);
const shapes = createShapesChecker(base);
for (const document of documents) {
  const id = document["@id"];
  try {
    const [strict, alone] = [await strictTriples(document, base), await triples({ ...document, "@context": ownContextUrl(base) }, base)];
    if (strict.length === 0 || strict.join() !== alone.join())
      note(id, "triples", `${strict.length} with both contexts, ${alone.length} with ours alone`);
  } catch (error) {
    note(id, "expansion", error);
  }
  if (isEvent(document)) for (const fault of googleEventFaults(document)) note(id, "Google", fault);
}
for (let at = 0; at < documents.length; at += 500)
  for (const fault of await shapes(documents.slice(at, at + 500))) note("", "shapes", fault);
for (let at = 0; at < documents.length; at += 2_000) {
  const said = await compile(documents.slice(at, at + 2_000).map((document) => ({ type: typeOf(document), document })));
  if (said !== "") note("", "schema-dts", said);
}
for (const fault of faults.slice(0, 50)) console.error(fault);
console.log(`${documents.length} documents (${documents.filter(isEvent).length} events): ${faults.length} faults`);
process.exitCode = faults.length > 0 ? 1 : 0;
