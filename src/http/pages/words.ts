/**
 * The registry's closed words in plain English: types, status, attendance, licences; and names of countries and languages.
 */
import type { EventState, OccurrenceState } from "../../domain/state.ts";
import type { EventDomain, EventType, LicenseStatus } from "../../domain/vocabulary.ts";
import type { PostalAddress } from "../../domain/submission.ts";
import { formatWhen, isOver } from "./format.ts";
import { DEFAULT_LOCALE } from "./zones.ts";
import { displayNames } from "./formatters.ts";
import { isSoldOut } from "./price.ts";
import { nextDate, seriesWords } from "./series-dates.ts";
import { headStatus } from "./status-words.ts";

const TYPE_WORDS: Partial<Record<EventType, string>> = {
  ChildrensEvent: "Children’s event",
  CourseInstance: "Course",
  DeliveryEvent: "Delivery",
  EventSeries: "Series",
  ExhibitionEvent: "Exhibition",
  Festival: "Festival",
  Hackathon: "Hackathon",
  MusicEvent: "Music",
  ComedyEvent: "Comedy",
  DanceEvent: "Dance",
  TheaterEvent: "Theatre",
  PerformingArtsEvent: "Performing arts",
  VisualArtsEvent: "Visual arts",
  ScreeningEvent: "Screening",
  ConferenceEvent: "Conference",
};

/** "MusicEvent" -> "Music"; "SportsEvent" -> "Sports event". */
export function typeWord(type: EventType): string {
  return TYPE_WORDS[type] ?? sentence(type);
}

export const DOMAIN_WORDS = {
  arts: "Arts",
  music: "Music",
  culture: "Culture",
  sports: "Sports",
  community: "Community",
  education: "Education",
  general: "General",
} as const satisfies Record<EventDomain, string>;

export const LICENSE_WORDS = {
  cc0: "public domain (CC0)",
  "cc-by": "Creative Commons Attribution (CC BY)",
  proprietary: "all rights reserved",
  unknown: "licence not stated",
} as const satisfies Record<LicenseStatus, string>;

/** "wheelchairAccessible" -> "Wheelchair accessible". */
export function sentence(camel: string): string {
  const words = camel
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replaceAll(/[_-]+/g, " ")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a reader must know before going: `label` is the word, `detail` the sentence after it. */
export interface StatusNotice {
  tone: "warning" | "calm";
  label: string;
  detail: string;
}

/** The notices of an event at `now`, the gravest first; none for an event that simply takes place. */
export function statusNotices(event: EventState, now: Date, locale = DEFAULT_LOCALE): StatusNotice[] {
  const notices: StatusNotice[] = [];
  const previous =
    event.previousStartDate && formatWhen({ startDate: event.previousStartDate, timezone: event.timezone }, locale).start.text;
  const status = headStatus(event);
  if (status === "Cancelled") notices.push({ tone: "warning", label: "Cancelled", detail: "This event will not take place." });
  else if (status === "Postponed") {
    const planned = previous ?? formatWhen({ startDate: event.startDate, timezone: event.timezone }, locale).start.text;
    notices.push({ tone: "warning", label: "Postponed", detail: `It was to be on ${planned}. The new date is not known here.` });
  } else if (status === "Rescheduled") {
    notices.push({
      tone: "warning",
      label: "Rescheduled",
      detail: previous ? `It was to be on ${previous}. The time below is the new one.` : "The time below is the new one.",
    });
  }
  if (status === "Moved online")
    notices.push({ tone: "warning", label: "Moved online", detail: "There is nothing to see at the place; take part online." });
  if (isSoldOut(event) && !isWhollyOver(event, now))
    notices.push({ tone: "warning", label: "Sold out", detail: "There are no tickets left." });
  if (isWhollyOver(event, now)) notices.push({ tone: "calm", label: "Past", detail: "This event is over." });
  if (event.takedownAt)
    notices.push({ tone: "calm", label: "Text removed", detail: "The description was taken down at its owner’s request." });
  return notices;
}

/** Whether the dates shown will not be kept. */
export function isOff(event: EventState): boolean {
  const status = headStatus(event);
  return status === "Cancelled" || status === "Postponed";
}

/** The dates of an event that has no rule: all of them, in order. */
export function occurrencesOf(event: EventState): OccurrenceState[] {
  return event.occurrences ?? [event];
}

export function isWhollyOver(event: EventState, now: Date): boolean {
  if (event.lifecycleState === "completed") return true;
  return event.series ? nextDate(event, now) === undefined : occurrencesOf(event).every((occurrence) => isOver(occurrence, now));
}

/** The first occurrence that is not over; else the first of all. */
export function nextOccurrence(event: EventState, now: Date): OccurrenceState {
  return nextDate(event, now) ?? occurrencesOf(event).find((occurrence) => !isOver(occurrence, now)) ?? event;
}

/** That there are more dates than the one shown: "Every Friday at 7:00 pm", "11 more dates"; undefined where there are none. */
export function moreDates(event: EventState, now: Date, locale = DEFAULT_LOCALE): string | undefined {
  if (event.series) return seriesWords({ ...event, series: event.series }, now, locale).join("; ");
  const more = occurrencesOf(event).length - 1;
  return more === 0 ? undefined : `${more} more ${more === 1 ? "date" : "dates"}`;
}

/** "CA" -> "Canada"; a name stays a name. */
export function countryName(country: string, locale = DEFAULT_LOCALE): string {
  return /^[A-Z]{2}$/.test(country) ? (displayNames(locale, { type: "region" }).of(country) ?? country) : country;
}

/** "fr" -> "French"; what is no language tag stays as it is. */
export function languageName(tag: string, locale = DEFAULT_LOCALE): string {
  try {
    return displayNames(locale, { type: "language" }).of(tag) ?? tag;
  } catch (error) {
    if (error instanceof RangeError) return tag;
    throw error;
  }
}

/** An address as on an envelope, one string a line. */
export function addressLines(address: PostalAddress | undefined, locale = DEFAULT_LOCALE): string[] {
  if (address === undefined) return [];
  const { streetAddress, addressLocality, addressRegion, postalCode, addressCountry } = address;
  const town = [[addressLocality, addressRegion].filter(Boolean).join(", "), postalCode].filter(Boolean).join(" ");
  return [streetAddress, town, addressCountry && countryName(addressCountry, locale)].filter(
    (line): line is string => line !== undefined && line !== "",
  );
}
