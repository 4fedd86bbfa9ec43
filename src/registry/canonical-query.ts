/** One spelling for one search, so that it can be kept, compared and linked to. */
import { RegistryError } from "../domain/errors.ts";

/** Say how an answer is to look, not what is searched for. */
const NOT_THE_SEARCH: ReadonlySet<string> = new Set(["limit", "after", "format", "explain", "facets", "highlight"]);
const MOST_CHARACTERS = 8_000;

/**
 * "?city=Toronto&after=x&q=free+jazz&domain=" -> "city=Toronto&q=free+jazz": sorted by name, without empty values and
 * what is not the search itself. Parameters of one name keep their order. Throws `invalid_query`.
 */
export function canonicalQuery(query: string): URLSearchParams {
  const kept = [...new URLSearchParams(query)].filter(([name, value]) => !NOT_THE_SEARCH.has(name) && value !== "");
  const canonical = new URLSearchParams(kept.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  const text = canonical.toString();
  if (text.length > MOST_CHARACTERS) {
    throw new RegistryError("invalid_query", { detail: `query: it is longer than ${MOST_CHARACTERS} characters.`, pointer: "/query" });
  }
  if (text.includes("%00")) throw new RegistryError("invalid_query", { detail: "query: it holds a NUL.", pointer: "/query" });
  return canonical;
}
