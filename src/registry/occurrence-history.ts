/**
 * The occurrences of a series that have begun, as they stand in the database, whatever the rule says today. What is to come, and
 * what lay before the database began to keep them, is the rule's.
 */
import type { Reader } from "../db/database.ts";
import { occurrenceNamed, occurrencesBetween, standingStretch, type StandingOccurrence } from "../db/occurrences.ts";
import { occurrenceOfState, occurrencesOfState, type ShownOccurrence } from "../domain/recurrence/of-state.ts";
import type { Window } from "../domain/recurrence/series.ts";
import type { EventState } from "../domain/state.ts";
import { instantOf } from "../domain/when.ts";

/** The occurrences that start in the window (milliseconds), in order. */
export async function occurrencesIn(on: Reader, state: EventState, { from, until, limit }: Window, now: Date): Promise<ShownOccurrence[]> {
  const byRule = (window: Window) => (window.from < window.until && window.limit > 0 ? occurrencesOfState(state, window).occurrences : []);
  const kept = from < now.getTime() ? await standingStretch(on, state.id, now) : undefined;
  if (kept === undefined) return byRule({ from, until, limit });
  const before = byRule({ from, until: Math.min(until, kept.from), limit });
  const window = { from: new Date(Math.max(from, kept.from)), until: new Date(Math.min(until, kept.until)), limit: limit - before.length };
  const stood = (await occurrencesBetween(on, state.id, window)).map((one) => shownOf(state, one));
  const left = limit - before.length - stood.length;
  return [...before, ...stood, ...byRule({ from: Math.max(from, kept.until), until, limit: left })];
}

/**
 * One occurrence by its name ("20260508T190000"), or by the name that an exception has kept from a former rule. Undefined also for what
 * the rule says of a time that has passed, and that did not take place.
 */
export async function occurrenceCalled(on: Reader, state: EventState, name: string, now: Date): Promise<ShownOccurrence | undefined> {
  const byRule = occurrenceOfState(state, name);
  const isByRule = byRule?.recurrenceId === name;
  if (state.series === undefined || (isByRule && startOf(byRule) >= now.getTime())) return byRule;
  const standing = await begunOccurrence(on, state.id, name, now);
  if (standing !== undefined) return shownOf(state, standing);
  const kept = isByRule ? await standingStretch(on, state.id, now) : undefined;
  return kept !== undefined && startOf(byRule!) >= kept.from && startOf(byRule!) < kept.until ? undefined : byRule;
}

/** The occurrence of that very name, if it stands and has begun. */
export async function begunOccurrence(on: Reader, eventId: string, name: string, now: Date): Promise<StandingOccurrence | undefined> {
  const standing = await occurrenceNamed(on, eventId, name);
  return standing !== undefined && startOf(standing) < now.getTime() ? standing : undefined;
}

const startOf = ({ startDate, timezone }: { startDate: string; timezone: string }): number => instantOf(startDate, timezone);

/** Its times and its status are as they stand; the rest that it has of its own is in its exception. */
function shownOf(state: EventState, standing: StandingOccurrence): ShownOccurrence {
  const { recurrenceId } = standing;
  const ofDay = state.series?.overrides?.filter((one) => one.recurrenceId.startsWith(recurrenceId.slice(0, 8))) ?? [];
  const exact = ofDay.find((one) => one.recurrenceId === recurrenceId);
  const attached = exact === undefined && ofDay.length > 0 ? occurrenceOfState(state, recurrenceId) : undefined;
  const { name, location, offers, url } = exact ?? attached ?? {};
  return {
    ...standing,
    ...(name !== undefined && { name }),
    ...(location && { location }),
    ...(offers && { offers }),
    ...(url !== undefined && { url }),
    overridden: exact !== undefined || attached?.overridden === true,
  };
}
