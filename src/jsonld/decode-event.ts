/** One expanded schema.org Event -> what its source says of it, with the faults found on the way. */
import type { EventFields, EventSubmission } from "../domain/submission.ts";
import { ATTENDANCE_MODES, EVENT_DOMAINS, EVENT_TYPES } from "../domain/vocabulary.ts";
import type { AttendanceMode, EventDomain, EventType } from "../domain/vocabulary.ts";
import { readAgents } from "./decode-agent.ts";
import { readOffers } from "./decode-offer.ts";
import { readLocations } from "./decode-place.ts";
import { readRecurrence } from "./decode-recurrence.ts";
import { readStatus, readTimes } from "./decode-schedule.ts";
import { firstImage, firstUrl, urls } from "./decode-url.ts";
import { identifierOf, literal, localName, own, preferred, resolve, text, textOf, typesOf, values } from "./expanded.ts";
import type { Node, NodeIndex, Term } from "./expanded.ts";
import { expected } from "./faults.ts";
import type { Fault } from "./faults.ts";
import { absoluteIri, plainLine, plainText } from "./text.ts";
import { isBefore } from "./time.ts";

const TYPES = new Set<string>(EVENT_TYPES);
const MODES = new Map<string, AttendanceMode>(ATTENDANCE_MODES.map((name) => [name.toLowerCase(), name]));
const DOMAINS = new Set<string>(EVENT_DOMAINS);
const LICENSES: Record<string, string> = {
  cc0: "https://creativecommons.org/publicdomain/zero/1.0/",
  "cc0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
  "cc-by": "https://creativecommons.org/licenses/by/4.0/",
  "cc-by-4.0": "https://creativecommons.org/licenses/by/4.0/",
  "cc-by-sa-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
};

/** Members whose value is undefined, left out. */
type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/**
 * The type that we keep: the first known one that says what kind of event it is, else that it is a series, else Event; Event also
 * for a kind that schema.org may gain. ["EventSeries", "MusicEvent"] -> "MusicEvent"
 */
export function eventTypeOf(node: Node): EventType | undefined {
  const types = typesOf(node);
  const known = types.filter((type): type is EventType => TYPES.has(type));
  return (
    known.find((type) => type !== "Event" && type !== "EventSeries") ??
    known.find((type) => type === "EventSeries") ??
    known[0] ??
    (types.some((type) => /^[A-Za-z0-9]*Event$/.test(type)) ? "Event" : undefined)
  );
}

/**
 * Reads an expanded event. Wrong values become faults (paths of schema.org terms); what is merely missing or
 * unusable is left out. The result is complete only when no fault was added.
 */
export function readEvent(node: Node, index: NodeIndex, faults: Fault[]): EventSubmission {
  const name = plainLine(text(node, "name") ?? "");
  if (name === "") {
    const what = text(node, "name") === undefined ? "the event's name" : "the event's name as text that shows (tags are taken out)";
    faults.push(expected(["name"], what, textOf(preferred(values(node, "name")) ?? {})));
  } else if (name.length > 500) faults.push({ path: ["name"], detail: `expected at most 500 characters, found ${name.length}` });
  const description = plainText(text(node, "description") ?? "");
  if (description.length > 10_000)
    faults.push({ path: ["description"], detail: `expected at most 10,000 characters, found ${description.length.toLocaleString("en")}` });

  const url = firstUrl(node, "url");
  const givenMode = MODES.get(localName(text(node, "eventAttendanceMode") ?? "").toLowerCase());
  const { location, virtualLocation } = readLocations(
    withInheritedLocation(node, index),
    index,
    { mode: givenMode, eventUrl: url },
    faults,
  );
  const inferredMode =
    virtualLocation === undefined ? undefined : location === undefined ? "OnlineEventAttendanceMode" : "MixedEventAttendanceMode";
  const id = absoluteIri(identifierOf(node) ?? "");
  const eventStatus = readStatus(node);
  const offers = readOffers(node, index, faults);

  const timeFaults = faults.length;
  const series = { name, eventStatus, location, virtualLocation, offers: list(offers), url };
  const { times, subEvent, ...recurring } = readRecurrence(node, index, readTimes(node, [], faults), series, faults);
  if (times.startDate === undefined && !faults.slice(timeFaults).some((fault) => fault.path[0] === "startDate")) {
    const earliest = subEvent.reduce<string | undefined>(
      (best, { startDate }) => (best === undefined || isBefore(startDate, best) ? startDate : best),
      undefined,
    );
    if (earliest !== undefined) times.startDate = earliest;
    else faults.push(expected(["startDate"], "the start as an ISO 8601 date or date-time"));
  }

  const fields: { [K in keyof EventFields]: EventFields[K] | undefined } = {
    type: eventTypeOf(node) ?? "Event",
    name,
    description: description === "" ? undefined : description,
    startDate: times.startDate ?? "",
    endDate: times.endDate,
    doorTime: times.doorTime,
    previousStartDate: times.previousStartDate,
    eventStatus,
    eventAttendanceMode: inferredMode === "MixedEventAttendanceMode" ? inferredMode : (givenMode ?? inferredMode),
    location,
    virtualLocation,
    organizer: readAgents(node, "organizer", "organization", index)[0],
    performer: list(readAgents(node, "performer", "person", index)),
    offers: list(offers),
    image: firstImage(node),
    url,
    inLanguage: list(readLanguages(node)),
    keywords: list(readKeywords(node)),
    isAccessibleForFree: readBoolean(node, "isAccessibleForFree"),
    accessibilityFeature: list(lines([...values(node, "accessibilityFeature"), ...own(node, "accessibilityFeature")])),
    sameAs: list(urls(node, "sameAs")),
    license: readLicense(node),
    eventSchedule: list(recurring.eventSchedule),
    subEvent: list(subEvent),
    recurrence: list(recurring.recurrence),
    overrides: Object.keys(recurring.overrides).length === 0 ? undefined : recurring.overrides,
    eventDomain: lines(own(node, "eventDomain")).find((word): word is EventDomain => DOMAINS.has(word)),
  };
  return { ...(id !== undefined && { id }), identifiers: readIdentifiers(node, index), fields: present(fields) };
}

/** A series that names no place is held where its first placed sub-event is. */
function withInheritedLocation(node: Node, index: NodeIndex): Node {
  if (values(node, "location").length > 0) return node;
  const placed = [...values(node, "subEvent"), ...values(node, "subEvents")]
    .map((value) => resolve(value, index))
    .find((value) => values(value, "location").length > 0);
  return placed ?? node;
}

function readIdentifiers(node: Node, index: NodeIndex): string[] {
  const found = values(node, "identifier").map((given) => {
    const value = resolve(given, index);
    return text(value, "value") ?? textOf(value) ?? text(value, "url") ?? "";
  });
  return [...new Set(found.map(plainLine).filter((identifier) => identifier !== ""))];
}

function readKeywords(node: Node): string[] {
  return [
    ...new Set(
      values(node, "keywords")
        .flatMap((value) => plainLine(textOf(value) ?? "").split(/[,;]/))
        .map((word) => word.trim())
        .filter((word) => word !== ""),
    ),
  ];
}

/** Well-formed language tags in canonical spelling: "EN-ca" -> "en-CA"; names of languages are left out. */
function readLanguages(node: Node): string[] {
  const tags = values(node, "inLanguage").flatMap((value) => {
    const candidates =
      literal(value) === undefined ? [text(value, "alternateName"), text(value, "name"), identifierOf(value)] : [textOf(value)];
    return candidates.flatMap((tag) => canonicalTag(tag ?? "")).slice(0, 1);
  });
  return [...new Set(tags)];
}

function canonicalTag(written: string): string[] {
  const tag = written.trim().replaceAll("_", "-");
  if (!/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(tag)) return [];
  try {
    return Intl.getCanonicalLocales(tag);
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

function readBoolean(node: Node, term: Term): boolean | undefined {
  const word = localName(text(node, term) ?? "").toLowerCase();
  return /^(true|yes|1)$/.test(word) ? true : /^(false|no|0)$/.test(word) ? false : undefined;
}

function readLicense(node: Node): string | undefined {
  const written = text(node, "license");
  return (
    firstUrl(node, "license") ??
    (written === undefined
      ? undefined
      : LICENSES[
          written
            .trim()
            .toLowerCase()
            .replace(/[\s_]+/g, "-")
        ])
  );
}

function lines(all: readonly Node[]): string[] {
  return [...new Set(all.map((value) => plainLine(textOf(value) ?? "")).filter((line) => line !== ""))];
}

function list<T>(items: T[]): T[] | undefined {
  return items.length === 0 ? undefined : items;
}

function present<T extends object>(members: T): Present<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Present<T>;
}
