/** The stream of the corpus' events, drawn one at a time so that a million of them need no memory. */
import { CITIES } from "./cities.ts";
import type { Cast, Performer, Venue } from "./cast.ts";
import { weighted, type Chance } from "./random.ts";
import type { Domain, Speech, Wording } from "./wording.ts";

export interface Occurrence {
  /** Local time and zone as PostgreSQL reads them: "2026-05-29 20:00 Europe/Paris". */
  start: string;
  end: string | undefined;
  timezone: string;
  allDay: boolean;
  /** Only where it is another one than the event's. */
  venue: Venue | undefined;
}

export interface CorpusEvent {
  id: string;
  type: string;
  name: string;
  description: string | undefined;
  lifecycle: string;
  status: string;
  domain: Domain;
  venue: Venue | undefined;
  /** Set where there is no venue. */
  virtualUrl: string | undefined;
  organizer: { id: string } | undefined;
  performers: Performer[];
  keywords: string[];
  languages: string[];
  free: boolean | undefined;
  price: { low: number; high: number; currency: string } | undefined;
  accessibility: string[];
  /** Which of the peers it came from; undefined for most. */
  origin: number | undefined;
  occurrences: Occurrence[];
}

/** The day from which "ahead" is counted: Monday of the week of 2026-05-22. */
const MONDAY = Date.UTC(2026, 4, 18);
const DAY = 86_400_000;
const weekdayBy = weighted([7, 8, 10, 13, 20, 25, 17]);
const eveningBy = weighted([0, 0, 0, 0, 0, 0, 0, 1, 2, 5, 8, 6, 5, 4, 6, 4, 4, 6, 14, 24, 18, 9, 5, 1]);
const weekendBy = weighted([0, 0, 0, 0, 0, 0, 0, 1, 3, 8, 14, 12, 10, 12, 16, 12, 8, 7, 10, 16, 14, 8, 6, 2]);
const LIFECYCLES = ["published", "cancelled", "sold_out", "postponed", "rescheduled", "draft", "withdrawn"];
const lifecycleBy = weighted([940, 20, 10, 6, 4, 15, 5]);
const STATUS: Readonly<Record<string, string>> = {
  cancelled: "EventCancelled",
  postponed: "EventPostponed",
  rescheduled: "EventRescheduled",
};
const LANGUAGES = ["de", "es", "nl", "it", "pt", "sv"];
const ACCESS = ["wheelchairAccessible", "stepFreeAccess", "signLanguage", "audioDescription", "captions", "hearingLoop"];
export const PEERS = 3;

/** Draws `count` events; `mint` gives each its id. */
export function* drawEvents(count: number, by: Chance, cast: Cast, wording: Wording, mint: () => string): Generator<CorpusEvent> {
  for (let n = 0; n < count; n++) {
    const venue = by.likely(0.97) ? cast.venue(by) : undefined;
    const city = CITIES[venue?.city ?? by.below(CITIES.length)]!;
    const domain = wording.domain(by);
    const language = by.next();
    const french = (language >= 0.6 && language < 0.7) || (language < 0.6 && city.country === "FR");
    const speech: Speech = french ? "fr" : "en";
    const performers = new Map<string, Performer>();
    for (let left = by.below(4); left > 0; left--) {
      const performer = cast.performer(by);
      performers.set(performer.id, performer);
    }
    const performing = [...performers.values()];
    const named = wording.event(by, { domain, speech, venue: venue?.name, performer: performing[0]?.name, city: city.name });
    const free = by.likely(0.3) ? true : by.likely(0.7) ? false : undefined;
    const low = 5 * (1 + by.skewed(40, 2));
    const lifecycle = LIFECYCLES[lifecycleBy(by)]!;
    yield {
      id: mint(),
      ...named,
      description: wording.description(by),
      lifecycle,
      status: STATUS[lifecycle] ?? "EventScheduled",
      domain,
      venue,
      virtualUrl: venue === undefined ? `https://stream.example/${n}` : undefined,
      organizer: by.likely(0.9) ? cast.organizer(by) : undefined,
      performers: performing,
      keywords: wording.keywords(by),
      languages: language < 0.6 ? [] : language < 0.7 ? ["fr"] : by.likely(0.05) ? [by.one(LANGUAGES)] : ["en"],
      free,
      price:
        free === false && by.likely(0.8)
          ? { low, high: by.likely(0.3) ? low + 5 * by.below(20) : low, currency: city.currency }
          : undefined,
      accessibility: by.likely(0.2) ? [by.one(ACCESS)] : [],
      origin: by.likely(0.08) ? by.below(PEERS) : undefined,
      occurrences: occurrences(by, cast, city.timezone, venue),
    };
  }
}

function occurrences(by: Chance, cast: Cast, timezone: string, venue: Venue | undefined): Occurrence[] {
  // One in three within the year before, the others in the two years ahead, the near ones more often.
  const week = by.likely(1 / 3) ? -1 - by.below(52) : Math.min(104, Math.floor(-35 * Math.log(1 - by.next() * 0.95)));
  const first = MONDAY + (7 * week + weekdayBy(by)) * DAY;
  const allDay = by.likely(0.08);
  const weekend = [0, 6].includes(new Date(first).getUTCDay());
  const time = allDay ? 0 : (weekend ? weekendBy : eveningBy)(by) * 60 + (by.likely(0.7) ? 0 : by.one([15, 30, 45]));
  const minutes = allDay ? (by.likely(0.3) ? DAY / 60_000 : undefined) : by.likely(0.85) ? 60 + 30 * by.below(7) : undefined;
  const several = by.likely(0.05);
  const step = several ? by.one([1, 7, 7]) : 0;
  const tours = several && venue !== undefined && by.likely(0.1);
  return Array.from({ length: several ? 2 + by.skewed(29, 2) : 1 }, (_, n) => {
    const start = first + n * step * DAY + time * 60_000;
    return {
      start: local(start, timezone),
      end: minutes === undefined ? undefined : local(start + minutes * 60_000, timezone),
      timezone,
      allDay,
      venue: tours && n > 0 ? cast.venue(by) : undefined,
    };
  });
}

/** A wall clock's time, written without regard to what UTC it is. */
const local = (wall: number, timezone: string) => `${new Date(wall).toISOString().slice(0, 16).replace("T", " ")} ${timezone}`;
