/** What phrases of a query mean as filters: "on Saturday afternoon" is a day and hours. They never rule anything out; what keeps to them comes first. */
import type { Reader } from "../db/handle.ts";
import type { Wanted } from "../db/search-found.ts";
import { criteriaOf } from "./criteria.ts";
import type { ParsedQuery } from "./parse-query.ts";
import { readPhrases, type Phrase } from "./query-phrases.ts";
import type { SearchAnswer, SearchFilters } from "./request.ts";

export interface Understood {
  /** The words that are left over; undefined when the phrases were all there is. */
  rest: ParsedQuery | undefined;
  /** The search's own filters and those of the phrases. */
  criteria: Wanted;
  phrases: SearchAnswer["understood"];
}

/** Undefined where no phrase of the query means a filter that the search does not have already. */
export async function understand(
  on: Reader,
  asked: ParsedQuery,
  filters: SearchFilters,
  now: number,
  timezone: string,
): Promise<Understood | undefined> {
  if (asked.literal) return undefined;
  const { rest, phrases } = readPhrases(asked, new Date(now), timezone);
  const meanings = phrases.flatMap((phrase) => {
    const filter = filterOf(phrase, filters);
    return filter === undefined ? [] : [{ text: phrase.text, ...filter }];
  });
  if (meanings.length === 0) return undefined;
  const narrowed = Object.assign({}, filters, ...meanings.map(({ filter }) => filter)) as SearchFilters;
  return {
    rest: rest.groups.length === 0 || rest.text === asked.text ? undefined : rest,
    criteria: await criteriaOf(on, narrowed, now),
    phrases: meanings.map(({ text, means }) => ({ text, means })),
  };
}

const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const clock = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

/** What was asked for by parameter is not asked for again by words. */
function filterOf(phrase: Phrase, filters: SearchFilters): { filter: Partial<SearchFilters>; means: string } | undefined {
  switch (phrase.kind) {
    case "dates": {
      if (filters.instants !== undefined) return undefined;
      // Within the days that were asked for by parameter; where nothing is left of them, the parameter holds.
      const startDate = [phrase.startDate, filters.startDate ?? ""].toSorted().at(-1)!;
      const endDate = [phrase.endDate, filters.endDate ?? "9999-12-31"].toSorted()[0]!;
      if (endDate < startDate) return undefined;
      return { filter: { startDate, endDate }, means: startDate === endDate ? startDate : `${startDate} to ${endDate}` };
    }
    case "weekday":
      return filters.days === undefined
        ? { filter: { days: phrase.days }, means: phrase.days.map((day) => DAYS[day - 1]).join(", ") }
        : undefined;
    case "hours": {
      if (filters.hours !== undefined) return undefined;
      const { from, until } = phrase;
      return { filter: { hours: { from, until: until % (24 * 60) } }, means: `${clock(from)}–${clock(until % (24 * 60))}` };
    }
    case "free":
      return filters.free === undefined ? { filter: { free: true }, means: "free of charge" } : undefined;
    case "price":
      return filters.price === undefined
        ? {
            filter: { price: { most: phrase.most, ...(phrase.currency !== undefined && { currency: phrase.currency }) } },
            means: `at most ${phrase.most} ${phrase.currency ?? ""}`.trim(),
          }
        : undefined;
    // Names of places are words of the index as they are.
    case "place":
    case "online":
    case "accessible":
      return undefined;
  }
}
