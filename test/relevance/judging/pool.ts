/**
 * Candidates for judging, from four plain methods over the raw corpus that share no code with the node's search:
 * BM25 over stemmed words, TF-IDF cosine over character trigrams, trigram likeness of names, and substrings.
 */
import { seriesKey, type CorpusEvent } from "../corpus.ts";

/** What the best of each method are. */
const DEPTH = 20;
const [K1, B] = [1.2, 0.75];

type Ranking = (query: string) => CorpusEvent[];

/** Makes the pool of a query: the first DEPTH of every method, a series of one name and place counted once. */
export function createPool(corpus: readonly CorpusEvent[]): Ranking {
  const series = [...Map.groupBy(corpus, seriesKey).values()].map(([first]) => first!);
  const methods = [byWords(series), byTrigrams(series), byName(series), bySubstring(series)];
  return (query) => [...new Set(methods.flatMap((method) => method(query).slice(0, DEPTH)))];
}

const plain = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").replaceAll("ø", "o").replaceAll("ł", "l").toLowerCase();
/** Words without the commonest English and French endings; crude, but nobody else's. */
const words = (text: string) =>
  (plain(text).match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => (word.length > 4 ? word.replace(/(ings?|ers?|ed|ies|es|s|e)$/, "") : word));
const trigrams = (text: string) => {
  const padded = ` ${words(text).join(" ")} `;
  return Array.from({ length: Math.max(0, padded.length - 2) }, (_, at) => padded.slice(at, at + 3));
};
const fieldsOf = ({ name, keywords, place, city, organizer, description, start }: CorpusEvent) =>
  [name, name, name, keywords.join(" "), place, city, organizer, description, start.slice(0, 4)].join(" ");

/** The events with a score, highest first; equal scores by name, so that a pool is the same every time. */
const ranked = (events: readonly CorpusEvent[], score: (event: CorpusEvent, index: number) => number): CorpusEvent[] =>
  events
    .map((event, index) => ({ event, score: score(event, index) }))
    .filter((one) => one.score > 0)
    .toSorted((a, b) => b.score - a.score || (a.event.name < b.event.name ? -1 : 1))
    .map((one) => one.event);

const counted = (terms: string[]) => {
  const counts = new Map<string, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
};
const rarity = (documents: readonly Map<string, number>[]) => {
  const found = counted(documents.flatMap((one) => [...one.keys()]));
  return (term: string) => Math.log(1 + (documents.length - (found.get(term) ?? 0) + 0.5) / ((found.get(term) ?? 0) + 0.5));
};

function byWords(events: readonly CorpusEvent[]): Ranking {
  const documents = events.map((event) => counted(words(fieldsOf(event))));
  const lengths = documents.map((one) => one.values().reduce((sum, count) => sum + count, 0));
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const idf = rarity(documents);
  return (query) => {
    const terms = [...new Set(words(query))];
    return ranked(events, (_, index) =>
      terms.reduce((sum, term) => {
        const count = documents[index]!.get(term) ?? 0;
        return sum + (idf(term) * count * (K1 + 1)) / (count + K1 * (1 - B + (B * lengths[index]!) / mean));
      }, 0),
    );
  };
}

function byTrigrams(events: readonly CorpusEvent[]): Ranking {
  const documents = events.map((event) => counted(trigrams([event.name, event.keywords.join(" "), event.place].join(" "))));
  const idf = rarity(documents);
  const vector = (counts: Map<string, number>) =>
    new Map(counts.entries().map(([term, count]) => [term, (1 + Math.log(count)) * idf(term)]));
  const length = (one: Map<string, number>) => Math.hypot(...one.values());
  const vectors = documents.map(vector);
  const lengths = vectors.map(length);
  return (query) => {
    const asked = vector(counted(trigrams(query)));
    return ranked(
      events,
      (_, index) =>
        asked.entries().reduce((sum, [term, weight]) => sum + weight * (vectors[index]!.get(term) ?? 0), 0) /
        (lengths[index]! * length(asked)),
    );
  };
}

function byName(events: readonly CorpusEvent[]): Ranking {
  const names = events.map((event) => new Set(trigrams(event.name)));
  return (query) => {
    const asked = new Set(trigrams(query));
    return ranked(events, (_, index) => (2 * asked.intersection(names[index]!).size) / (asked.size + names[index]!.size));
  };
}

function bySubstring(events: readonly CorpusEvent[]): Ranking {
  const texts = events.map((event) => plain(fieldsOf(event)));
  return (query) => {
    const asked = plain(query);
    const parts = asked.split(/\s+/).filter((part) => part.length > 3);
    return ranked(
      events,
      (_, index) =>
        (texts[index]!.includes(asked) ? 100 : 0) + (parts.length > 1 && parts.every((part) => texts[index]!.includes(part)) ? 10 : 0),
    );
  };
}
