/** A calendar of one VEVENT (RFC 5545, section 3.6.1; RFC 7986) -> what its source says of that event. */
import ICAL from "ical.js";
import { eventSubmission, type EventFields, type EventSubmission, type PlaceMention } from "../domain/submission.ts";
import type { EventStatus } from "../domain/vocabulary.ts";
import { httpIri, plainLine, plainText } from "../jsonld/text.ts";
import { propertyOf, readCalendars, valueOf, type Component } from "./components.ts";
import { rawValue, readContentLines, refuse, shown, type ContentLine } from "./content-lines.ts";
import { readRecurrenceId, readTimes } from "./times.ts";

/**
 * The event of a calendar as decodeCalendar makes it. A rule that repeats it is not followed here: its first
 * occurrence counts. Throws `invalid_body` naming the property.
 */
export function decodeVevent(payload: Buffer): EventSubmission {
  const calendars = readCalendars(readContentLines(payload));
  const events = calendars.flatMap((calendar) => calendar.parts.flatMap((event) => (event.name === "VEVENT" ? [{ event, calendar }] : [])));
  const [only] = events;
  if (only === undefined || events.length > 1)
    throw refuse("VEVENT", `expected one in the calendar, found ${events.length === 0 ? "none" : events.length}`);
  const { event, calendar } = only;
  if (event.fault !== undefined) throw refuse("VEVENT", event.fault);
  const access = (valueOf(event, "CLASS") ?? "PUBLIC").toUpperCase();
  if (access === "PRIVATE" || access === "CONFIDENTIAL")
    throw refuse("CLASS", `expected PUBLIC, found ${access}: what is not public is not taken in`);
  return checked({ identifiers: identifiersOf(event), fields: readFields(event, calendar) });
}

function readFields(event: Component, calendar: Component): EventFields {
  const name = plainLine(textOf(event, "SUMMARY") ?? "");
  if (name === "") throw refuse("SUMMARY", "expected the event's name, found nothing");
  const description = plainText(textOf(event, "DESCRIPTION") ?? htmlOf(event) ?? "");
  const url = addressOf(event, "URL");
  const status = readStatus(event, calendar);
  const organizer = plainLine(parameterOf(event, "ORGANIZER", "cn") ?? "");
  const image = readImage(event);
  const keywords = readCategories(event);
  return {
    type: "Event",
    name,
    ...(description !== "" && { description }),
    ...readTimes(event, calendar),
    ...(status !== undefined && { eventStatus: status }),
    ...readPlaces(event, url),
    ...(organizer !== "" && { organizer: { kind: "organization" as const, name: organizer } }),
    ...(image !== undefined && { image }),
    ...(url !== undefined && { url }),
    ...(keywords.length > 0 && { keywords }),
  };
}

/** An occurrence that differs from its series has the series' UID, and says by its RECURRENCE-ID which one it is. */
function identifiersOf(event: Component): string[] {
  const uid = plainLine(textOf(event, "UID") ?? "");
  if (uid === "") return [];
  const recurrence = readRecurrenceId(event);
  return [recurrence === undefined ? uid : `${uid}/${recurrence}`];
}

/** TENTATIVE says nothing that schema.org has a word for. */
function readStatus(event: Component, calendar: Component): EventStatus | undefined {
  const status = valueOf(event, "STATUS")?.toUpperCase();
  if (status === "CANCELLED" || status === "CANCELED" || valueOf(calendar, "METHOD")?.toUpperCase() === "CANCEL") return "EventCancelled";
  return status === "CONFIRMED" ? "EventScheduled" : undefined;
}

type Where = Pick<EventFields, "location" | "virtualLocation" | "eventAttendanceMode">;

/** LOCATION and GEO, CONFERENCE (RFC 7986), else the event's own address on the web. */
function readPlaces(event: Component, url: string | undefined): Where {
  const written = plainText(textOf(event, "LOCATION") ?? "");
  const online = httpIri(written.split(/\s/, 1)[0]!);
  const isNowhere = online !== undefined || /^(online|virtual)( event)?$/i.test(written);
  const geo = readGeo(event);
  const location = placeOf(isNowhere ? "" : written, geo);
  const virtual = addressOf(event, "CONFERENCE") ?? online ?? (location === undefined ? url : undefined);
  if (location === undefined && virtual === undefined)
    throw refuse("LOCATION", "expected a LOCATION, a GEO, or a URL where the event is seen, found none");
  return {
    ...(location !== undefined && { location }),
    ...(virtual !== undefined && {
      virtualLocation: { url: virtual },
      eventAttendanceMode: location === undefined ? ("OnlineEventAttendanceMode" as const) : ("MixedEventAttendanceMode" as const),
    }),
  };
}

/** "The Rex, 194 Queen St W, Toronto" -> a name and an address; one that begins with a house number is all address. */
function placeOf(written: string, geo: PlaceMention["geo"]): PlaceMention | undefined {
  const parts = written
    .split(/[\n,]/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const [first, ...rest] = parts;
  if (first === undefined) return geo && { name: `${geo.latitude}, ${geo.longitude}`, geo };
  const isAddress = /^\d+[a-z]?([-–/]\d+)?\s+\S/i.test(first) && rest.length > 0;
  const name = isAddress ? parts.slice(0, 2).join(", ") : first;
  const street = (isAddress ? parts : rest).join(", ");
  return { name, ...(street !== "" && { address: { streetAddress: street } }), ...(geo !== undefined && { geo }) };
}

function readGeo(event: Component): PlaceMention["geo"] {
  const written = valueOf(event, "GEO");
  if (written === undefined) return undefined;
  const [, first, second] = /^([+-]?\d+(?:\.\d+)?)\s*\\?[;,]\s*([+-]?\d+(?:\.\d+)?)$/.exec(written) ?? [];
  const [latitude, longitude] = [Number(first), Number(second)];
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180))
    throw refuse("GEO", `expected degrees of latitude and longitude such as 43.65;-79.38, found ${shown(written)}`);
  return { latitude: latitude + 0, longitude: longitude + 0 };
}

/** IMAGE, else an ATTACH that is a picture by its type or by its ending. */
function readImage(event: Component): string | undefined {
  for (const line of event.properties) {
    const isImage =
      line.name === "IMAGE" ||
      (line.name === "ATTACH" && (/;FMTTYPE=image\//i.test(line.text) || /\.(jpe?g|png|webp|gif|avif)$/i.test(line.text)));
    const url = isImage ? httpIri(rawValue(line)) : undefined;
    if (url !== undefined) return url;
  }
  return undefined;
}

function readCategories(event: Component): string[] {
  const words = event.properties
    .filter(({ name }) => name === "CATEGORIES")
    .flatMap((line) => valuesOf(line))
    .map(plainLine);
  return [...new Set(words.filter((word) => word !== ""))];
}

/** What Outlook and others send beside, or in place of, a plain description. */
function htmlOf(event: Component): string | undefined {
  const line = propertyOf(event, "X-ALT-DESC");
  // ical.js knows no X- property, and leaves its text escaped (section 3.3.11).
  return line && valuesOf(line)[0]?.replace(/\\([nN,;\\])/g, (_, escaped: string) => (/n/i.test(escaped) ? "\n" : escaped));
}

function addressOf(event: Component, name: string): string | undefined {
  return event.properties
    .filter((line) => line.name === name)
    .map((line) => httpIri(rawValue(line)))
    .find((url) => url !== undefined);
}

/** The value of a text property, unescaped. */
function textOf(event: Component, name: string): string | undefined {
  const line = propertyOf(event, name);
  return line && valuesOf(line)[0];
}

function parameterOf(event: Component, name: string, parameter: string): string | undefined {
  const line = propertyOf(event, name);
  return line && [parse(line).getParameter(parameter)].flat().map(String)[0];
}

function valuesOf(line: ContentLine): string[] {
  // What is no text by its VALUE, or unknown to ical.js, comes as it was written.
  return (parse(line).jCal as unknown[]).slice(3).flat().map(String);
}

function parse(line: ContentLine): InstanceType<typeof ICAL.Property> {
  try {
    return ICAL.Property.fromString(line.text);
  } catch (cause) {
    // ical.js throws plain Errors for whatever it cannot read.
    throw refuse(line.name, `expected ${line.name}:value with its parameters before the colon, found ${shown(line.text)}`, cause);
  }
}

const PROPERTIES: Partial<Record<string, string>> = {
  name: "SUMMARY",
  description: "DESCRIPTION",
  startDate: "DTSTART",
  endDate: "DTEND",
  location: "LOCATION",
  virtualLocation: "URL",
  url: "URL",
  image: "IMAGE",
  organizer: "ORGANIZER",
  keywords: "CATEGORIES",
};

function checked(submission: EventSubmission): EventSubmission {
  const result = eventSubmission.safeParse(submission);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const property = issue!.path[0] === "identifiers" ? "UID" : (PROPERTIES[String(issue!.path[1])] ?? "VEVENT");
  throw refuse(property, issue!.message);
}
