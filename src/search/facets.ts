/** How many of what was found bear each city, domain, keyword …: counted whole where it is little, else of a sample and scaled never. */
import type { Reader } from "../db/handle.ts";
import type { Wanted } from "../db/search-found.ts";
import { countFacets } from "../db/search-hits.ts";
import type { Facet, SearchAnswer } from "./request.ts";

/** Where no more events are expected they are counted whole; of more, a sample: the first that the index gives. */
const WHOLE = 4_000;
const SAMPLE = 2_000;

export async function facetsOf(
  on: Reader,
  wanted: Wanted,
  names: readonly Facet[],
  expected: number,
): Promise<Pick<SearchAnswer, "facets" | "facetsExact">> {
  const most = expected > WHOLE ? SAMPLE : WHOLE;
  const { counted, facets } = await countFacets(on, wanted, names, most);
  const of = (name: Facet) =>
    facets.filter(({ tag }) => tag.startsWith(`${name}:`)).map(({ tag, count }) => ({ value: tag.slice(name.length + 1), count }));
  return { facets: Object.fromEntries(names.map((name) => [name, of(name)])), facetsExact: counted < most };
}
