/**
 * An event's state -> its VEVENTs (RFC 5545 §3.6.1, RFC 7986): one for what happens once, one for each dated happening
 * of what has several; of a series one for each of its rules, and one for each occurrence that has something of its own.
 *
 * The UID is the event's @id, everywhere and for ever; a happening's has its start behind it, a series' second rule's "#2".
 */
import { ulidOf, uriOf } from "../domain/iri.ts";
import type { EventState, NestedPlace, OccurrenceState } from "../domain/state.ts";
import { isDate } from "../domain/when.ts";
import { compact, contentLine, link, oneLine, text, utc } from "./encode-lines.ts";
import { encodeSeries, type Shown } from "./encode-series.ts";
import { timeLines, type ZoneUse } from "./encode-times.ts";

export interface EventsOut {
  /** This node's public base URL, without a slash at its end. */
  base: string;
  zones: ZoneUse;
  /** A place's id: a series that is at home elsewhere tells only of its occurrences there. */
  venue?: string | undefined;
}

/** The event's components, each from its BEGIN to its END. */
export function encodeVevents(event: EventState, { base, zones, venue }: EventsOut): string[] {
  const uid = uriOf(base, "event", event);
  const [stamps, details] = [stampLines(event), detailLines(event)];
  const vevent = (id: string, times: readonly string[], shown: Shown, isException = false) =>
    [
      contentLine("BEGIN", "VEVENT"),
      contentLine("UID", text(id)),
      ...times,
      ...shownLines(shown, event, base),
      stamps,
      // Its series says them; hundreds of exceptions would repeat ten thousand characters each.
      isException ? "" : details,
      contentLine("END", "VEVENT"),
    ].join("");
  if (event.series !== undefined) return encodeSeries(event, event.series, uid, { zones, venue, vevent });
  if (event.occurrences === undefined) return [vevent(uid, timeLines(event, zones), event)];
  const seen = new Map<string, number>();
  return event.occurrences.map((occurrence) => {
    const start = startOf(occurrence);
    const nth = (seen.get(start) ?? 0) + 1;
    seen.set(start, nth);
    const { eventStatus: _, virtualUrl: online, ...others } = event;
    const { eventStatus, virtualUrl = online } = occurrence;
    const shown = { ...others, ...(virtualUrl !== undefined && { virtualUrl }), ...(eventStatus !== undefined && { eventStatus }) };
    return vevent(`${uid}#${start}${nth === 1 ? "" : `-${nth}`}`, timeLines(occurrence, zones), shown);
  });
}

const startOf = ({ startDate }: OccurrenceState): string => (isDate(startDate) ? compact(startDate) : utc(Date.parse(startDate)));

/** What all components of an event say alike. */
function stampLines(event: EventState): string {
  const changed = utc(Date.parse(event.updatedAt));
  return [
    contentLine("DTSTAMP", changed),
    contentLine("CREATED", utc(Date.parse(event.createdAt))),
    contentLine("LAST-MODIFIED", changed),
    contentLine("SEQUENCE", String(event.version - 1)),
  ].join("");
}

function detailLines({ description, image, keywords }: EventState): string {
  return [
    // Absent where a source's license keeps its texts back, as in JSON-LD: the state does not have them then.
    description ? contentLine("DESCRIPTION", text(description)) : "",
    link("IMAGE;VALUE=URI", image) ?? "",
    keywords ? contentLine("CATEGORIES", keywords.map((keyword) => text(oneLine(keyword))).join(",")) : "",
  ].join("");
}

function shownLines(shown: Shown, event: EventState, base: string): string[] {
  const { location } = shown;
  const geo = location?.geo;
  return [
    contentLine("SUMMARY", text(oneLine(shown.name))),
    contentLine("STATUS", statusOf(shown, event)),
    location === undefined ? "" : contentLine("LOCATION", text(whereOf(location))),
    geo === undefined ? "" : contentLine("GEO", `${degrees(geo.latitude)};${degrees(geo.longitude)}`),
    // RFC 7986 §5.11
    link("CONFERENCE;VALUE=URI;LABEL=Online", shown.virtualUrl) ?? "",
    link("URL", shown.url) ?? link("URL", event.federationUri) ?? contentLine("URL", `${base}/events/${ulidOf(event.id)}`),
  ];
}

function statusOf({ eventStatus }: Shown, { lifecycleState }: EventState): "CANCELLED" | "TENTATIVE" | "CONFIRMED" {
  if (lifecycleState === "cancelled" || eventStatus === "EventCancelled") return "CANCELLED";
  const unsure = lifecycleState === "postponed" || lifecycleState === "draft" || lifecycleState === "pending_review";
  return unsure || eventStatus === "EventPostponed" ? "TENTATIVE" : "CONFIRMED";
}

/** "The Rex, 194 Queen St W, Toronto, ON M5V 1Z4, Canada" */
function whereOf({ name, address = {} }: NestedPlace): string {
  const { streetAddress, addressLocality, addressRegion, postalCode, addressCountry } = address;
  const town = [[addressLocality, addressRegion].filter(Boolean).join(", "), postalCode].filter(Boolean).join(" ");
  return oneLine([name, streetAddress, town, addressCountry && countryName(addressCountry)].filter(Boolean).join(", "));
}

const COUNTRIES = new Intl.DisplayNames("en", { type: "region", fallback: "code" });
const countryName = (country: string): string => (/^[A-Z]{2}$/.test(country) ? (COUNTRIES.of(country) ?? country) : country);

/** Six digits are a decimetre; never an exponent. */
const degrees = (value: number): string => value.toFixed(6).replace(/\.?0+$/, "");
