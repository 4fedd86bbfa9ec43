/**
 * iCalendar (RFC 5545, RFC 7986): a VEVENT per occurrence. Times are UTC instants and dates are dates; an event that
 * happens once has its @id as UID, one of several happenings that @id and its own start.
 */
import { uriOf } from "../../domain/iri.ts";
import type { EventState, OccurrenceState } from "../../domain/state.ts";
import { instantOf, isDate, placeIn } from "../../domain/when.ts";
import { contentLine, date, text, utc } from "./content-lines.ts";
import { safeHref } from "../pages/markup.ts";
import { oneLine, pageOf, REFRESH_MINUTES, whereOf, type EventFeed } from "./feed.ts";

const DAY = 24 * 60 * 60 * 1000;
/** In a calendar of no events: RFC 5545 §3.6 wants one component at least. */
const NOTHING_BUT_UTC =
  "BEGIN:VTIMEZONE\r\nTZID:Etc/UTC\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

export function encodeIcs(events: readonly EventState[], feed: EventFeed): string {
  const title = text(oneLine(feed.title));
  const head = [
    contentLine("BEGIN", "VCALENDAR"),
    contentLine("VERSION", "2.0"),
    contentLine("PRODID", "-//Calends//Calends//EN"),
    contentLine("CALSCALE", "GREGORIAN"),
    contentLine("NAME", title),
    contentLine("X-WR-CALNAME", title),
    contentLine("LAST-MODIFIED", utc(feed.updatedAt.getTime())),
    contentLine("URL", feed.homeUrl),
    contentLine("SOURCE;VALUE=URI", feed.selfUrl),
    contentLine("REFRESH-INTERVAL;VALUE=DURATION", `PT${REFRESH_MINUTES}M`),
    contentLine("X-PUBLISHED-TTL", `PT${REFRESH_MINUTES}M`),
  ];
  const body = events.length === 0 ? [NOTHING_BUT_UTC] : events.flatMap((event) => encodeEvent(event, feed.base));
  return [...head, ...body, contentLine("END", "VCALENDAR")].join("");
}

function encodeEvent(event: EventState, base: string): string[] {
  const uri = uriOf(base, "event", event);
  const common = commonLines(event, base);
  if (event.occurrences === undefined) return [component(uri, event, event, common)];
  const seen = new Map<string, number>();
  return event.occurrences.map((occurrence) => {
    const start = isDate(occurrence.startDate) ? date(occurrence.startDate) : utc(instantOf(occurrence.startDate));
    const nth = (seen.get(start) ?? 0) + 1;
    seen.set(start, nth);
    return component(`${uri}#${start}${nth === 1 ? "" : `-${nth}`}`, occurrence, event, common);
  });
}

function component(uid: string, occurrence: OccurrenceState, event: EventState, common: readonly string[]): string {
  const online = occurrence.virtualUrl ?? event.virtualUrl;
  return [
    contentLine("BEGIN", "VEVENT"),
    contentLine("UID", text(uid)),
    ...timeLines(occurrence),
    contentLine("STATUS", statusOf(occurrence, event)),
    // RFC 7986 §5.11
    link("CONFERENCE;VALUE=URI;LABEL=Online", online) ?? "",
    ...common,
    contentLine("END", "VEVENT"),
  ].join("");
}

/** What all occurrences of an event say alike. */
function commonLines(event: EventState, base: string): string[] {
  const where = whereOf(event);
  const geo = event.location?.geo;
  const lines: (string | undefined)[] = [
    contentLine("DTSTAMP", utc(Date.parse(event.updatedAt))),
    contentLine("CREATED", utc(Date.parse(event.createdAt))),
    contentLine("LAST-MODIFIED", utc(Date.parse(event.updatedAt))),
    contentLine("SEQUENCE", String(event.version - 1)),
    contentLine("SUMMARY", text(oneLine(event.name))),
    // Absent where a source's license keeps its texts back, as in JSON-LD (see feed.ts).
    event.description && contentLine("DESCRIPTION", text(event.description)),
    where && contentLine("LOCATION", text(where)),
    geo && contentLine("GEO", `${degrees(geo.latitude)};${degrees(geo.longitude)}`),
    link("URL", event.url) ?? contentLine("URL", pageOf(base, event)),
    link("IMAGE;VALUE=URI", event.image),
    event.keywords && contentLine("CATEGORIES", event.keywords.map((keyword) => text(oneLine(keyword))).join(",")),
  ];
  return lines.filter((line) => line !== undefined && line !== "") as string[];
}

/** Only what may be followed safely; undefined for anything else. */
function link(name: string, url: string | undefined): string | undefined {
  const href = url === undefined ? undefined : safeHref(url);
  return href === undefined ? undefined : contentLine(name, href);
}

/** DTEND is where the event has ended already: the day after its last one (§3.6.1). A start alone needs no end. */
function timeLines({ startDate, endDate, timezone }: OccurrenceState): string[] {
  if (isDate(startDate)) {
    const last = endDate === undefined || endDate.slice(0, 10) < startDate ? startDate : endDate.slice(0, 10);
    return [contentLine("DTSTART;VALUE=DATE", date(startDate)), contentLine("DTEND;VALUE=DATE", date(dayAfter(last)))];
  }
  const start = instantOf(startDate);
  const end = endDate === undefined ? start : endOf(endDate, startDate, timezone);
  return [contentLine("DTSTART", utc(start)), ...(end > start ? [contentLine("DTEND", utc(end))] : [])];
}

/** Milliseconds since 1970. "Until the 9th" of what began on the 8th at eight: when the 9th is over, there. */
function endOf(endDate: string, startDate: string, timezone: string): number {
  if (!isDate(endDate)) return instantOf(endDate);
  return endDate === startDate.slice(0, 10) ? instantOf(startDate) : instantOf(placeIn(`${dayAfter(endDate)}T00:00:00`, timezone));
}

const dayAfter = (day: string): string => new Date(Date.parse(`${day}T00:00:00Z`) + DAY).toISOString().slice(0, 10);

function statusOf({ eventStatus }: OccurrenceState, { lifecycleState }: EventState): "CANCELLED" | "TENTATIVE" | "CONFIRMED" {
  if (lifecycleState === "cancelled" || eventStatus === "EventCancelled") return "CANCELLED";
  const unsure = lifecycleState === "postponed" || lifecycleState === "draft" || lifecycleState === "pending_review";
  return unsure || eventStatus === "EventPostponed" ? "TENTATIVE" : "CONFIRMED";
}

/** Six digits are a decimetre; never an exponent. */
const degrees = (value: number): string => value.toFixed(6).replace(/\.?0+$/, "");
