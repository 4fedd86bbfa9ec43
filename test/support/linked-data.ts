/** The three proofs of an encoded document: no term is dropped, its triples are those of our context alone, the shapes hold. */
import jsonld from "jsonld";
import { Parser, Store } from "n3";
import SHACLValidator from "rdf-validate-shacl";
import { createDocumentLoader, ownContextUrl, shapesDocument } from "../../src/jsonld/contexts.ts";

type Json = Record<string, unknown>;

/**
 * Sorted N-Triples of a document, in safe mode under our context *alone*. schema.org's context maps every word to
 * something (`@vocab`), so only ours can show that a term is undeclared: then this throws.
 */
export async function strictTriples(document: Json, base: string): Promise<string[]> {
  return triples({ ...document, "@context": ownContextUrl(base) }, base);
}

/** Sorted N-Triples of a document with its own @context, in safe mode. */
export async function triples(document: Json, base: string): Promise<string[]> {
  const nquads = await (jsonld.canonize(
    document as jsonld.JsonLdDocument,
    {
      format: "application/n-quads",
      algorithm: "RDFC-1.0",
      documentLoader: createDocumentLoader(base) as never,
      safe: true,
    } as never,
  ) as unknown as Promise<string>);
  return nquads
    .split("\n")
    .filter((line) => line !== "")
    .toSorted();
}

/**
 * A checker of documents against the shapes that the node serves: what breaks them, in words; empty when nothing does.
 * Each document is a graph of its own: two events at one place would otherwise give that place two addresses.
 */
export function createShapesChecker(base: string): (documents: Json[]) => Promise<string[]> {
  const validator = new SHACLValidator(new Store(new Parser().parse(shapesDocument)) as never);
  return async (documents) => {
    const faults: string[] = [];
    for (const document of documents) {
      const lines = await triples(document, base);
      const report = await validator.validate(new Store(new Parser({ format: "N-Quads" }).parse(lines.join("\n"))) as never);
      for (const result of report.results) {
        const message = result.message.map((term) => term.value).join(" ");
        faults.push(
          `${result.focusNode?.value ?? ""} ${(result.path as { value?: string } | null)?.value ?? ""} ${result.value?.value ?? ""}: ${message}`,
        );
      }
    }
    return faults;
  };
}
