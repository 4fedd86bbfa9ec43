/**
 * From what was received to what can be decided upon: decoded, each time placed in its zone, and keyed for identity.
 * No database; the same bytes from the same source always prepare to the same thing.
 */
import { createHash } from "node:crypto";
import tzLookup from "@photostructure/tz-lookup";
import { RegistryError, type FieldFault, type Problem } from "../domain/errors.ts";
import { parseOwnUri } from "../domain/iri.ts";
import { isKept } from "../domain/kept-times.ts";
import { identityKey, normalizeName, placeKey, startKey, whereKey } from "../domain/similarity.ts";
import { readSet } from "../domain/recurrence/read-set.ts";
import { isSubDaily, parseRule } from "../domain/recurrence/rule.ts";
import { newSearch, type Search } from "../domain/recurrence/sub-daily.ts";
import type { EventFields, EventSubmission, OccurrenceOverride, PlaceMention, RecurrenceSet } from "../domain/submission.ts";
import { endsAfter, isDate, isFloating, isZone, placeIn, zoneOf, zoneOfOffset } from "../domain/when.ts";

/** Grows when the same bytes decode to something else than before, so that unchanged bytes are read again. */
export const DECODER_VERSION = 2;

export interface Received {
  payload: Buffer;
  mediaType: string;
}

export interface PreparedItem extends Received {
  payloadHash: string;
  submission: EventSubmission;
  /** The source's own id of the event, where it gives one that is not ours. */
  recordKey: string | undefined;
  recordUri: string | undefined;
  /** Our own event that the source names by our @id. */
  ownEventId: string | undefined;
  /** The event of which it is one occurrence, where the source has told the series before. */
  seriesEventId?: string;
  /** Exact identity by the place's key (hex), as this record says it. */
  matchKey: string;
  nameKey: string;
  startKey: string;
}

export interface ZoneRules {
  sourceTimezone?: string | null | undefined;
  defaultTimezone?: string | undefined;
}

export const hashOf = (payload: Buffer): string => createHash("sha256").update(payload).digest("hex");

/** The IANA zone of a place's coordinates, or undefined when it gives none. */
export function zoneAt(place: PlaceMention | undefined): string | undefined {
  if (place?.geo === undefined) return undefined;
  try {
    return tzLookup(place.geo.latitude, place.geo.longitude);
  } catch {
    return undefined; // a point that no zone covers
  }
}

/** Throws `invalid_body` naming the field when a local time has no zone, or when the placed times contradict each other. */
export function prepare(submission: EventSubmission, received: Received, rules: ZoneRules, base: string): PreparedItem {
  return rekeyed(
    { ...received, payloadHash: hashOf(received.payload), submission: { ...submission, fields: placeTimes(submission.fields, rules) } },
    base,
  );
}

/** The keys of what was prepared before and kept. */
export function rekeyed(
  { payload, mediaType, payloadHash, submission }: Received & { payloadHash: string; submission: EventSubmission },
  base: string,
): PreparedItem {
  const own = submission.id === undefined ? undefined : parseOwnUri(base, submission.id);
  const foreignId = own === undefined ? submission.id : undefined;
  const { fields } = submission;
  return {
    payload,
    mediaType,
    payloadHash,
    submission,
    recordKey: foreignId ?? submission.identifiers[0],
    recordUri: foreignId,
    ownEventId: own?.kind === "event" ? own.id : undefined,
    matchKey: identityKey(fields, whereKey(fields, fields.location && placeKey(fields.location).toString("hex"))).toString("hex"),
    nameKey: normalizeName(fields.name),
    startKey: startKey(fields.startDate),
  };
}

function placeTimes(fields: EventFields, rules: ZoneRules): EventFields {
  const declared = fields.eventSchedule
    ?.map((schedule) => schedule["scheduleTimezone"])
    .find((zone) => typeof zone === "string" && isZone(zone)) as string | undefined;
  const certain = fields.recurrence?.[0]?.timezone ?? declared ?? zoneAt(fields.location);
  const usual = rules.sourceTimezone ?? rules.defaultTimezone;
  const faults: FieldFault[] = [];
  /** `shownIn`: the zone of the start beside it, in which it is read. */
  const place = (pointer: string, text: string, shownIn?: string): string => {
    const placed = /^\d{4}-/.test(text) ? inZone(pointer, text) : undefined;
    if (placed !== undefined && (isFloating(placed) || isKept(placed, shownIn))) return placed;
    faults.push({
      pointer,
      detail: `${pointer}: expected a time in the years 1000 to 9999, in UTC and in the event's time zone, found "${text}".`,
    });
    return text;
  };
  const inZone = (pointer: string, text: string): string => {
    if (isDate(text)) return text;
    const known = certain ?? zoneOf(text) ?? usual;
    if (known === undefined && isFloating(text)) {
      faults.push({
        pointer,
        detail: `${pointer}: "${text}" has no UTC offset, and neither the place's coordinates nor the source give a time zone; add an offset such as "${text}-04:00", or set the source's timezone or DEFAULT_TIMEZONE.`,
      });
      return text;
    }
    return placeIn(text, known ?? zoneOfOffset(text));
  };
  const when = <T extends { startDate: string; endDate?: string | undefined; doorTime?: string | undefined }>(at: T, prefix: string): T => {
    const startDate = place(`${prefix}/startDate`, at.startDate);
    const zone = zoneOf(startDate);
    const endDate = at.endDate === undefined ? undefined : place(`${prefix}/endDate`, at.endDate, zone);
    const doorTime = at.doorTime === undefined ? undefined : place(`${prefix}/doorTime`, at.doorTime, zone);
    if (faults.length === 0 && endDate !== undefined && !endsAfter(startDate, endDate)) {
      faults.push({
        pointer: `${prefix}/endDate`,
        detail: `${prefix}/endDate: the end ${at.endDate} lies before the start ${at.startDate}.`,
      });
    }
    return { ...at, startDate, ...(endDate !== undefined && { endDate }), ...(doorTime !== undefined && { doorTime }) };
  };
  const { recurrence, overrides } = fields;
  const own = when(fields, "");
  const search = newSearch();
  const placed: EventFields = {
    ...own,
    ...(fields.previousStartDate !== undefined && {
      previousStartDate: place("/previousStartDate", fields.previousStartDate, zoneOf(own.startDate)),
    }),
    ...(fields.subEvent && { subEvent: fields.subEvent.map((one, n) => when(one, `/subEvent/${n}`)) }),
    ...(recurrence && { recurrence: recurrence.map((set, n) => placeSet(set, `/eventSchedule/${n}`, certain ?? usual, faults, search)) }),
    ...(overrides && {
      overrides: Object.fromEntries(Object.entries(overrides).map(([id, one]) => [id, ownTimes(one, `/subEvent/${id}`, place)])),
    }),
  };
  const starts = (placed.recurrence ?? []).reduce((sum, set) => sum + startsADay(set), 0);
  if (starts > MOST_A_DAY)
    faults.push({
      pointer: "/eventSchedule",
      detail: `/eventSchedule: expected at most ${MOST_A_DAY} starts a day of all rules together, found ${starts}.`,
    });
  const [first] = faults;
  if (first) throw new RegistryError("invalid_body", { detail: first.detail, errors: faults });
  return placed;
}

/** Of all rules of an event together: the horizon is so many days of rows. */
const MOST_A_DAY = 48;

function startsADay({ rrule }: RecurrenceSet): number {
  const rule = rrule === undefined ? undefined : parseRule(rrule);
  if (rule === undefined || "fault" in rule || isSubDaily(rule)) return 0;
  return (rule.byHour?.length ?? 1) * (rule.byMinute?.length ?? 1) * (rule.bySecond?.length ?? 1);
}

/** A recurrence set in its zone and in its canonical form. */
function placeSet(set: RecurrenceSet, pointer: string, zone: string | undefined, faults: FieldFault[], search: Search): RecurrenceSet {
  const timezone = set.timezone ?? zone ?? (isDate(set.dtstart) ? "UTC" : undefined);
  if (timezone === undefined) {
    faults.push({
      pointer,
      detail: `${pointer}: neither the schedule, nor the place's coordinates, nor the source give a time zone; add scheduleTimezone, or set the source's timezone or DEFAULT_TIMEZONE.`,
    });
    return set;
  }
  const read = readSet({ ...set, timezone }, search);
  if ("set" in read) return read.set;
  faults.push({ pointer: `${pointer}/${read.fault.part}`, detail: `${pointer}/${read.fault.part}: ${read.fault.detail}` });
  return set;
}

function ownTimes(one: OccurrenceOverride, pointer: string, place: (pointer: string, text: string) => string): OccurrenceOverride {
  const times = (["startDate", "endDate", "doorTime"] as const).flatMap((term) => {
    const text = one[term];
    return text === undefined ? [] : [[term, place(`${pointer}/${term}`, text)] as const];
  });
  return { ...one, ...Object.fromEntries(times) };
}

/** The problem of one item of many; what is not the sender's fault goes on up. */
export function problemOf(error: unknown): Problem {
  if (error instanceof RegistryError && error.problem.status < 500) return error.problem;
  throw error;
}
