/** What search found, as the API says it: the events as in lists, and beside each why it is there. */
import { PATH_OF_KIND, ulidOf, uriOf } from "../domain/iri.ts";
import { encodeText } from "../jsonld/encode.ts";
import type { SearchAnswer, SearchHit, Suggestion } from "../search/request.ts";
import { occurrenceAt, occurrenceJson } from "./matching-occurrence.ts";

const KIND_OF_SUGGESTION = { event: "event", place: "place", organization: "organization", person: "person" } as const;

/** `{"items":[…],"hits":[…],"next_cursor":…,…}`: the items are canonical texts, `hits` runs parallel to them. */
export function searchText(answer: SearchAnswer, base: string): string {
  return withItems(answer.hits, base, besidesItems(answer, base));
}

/** `{"items":[…],"hits":[…],"next_cursor":null}`: there is one page. */
export function similarText(hits: readonly SearchHit[], base: string): string {
  return withItems(hits, base, { hits: hits.map((hit) => hitOf(hit, base)), next_cursor: null });
}

/** `{"suggestions":[{"text":"jazz","kind":"word"},…]}`. */
export function suggestionsText(suggestions: readonly Suggestion[], base: string): string {
  return JSON.stringify({
    suggestions: suggestions.map(({ text, kind, ref }) => ({
      text,
      kind,
      ...(ref !== undefined && kind !== "word" && { "@id": idOf(base, KIND_OF_SUGGESTION[kind], ref) }),
    })),
  });
}

function withItems(hits: readonly SearchHit[], base: string, others: object): string {
  return `{"items":[${hits.map(({ event }) => encodeText(event, { base })).join(",")}],${JSON.stringify(others).slice(1)}`;
}

function besidesItems(answer: SearchAnswer, base: string): object {
  const { hits, next, total, mode, ranked, completeUntil, resultsFor, relaxed, understood, facets, facetsExact, explain } = answer;
  return {
    hits: hits.map((hit) => hitOf(hit, base)),
    next_cursor: next ?? null,
    total,
    mode,
    ranked,
    ...(completeUntil !== undefined && { complete_until: completeUntil }),
    ...(resultsFor !== undefined && { results_for: resultsFor }),
    ...(relaxed && { relaxed }),
    ...(understood.length > 0 && { understood }),
    ...(facets !== undefined && { facets }),
    ...(facetsExact !== undefined && { facets_exact: facetsExact }),
    ...(explain !== undefined && { explain }),
  };
}

function hitOf({ event, start, localDate, distance, score, legs, matched, highlights, origin }: SearchHit, base: string): object {
  return {
    "@id": uriOf(base, "event", event),
    ...(event.federationUri !== undefined && { local_page: uriOf(base, "event", { id: event.id }) }),
    occurrence: occurrenceJson(event, occurrenceAt(event, start, localDate), base),
    ...(distance !== undefined && { distance: Math.round(distance) }),
    ...(score !== undefined && { score }),
    legs,
    matched,
    highlights,
    ...(origin !== undefined && { origin }),
  };
}

function idOf(base: string, kind: keyof typeof PATH_OF_KIND, ref: NonNullable<Suggestion["ref"]>): string {
  return "uri" in ref ? ref.uri : `${base}/${PATH_OF_KIND[kind]}/${ulidOf(ref.id)}`;
}
