/** Which edition of an event a VEVENT is: SEQUENCE, LAST-MODIFIED and DTSTAMP (RFC 5545, sections 3.8.7.2 to 3.8.7.4). */
import type { EventSubmission } from "../domain/submission.ts";
import { readTime } from "../jsonld/time.ts";
import { recurs, valueOf, type Component } from "./components.ts";

/** Undefined where the event has neither a SEQUENCE nor a LAST-MODIFIED. */
export function revisionOf(event: Component): EventSubmission["revision"] {
  const sequence = sequenceOf(event);
  const modifiedAt = momentOf(event, "LAST-MODIFIED");
  if (sequence === undefined && modifiedAt === undefined) return undefined;
  return { sequence: sequence ?? 0, ...(modifiedAt !== undefined && { modifiedAt }) };
}

/**
 * Positive where `one` is a newer edition than `other`, 0 where nothing in them tells. DTSTAMP comes last: many
 * programs write the time of the export into it.
 */
export function compareEditions(one: Component, other: Component): number {
  return (
    (sequenceOf(one) ?? 0) - (sequenceOf(other) ?? 0) ||
    (momentOf(one, "LAST-MODIFIED") ?? 0) - (momentOf(other, "LAST-MODIFIED") ?? 0) ||
    (momentOf(one, "DTSTAMP") ?? 0) - (momentOf(other, "DTSTAMP") ?? 0)
  );
}

/**
 * Whether it is a further rule of the series `main`, as this project's calendars write them: a UID has one rule, so that
 * the second one's is the first one's with "#2", and the rest of both is the same edition of the same event.
 */
export function isFurtherRule(event: Component, main: Component): boolean {
  const [uid, usual] = [valueOf(event, "UID"), valueOf(main, "UID")];
  if (uid === undefined || usual === undefined || !/^https?:/i.test(usual)) return false;
  const isNumbered = uid.startsWith(usual) && /^#([2-9]|1\d|20)$/.test(uid.slice(usual.length));
  return (
    isNumbered && recurs(event) && ["SUMMARY", "SEQUENCE", "LAST-MODIFIED"].every((name) => valueOf(event, name) === valueOf(main, name))
  );
}

function sequenceOf(event: Component): number | undefined {
  const written = valueOf(event, "SEQUENCE");
  return written !== undefined && /^\d{1,12}$/.test(written) ? Number(written) : undefined;
}

/** Milliseconds since 1970; a time without a zone counts as UTC, which the standard wants. */
function momentOf(event: Component, name: string): number | undefined {
  const time = readTime(valueOf(event, name) ?? "");
  if ("fault" in time) return undefined;
  const [, local, offset = "Z"] = /^(.{10}(?:T[\d:]{8})?)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?/.exec(time.value)!;
  const at = Date.parse(local!.length === 10 ? local! : local! + offset);
  return Number.isNaN(at) ? undefined : at;
}
