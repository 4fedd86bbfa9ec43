/** Which zone of the IANA database a definition in a file is, told by its offsets. */
import { localAt, transitionsOf } from "../domain/recurrence/zone-times.ts";
import { windowsZones } from "./windows-zones.ts";
import type { ZoneDefinition } from "./zones.ts";

/** The span in which a definition is compared: files rarely tell more than the rules of their day. */
const YEARS = 10;
const YEAR_MS = 365.25 * 86_400_000;
/** Of zones with equal clocks the one that most people know; then those that Windows takes as examples of each clock. */
const WELL_KNOWN = [
  "Europe/London",
  "Europe/Berlin",
  "Europe/Athens",
  "America/New_York",
  "America/Chicago",
  "America/Denver",
  "America/Los_Angeles",
  "America/Halifax",
  "America/Sao_Paulo",
  "Australia/Sydney",
  "Asia/Kolkata",
  "Asia/Shanghai",
  "Asia/Tokyo",
  "Etc/UTC",
];

/**
 * The zone that agrees with the definition at each change in the ten years from `since` on (milliseconds since 1970).
 * `known` are the names that the file itself gives, and go first: of these the last of the ten years must agree,
 * because Outlook writes the rules of today for all times. Undefined where no zone agrees.
 */
export function matchZone(definition: ZoneDefinition, since: number, known: readonly string[]): string | undefined {
  const until = since + YEARS * YEAR_MS;
  const lately = definition.changesBy(until - YEAR_MS, until);
  const named = known.find((zone) => agrees(zone, lately, until - YEAR_MS, until));
  if (named !== undefined) return named;
  const throughout = definition.changesBy(since, until);
  const samples = [0, 1, 2, 3].map((quarter) => since + (quarter * YEAR_MS) / 4);
  const offsets = samples.map((at) => throughout.changes.findLast((change) => change.at <= at)?.offsetAfter ?? throughout.offset);
  return [...WELL_KNOWN, ...windowsZones()].find(
    (zone) => samples.every((at, index) => quickOffset(zone, at) === offsets[index]) && agrees(zone, throughout, since, until),
  );
}

/** Depends on nothing but the zone, of which there are as many as in the lists above: making one takes longer than all else here. */
const clocks = new Map<string, Intl.DateTimeFormat>();

/** Seconds that a zone is ahead of UTC, without the tables that would be made for each zone and time that is tried. */
function quickOffset(zone: string, at: number): number {
  const clock = clocks.get(zone) ?? new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  clocks.set(zone, clock);
  const name = clock.formatToParts(at).find(({ type }) => type === "timeZoneName")!.value;
  const [, sign, hours = 0, minutes = 0, seconds = 0] = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}

function agrees(zone: string, { offset, changes }: ReturnType<ZoneDefinition["changesBy"]>, from: number, until: number): boolean {
  if (Date.parse(`${localAt(from, zone)}Z`) !== Math.floor(from / 1000) * 1000 + offset * 1000) return false;
  const transitions = transitionsOf(zone, from, until).filter((one) => one.offsetBefore !== one.offsetAfter);
  return (
    transitions.length === changes.length &&
    transitions.every(({ at, offsetAfter }, index) => at === changes[index]!.at && offsetAfter === changes[index]!.offsetAfter)
  );
}
