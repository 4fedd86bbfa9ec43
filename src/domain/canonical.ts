/**
 * From the winning claims to what the registry holds of an event: pure, and the same for the same winners.
 */
import { assertTransition, type LifecycleState } from "./lifecycle.ts";
import { isKept } from "./kept-times.ts";
import type { Claim } from "./provenance.ts";
import { canonicalSeries, type CanonicalSeries } from "./canonical-series.ts";
import type { ClaimField, EventFields, Offer, PlaceMention } from "./submission.ts";
import { EVENT_DOMAINS, type EventDomain, type EventStatus } from "./vocabulary.ts";
import { endsAfter, instantOf, isDate, zoneOf } from "./when.ts";

/** One happening, ready for event_occurrences; times in milliseconds since 1970. */
export interface CanonicalOccurrence {
  startAt: number;
  endAt?: number;
  doorAt?: number;
  previousStartAt?: number;
  timezone: string;
  startIsDate: boolean;
  endIsDate: boolean;
  eventStatus?: EventStatus;
  virtualUrl?: string;
}

export interface CanonicalEvent {
  fields: EventFields;
  domain: EventDomain;
  prices: { low?: string; high?: string; currency?: string };
  confidence: number;
  /** Empty for a recurring event. */
  occurrences: CanonicalOccurrence[];
  series?: CanonicalSeries;
}

/** `zoneAt` gives the zone of a point on Earth; dates without a zone of their own are read there, else in UTC. */
export function canonicalEvent(
  winners: ReadonlyMap<ClaimField, Claim>,
  zoneAt: (place: PlaceMention | undefined) => string | undefined,
): CanonicalEvent {
  const named = [...winners].filter(([field]) => !field.startsWith("subEvent/"));
  const fields = Object.fromEntries(named.map(([field, claim]) => [field, claim.value])) as EventFields;
  const zone = zoneOf(fields.startDate) ?? zoneAt(fields.location) ?? "UTC";
  const series = canonicalSeries(fields, winners, zone);
  return {
    fields,
    domain: fields.eventDomain ?? domainOf(fields.type),
    prices: priceRange(fields.offers ?? []),
    confidence: Math.min(...[...winners.values()].map((claim) => claim.confidence)),
    ...(series === undefined ? { occurrences: occurrencesOf(fields, zone) } : { occurrences: [], series }),
  };
}

function occurrencesOf(fields: EventFields, zone: string): CanonicalOccurrence[] {
  const first = occurrence(fields, zone);
  const others = (fields.subEvent ?? []).map((one) => ({
    ...occurrence(one, zone),
    ...(one.eventStatus && { eventStatus: one.eventStatus }),
    ...(one.virtualUrl && { virtualUrl: one.virtualUrl }),
  }));
  if (others.length === 0) return [first];
  // Sub-events are the days of the event; the event's own span is theirs.
  return others.toSorted((a, b) => a.startAt - b.startAt);
}

function occurrence(
  when: Pick<EventFields, "startDate" | "endDate" | "doorTime" | "previousStartDate">,
  zone: string,
): CanonicalOccurrence {
  const at = (text: string) => instantOf(text, zone);
  const { startDate, endDate, doorTime, previousStartDate } = when;
  const timezone = zoneOf(startDate) ?? zone;
  // What another source tells in a zone of its own may be a year later here.
  const shown = (text: string | undefined): text is string => text !== undefined && isKept(text, timezone);
  const end = shown(endDate) && endsAfter(startDate, endDate) ? endDate : undefined;
  return {
    startAt: at(startDate),
    timezone,
    startIsDate: isDate(startDate),
    endIsDate: end !== undefined && isDate(end),
    // An end that is a date, on the day of a timed start, is not before it: it is shown as the date it is. Nor is a time of another
    // zone on the day of a start that is a date.
    ...(end !== undefined && { endAt: Math.max(at(end), at(startDate)) }),
    ...(shown(doorTime) && !isDate(doorTime) && { doorAt: at(doorTime) }),
    ...(shown(previousStartDate) && { previousStartAt: at(previousStartDate) }),
  };
}

const DOMAIN_OF_TYPE: Partial<Record<EventFields["type"], EventDomain>> = {
  MusicEvent: "music",
  SportsEvent: "sports",
  EducationEvent: "education",
  CourseInstance: "education",
  SocialEvent: "community",
  VisualArtsEvent: "arts",
  ExhibitionEvent: "arts",
  TheaterEvent: "arts",
  DanceEvent: "arts",
  PerformingArtsEvent: "arts",
  LiteraryEvent: "culture",
  ScreeningEvent: "culture",
  Festival: "culture",
  ComedyEvent: "arts",
};

/** Of an event that names no domain itself, by its type of schema.org's. */
export function domainOf(type: string): EventDomain {
  return DOMAIN_OF_TYPE[type as EventFields["type"]] ?? EVENT_DOMAINS[EVENT_DOMAINS.length - 1]!;
}

/** Lowest and highest price of offers in one currency; of mixed currencies, the first one's. Decimal text, never a float. */
function priceRange(offers: readonly Offer[]): CanonicalEvent["prices"] {
  const currency = offers.find((offer) => offer.priceCurrency !== undefined)?.priceCurrency;
  const prices = offers
    .filter((offer) => offer.priceCurrency === currency)
    .flatMap((offer) => [offer.price, offer.lowPrice, offer.highPrice])
    .filter((price) => price !== undefined)
    .toSorted((a, b) => Number(a) - Number(b));
  const low = prices[0];
  const high = prices.at(-1);
  return { ...(low !== undefined && { low }), ...(high !== undefined && { high }), ...(currency !== undefined && { currency }) };
}

/** The state that a status alone means. */
export function stateOf(status: EventStatus | undefined): LifecycleState {
  switch (status) {
    case "EventCancelled":
      return "cancelled";
    case "EventPostponed":
      return "postponed";
    case "EventRescheduled":
      return "rescheduled";
    default:
      return "published";
  }
}

const SPOKEN_OF: readonly LifecycleState[] = ["published", "postponed", "rescheduled", "cancelled"];

/**
 * The state of an event that a hand (or a job) has set, when the status that sources give becomes another: what a status
 * does not speak of (sold out, completed, hidden) stays while they say "scheduled", and else moves by the table; a pair
 * outside it throws `invalid_transition`.
 */
export function nextState(current: LifecycleState, status: EventStatus | undefined): LifecycleState {
  const wanted = stateOf(status);
  if (SPOKEN_OF.includes(current)) return wanted;
  if (wanted === "published") return current;
  assertTransition(current, wanted);
  return wanted;
}

/**
 * What a source's new word says in the light of the one before. One that moves its own event says where it was before,
 * whether it wrote that down or not; one that gives a postponed event a new start reschedules it. This is settled here,
 * within one source's own words, so that no other source's arrival can change it. Throws `invalid_transition` for a
 * status that the table does not let this source say next.
 */
export function inSequence(before: Partial<EventFields>, now: EventFields): EventFields {
  const { startDate, eventStatus: was } = before;
  if (startDate === undefined) return now;
  const dated = isDate(startDate) || isDate(now.startDate);
  const moved = dated ? startDate !== now.startDate : instantOf(startDate) !== instantOf(now.startDate);
  const plain = now.eventStatus === undefined || now.eventStatus === "EventScheduled";
  const goesOn = plain && (was === "EventRescheduled" || (was === "EventPostponed" && moved));
  const eventStatus = goesOn ? "EventRescheduled" : now.eventStatus;
  assertTransition(stateOf(was), stateOf(eventStatus));
  if (eventStatus !== "EventPostponed" && eventStatus !== "EventRescheduled") return now;
  const previous = now.previousStartDate ?? (moved ? startDate : before.previousStartDate);
  return { ...now, eventStatus, ...(previous !== undefined && { previousStartDate: previous }) };
}
