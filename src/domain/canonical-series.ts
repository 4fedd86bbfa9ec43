/** From the winning claims on a recurring event to its series: the sets, and what single occurrences have of their own. */
import { LAST_KEPT } from "./kept-times.ts";
import { endOf, firstOf } from "./recurrence/expand.ts";
import { DAY, dayOf } from "./recurrence/local-time.ts";
import { occurrenceNamed, type PlacedSet, type TimedOverride } from "./recurrence/series.ts";
import { startOfDay, wallOfInstant } from "./recurrence/zone-times.ts";
import type { ClaimField, EventFields, OccurrenceOverride } from "./submission.ts";
import { endsAfter, instantOf, isDate, zoneOf } from "./when.ts";

/** What one occurrence has of its own; times in milliseconds since 1970. */
export interface CanonicalOverride extends Omit<OccurrenceOverride, "startDate" | "endDate" | "doorTime" | "virtualLocation"> {
  startAt?: number;
  endAt?: number;
  doorAt?: number;
  timezone: string;
  /** Of its own start. */
  isDate?: boolean;
  endIsDate?: boolean;
  virtualUrl?: string;
}

export interface CanonicalSeries {
  /** The one that begins first stands first. */
  sets: PlacedSet[];
  /** Seconds by which the doors open before each start. */
  doorLead?: number;
  /** By recurrenceId. */
  overrides: Record<string, CanonicalOverride>;
}

type OverrideField = Extract<ClaimField, `subEvent/${string}`>;

/** "subEvent/20260508T190000/startDate" and its like: one word about one occurrence. */
export const overrideField = (recurrenceId: string, term: keyof OccurrenceOverride): OverrideField => `subEvent/${recurrenceId}/${term}`;

/** The two parts of such a name; undefined for any other field. */
export function partsOf(field: string): { recurrenceId: string; term: keyof OccurrenceOverride } | undefined {
  const [, recurrenceId, term] = /^subEvent\/(\d{8}(?:T\d{6})?)\/(\w+)$/.exec(field) ?? [];
  return recurrenceId === undefined ? undefined : { recurrenceId, term: term as keyof OccurrenceOverride };
}

/** `zone` is where dates without a zone of their own are read. Undefined where no recurrence has won. */
export function canonicalSeries(
  fields: EventFields,
  winners: ReadonlyMap<ClaimField, { value: unknown }>,
  zone: string,
): CanonicalSeries | undefined {
  const placed = fields.recurrence?.map((set): PlacedSet => ({ ...set, timezone: set.timezone ?? zone }));
  const dated = (placed ?? []).flatMap((set) => {
    const first = firstOf([set]);
    return first === undefined ? [] : [{ set, startAt: first.startAt }];
  });
  if (dated.length === 0) return undefined;
  const sets = dated.toSorted((a, b) => a.startAt - b.startAt).map(({ set }) => set);
  const lead = doorLead(fields);
  return { sets, ...(lead !== undefined && { doorLead: lead }), overrides: overridesOf(winners, sets[0]!.timezone) };
}

function doorLead({ startDate, doorTime }: EventFields): number | undefined {
  if (doorTime === undefined || isDate(doorTime) || isDate(startDate)) return undefined;
  const lead = Math.round((instantOf(startDate) - instantOf(doorTime)) / 1000);
  return lead >= 0 && lead <= A_DAY ? lead : undefined;
}
const A_DAY = 24 * 60 * 60;

function overridesOf(winners: ReadonlyMap<ClaimField, { value: unknown }>, zone: string): Record<string, CanonicalOverride> {
  const said = new Map<string, Record<string, unknown>>();
  for (const [field, { value }] of winners) {
    const parts = partsOf(field);
    if (parts === undefined) continue;
    const one = said.get(parts.recurrenceId) ?? {};
    one[parts.term] = value;
    said.set(parts.recurrenceId, one);
  }
  return Object.fromEntries([...said].map(([recurrenceId, one]) => [recurrenceId, overrideOf(one as OccurrenceOverride, zone)]));
}

/** Sources may each have told a part of it; an end before the start that won is none. */
function overrideOf({ startDate, endDate, doorTime, virtualLocation, ...rest }: OccurrenceOverride, zone: string): CanonicalOverride {
  const timezone = zoneOf(startDate ?? endDate ?? "") ?? zone;
  const end = endDate !== undefined && (startDate === undefined || endsAfter(startDate, endDate)) ? endDate : undefined;
  return {
    ...rest,
    timezone,
    ...(startDate !== undefined && { startAt: instantOf(startDate, timezone), isDate: isDate(startDate) }),
    ...(end !== undefined && { endAt: instantOf(end, timezone), endIsDate: isDate(end) }),
    ...(doorTime !== undefined && !isDate(doorTime) && { doorAt: instantOf(doorTime) }),
    ...(virtualLocation !== undefined && { virtualUrl: virtualLocation.url }),
  };
}

/**
 * When the last occurrence of a series is over, in milliseconds since 1970: as with any event, at the end of its day where no end
 * is told, and at the end of the day that an end is. Undefined for a series without end.
 */
export function overAt({
  sets,
  overrides,
}: Pick<CanonicalSeries, "sets"> & { overrides: Record<string, TimedOverride> }): number | undefined {
  const last = endOf(sets);
  if (last === undefined) return undefined;
  const endOfDay = (at: number, timezone: string) => startOfDay((dayOf(wallOfInstant(at, timezone)) + 1) * DAY, timezone);
  const open = sets.some((set) => set.duration === undefined && !isDate(set.dtstart));
  const series = { sets, overrides: new Map(Object.entries(overrides)) };
  const moved = Object.keys(overrides).flatMap((recurrenceId) => {
    const occurrence = occurrenceNamed(series, recurrenceId);
    if (occurrence === undefined) return [];
    const { startAt, endAt, isDate: isDay, timezone } = occurrence;
    return endAt === undefined || isDay ? endOfDay(endAt ?? startAt, timezone) : endAt;
  });
  return Math.min(Math.max(open ? endOfDay(last, sets[0]!.timezone) : last, ...moved), LAST_KEPT);
}
