/**
 * Zones with a past, and local times placed in them by Temporal alone: nothing here is shared with src/domain/recurrence, so
 * that a fault of its own tables cannot hide.
 */
import { Temporal } from "temporal-polyfill";

/** Zones that have something to get wrong: halves and quarters of hours, doubled and skipped midnights, whole skipped days. */
export const ZONES: readonly string[] = [
  "Africa/Cairo",
  "Africa/Casablanca",
  "America/Asuncion",
  "America/Caracas",
  "America/Havana",
  "America/Los_Angeles",
  "America/New_York",
  "America/Nuuk",
  "America/Santiago",
  "America/Sao_Paulo",
  "America/St_Johns",
  "America/Toronto",
  "Antarctica/Troll",
  "Asia/Amman",
  "Asia/Beirut",
  "Asia/Gaza",
  "Asia/Kolkata",
  "Asia/Pyongyang",
  "Asia/Tehran",
  "Atlantic/Azores",
  "Australia/Adelaide",
  "Australia/Lord_Howe",
  "Europe/Berlin",
  "Europe/Dublin",
  "Europe/Istanbul",
  "Europe/London",
  "Europe/Moscow",
  "Pacific/Apia",
  "Pacific/Auckland",
  "Pacific/Chatham",
  "Pacific/Easter",
  "Pacific/Kiritimati",
  "Pacific/Norfolk",
];

export interface ClockChange {
  /** Local time of the first moment that the change skips or repeats. */
  local: string;
  /** Seconds by which clocks go forward; negative where they go back. */
  by: number;
}

/** All changes of a zone's offset from the first year on, until before the last. */
export function clockChangesOf(zone: string, firstYear: number, lastYear: number): ClockChange[] {
  const found: ClockChange[] = [];
  const end = Temporal.Instant.from(`${lastYear}-01-01T00:00:00Z`).epochMilliseconds;
  let at = Temporal.Instant.from(`${firstYear}-01-01T00:00:00Z`).toZonedDateTimeISO(zone);
  for (;;) {
    const next = at.getTimeZoneTransition("next");
    if (next === null || next.epochMilliseconds >= end) return found;
    const before = next.subtract({ seconds: 1 });
    const by = (next.offsetNanoseconds - before.offsetNanoseconds) / 1e9;
    const first = by > 0 ? before.toPlainDateTime().add({ seconds: 1 }) : next.toPlainDateTime();
    if (by !== 0) found.push({ local: first.toString({ smallestUnit: "second" }), by });
    at = next;
  }
}

/** How a zone's clock changes between 1930 and 2090. Local times are texts, which sort as the times do. */
export interface ZoneClock {
  changes: readonly ClockChange[];
  /** The local times that it skips: from each first one on, until before `until`. */
  skipped: readonly { from: string; until: string }[];
}

/** Looks up zones, each once. */
export function openClocks(): (zone: string) => ZoneClock {
  const clocks = new Map<string, ZoneClock>();
  return (zone) => {
    const kept = clocks.get(zone);
    if (kept) return kept;
    const changes = clockChangesOf(zone, 1930, 2090);
    const skipped = changes.filter(({ by }) => by > 0).map(({ local, by }) => ({ from: local, until: later(local, { seconds: by }) }));
    clocks.set(zone, { changes, skipped });
    return { changes, skipped };
  };
}

/** The instant of a local time: moved forward by the gap where the zone skips it, the first of two where it has it twice. */
export const placed = (local: string, zone: string): number =>
  local.length === 10
    ? Temporal.PlainDate.from(local).toZonedDateTime(zone).epochMilliseconds
    : Temporal.PlainDateTime.from(local).toZonedDateTime(zone, { disambiguation: "compatible" }).epochMilliseconds;

/** Adds days, months or years to a local time or date; a day that the month does not have becomes its last. */
export const later = (local: string, by: { days?: number; months?: number; years?: number; minutes?: number; seconds?: number }): string =>
  local.length === 10
    ? Temporal.PlainDate.from(local).add(by).toString()
    : Temporal.PlainDateTime.from(local).add(by).toString({ smallestUnit: "second" });
