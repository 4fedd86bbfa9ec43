/** A search's filters as the index knows them: tags, and what only the rows can tell. Time and place come first: coarse tags rule out most. */
import { hoursBetween } from "../db/event-conditions.ts";
import type { Exactly, Wanted } from "../db/search-found.ts";
import { eventsOn } from "../db/search-extent.ts";
import { idsOfUri } from "../db/search-hits.ts";
import type { EntityRef } from "../db/lists.ts";
import type { Reader } from "../db/handle.ts";
import { isPublic, LIFECYCLE_STATES } from "../domain/lifecycle.ts";
import { beginningOf, boxAround, boxOf, cellsOf, endOf, timesOf } from "./cells.ts";
import { at } from "./moments.ts";
import type { SearchFilters } from "./request.ts";

/** Of so many events that go on at once, search is told which; of more, each is asked for itself. */
const MOST_ON = 5_000;

type Timed = ReturnType<typeof at<SearchFilters>>;

/** What an event must be to pass, whatever its words. */
export async function criteriaOf(on: Reader, filters: SearchFilters, now: number): Promise<Wanted> {
  const { states, city, region, country, venue, organizer, involves, domain, keywords, language, free, accessibility, origin, among } =
    filters;
  const timed = at(filters, now);
  const hidden = states.some((state) => !isPublic(state));
  const everyPublic = !hidden && LIFECYCLE_STATES.filter(isPublic).every((state) => states.includes(state));
  const venues = venue && (await idsOf(on, venue, ["places"]));
  const organizers = organizer && (await idsOf(on, organizer, ["organizations", "persons"]));
  const all = [
    ...(city === undefined ? [] : [`city:${city}`]),
    ...(region === undefined ? [] : [`region:${region}`]),
    ...(country === undefined ? [] : [`country:${country}`]),
    ...(domain === undefined ? [] : [`domain:${domain}`]),
    ...(involves === undefined ? [] : [`involves:${involves}`]),
    ...(language === undefined ? [] : [`language:${language}`]),
    ...(free === undefined ? [] : [`free:${free}`]),
    ...(accessibility ?? []).map((feature) => `accessibility:${feature}`),
    ...(origin === undefined ? [] : [`origin:${origin}`]),
  ];
  const anyOf = [
    ...(everyPublic ? [] : [states.map((state) => `state:${state}`)]),
    ...(venues === undefined ? [] : [venues.map((id) => `venue:${id}`)]),
    ...(organizers === undefined ? [] : [organizers.map((id) => `organizer:${id}`)]),
    ...(keywords === undefined ? [] : [keywords.map((word) => `keyword:${word}`)]),
    ...areas(timed),
  ];
  const ids = among ?? (timed.on === undefined ? undefined : await eventsOn(on, timed.on, MOST_ON));
  return { all, anyOf, timely: times(timed), hidden, exactly: exactlyOf(timed, venues), ...(ids !== undefined && { among: ids }) };
}

/** None where it is unknown: then no event passes. */
async function idsOf(on: Reader, ref: EntityRef, tables: readonly ("places" | "organizations" | "persons")[]): Promise<string[]> {
  return "id" in ref ? [ref.id] : idsOfUri(on, ref.uri, tables);
}

/** Tags of the dates, days and hours in which an event may lie. */
function times({ startDate, endDate, starts, days, hours }: Timed): string[][] {
  const sets: (string[] | undefined)[] = [
    startDate === undefined || endDate === undefined ? undefined : timesOf(beginningOf(startDate), endOf(endDate)),
    starts?.from === undefined || starts.until === undefined || starts.until < starts.from ? undefined : timesOf(starts.from, starts.until),
    days?.map((day) => `day:${day}`),
    hours && hoursBetween(hours).map((hour) => `hour:${hour}`),
  ];
  return sets.filter((tags) => tags !== undefined);
}

/** Tags of the cells in which it may lie. */
function areas({ near, bbox, polygon }: Timed): string[][] {
  const sets = [near && cellsOf(boxAround(near)), bbox && cellsOf(bbox), polygon && cellsOf(boxOf(polygon))];
  return sets.filter((tags) => tags !== undefined);
}

function exactlyOf(
  { startDate, endDate, instants, starts, on, near, bbox, polygon, days, hours, price, city, region, country }: Timed,
  venues: readonly string[] | undefined,
): Exactly {
  const spot = {
    ...(city !== undefined && { city }),
    ...(region !== undefined && { region }),
    ...(country !== undefined && { country }),
    ...(venues && { venues }),
  };
  return {
    ...(Object.keys(spot).length > 0 && { at: spot }),
    ...(startDate !== undefined && { startDate }),
    ...(endDate !== undefined && { endDate }),
    ...(instants !== undefined && { instants }),
    ...(starts !== undefined && { starts }),
    ...(on !== undefined && { on }),
    ...(near !== undefined && { near }),
    ...(bbox !== undefined && { bbox }),
    ...(polygon !== undefined && { polygon }),
    ...(days !== undefined && { days }),
    ...(hours !== undefined && { hours }),
    ...(price !== undefined && { price }),
  };
}
