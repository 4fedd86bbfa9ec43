/** The words in which judges write what a query asks for: conditions on an event, joined by all, any and not. */
import type { CorpusEvent } from "../corpus.ts";

export type Condition = (event: CorpusEvent) => boolean;

/** A query, the need behind it in words, and who meets it; an event gets the grade of the first line that it fits. */
export interface JudgedNeed {
  query: string;
  need: string;
  grades: readonly (readonly [grade: 1 | 2 | 3, condition: Condition])[];
}

export const all =
  (...conditions: Condition[]): Condition =>
  (event) =>
    conditions.every((one) => one(event));
export const any =
  (...conditions: Condition[]): Condition =>
  (event) =>
    conditions.some((one) => one(event));
export const not =
  (condition: Condition): Condition =>
  (event) =>
    !condition(event);

export const name =
  (pattern: RegExp): Condition =>
  (event) =>
    pattern.test(event.name);
/** Anything that the event says of itself. */
export const says =
  (pattern: RegExp): Condition =>
  ({ name: title, keywords, description }) =>
    pattern.test(`${title}\n${keywords.join("\n")}\n${description}`);
/** Venue, city and country; a conference's organizer is where it is held. */
export const at =
  (pattern: RegExp): Condition =>
  ({ place, city, country }) =>
    pattern.test(`${place}\n${city}\n${country}`);
export const kind =
  (...keywords: string[]): Condition =>
  (event) =>
    keywords.some((one) => event.keywords.includes(one));
export const by =
  (pattern: RegExp): Condition =>
  (event) =>
    pattern.test(event.organizer);

/** Every technology conference bears this keyword; the city's events do not. */
export const conference: Condition = kind("conference");
export const inToronto: Condition = not(conference);
export const free: Condition = (event) => event.free === true;
export const online: Condition = (event) => event.online;

/** Under way on some day from the first to the last, both included: "2025-06-07". */
export const during =
  (first: string, last: string = first): Condition =>
  ({ start, end = start }) =>
    start.slice(0, 10) <= last && end.slice(0, 10) >= first;
/** Begins on some day from the first to the last: "2025-06" means the month. */
export const begins =
  (first: string, last: string = first): Condition =>
  ({ start }) =>
    start.slice(0, first.length) >= first && start.slice(0, last.length) <= last;
/** Begins at such a local hour, `from` included, `to` not. A plain date has no hour. */
export const hours =
  (from: number, to: number): Condition =>
  ({ start }) =>
    start.includes("T") && Number(start.slice(11, 13)) >= from && Number(start.slice(11, 13)) < to;
/** Begins on one of these days of the week, 0 for Sunday. */
export const weekday =
  (...days: number[]): Condition =>
  ({ start }) =>
    days.includes(new Date(`${start.slice(0, 10)}T12:00:00Z`).getUTCDay());
/** Lasts at most so many days: what runs for months is on during any weekend, but nobody means it. */
export const lastsAtMost =
  (days: number): Condition =>
  ({ start, end = start }) =>
    Date.parse(end.slice(0, 10)) - Date.parse(start.slice(0, 10)) < days * 86_400_000;

/** At most so many metres from a point, on a plane, which is exact enough within a city. */
export const near =
  (latitude: number, longitude: number, metres: number): Condition =>
  (event) => {
    if (event.latitude === undefined || event.longitude === undefined) return false;
    const north = (event.latitude - latitude) * 111_200;
    const east = (event.longitude - longitude) * 111_200 * Math.cos((latitude * Math.PI) / 180);
    return Math.hypot(north, east) <= metres;
  };
