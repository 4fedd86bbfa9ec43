/** How many of what was found bear each city, domain, keyword …: counted whole where it is little, else of a sample and scaled never. */
import type { Reader } from "../db/handle.ts";
import type { Wanted } from "../db/search-found.ts";
import { countFacets } from "../db/search-hits.ts";
import type { Facet, SearchAnswer } from "./request.ts";

/** Events that are counted; beyond them the counts are of the first that the index gives. */
const COUNTED = 4_000;

export async function facetsOf(on: Reader, wanted: Wanted, names: readonly Facet[]): Promise<Pick<SearchAnswer, "facets" | "facetsExact">> {
  const { counted, facets } = await countFacets(on, wanted, names, COUNTED);
  const of = (name: Facet) =>
    facets.filter(({ tag }) => tag.startsWith(`${name}:`)).map(({ tag, count }) => ({ value: tag.slice(name.length + 1), count }));
  return { facets: Object.fromEntries(names.map((name) => [name, of(name)])), facetsExact: counted < COUNTED };
}
