/** Finding one occurrence of a series by its name, for those who read it and those who change it. */
import type { Reader } from "../db/database.ts";
import { RegistryError } from "../domain/errors.ts";
import { DAY, knownWall, wallOf } from "../domain/recurrence/local-time.ts";
import { occurrenceOfState, occurrencesOfState, type ShownOccurrence } from "../domain/recurrence/of-state.ts";
import type { EventState, OccurrenceState, SeriesState } from "../domain/state.ts";
import { instantOf } from "../domain/when.ts";
import { begunOccurrence, occurrenceCalled, occurrencesIn } from "./occurrence-history.ts";

export type SeriesEventState = EventState & { series: SeriesState };

export const isSeries = (state: EventState): state is SeriesEventState => state.series !== undefined;

export interface FoundOccurrence {
  state: SeriesEventState;
  /** As it is shown; its `recurrenceId` is the one that it has by the present rule. */
  shown: ShownOccurrence;
  /** As the series alone has it, with nothing of its own. */
  plain: ShownOccurrence;
  /** The name under which it has something of its own; where it has nothing yet, its present one. */
  key: string;
}

/**
 * For those who change it. Throws `conflict` for an event that does not recur and for what only a former rule had, and `not_found` for
 * an occurrence that the series does not have.
 */
export async function findOccurrence(on: Reader, state: EventState, recurrenceId: string, now: Date): Promise<FoundOccurrence> {
  if (!isSeries(state))
    throw new RegistryError("conflict", {
      detail: "This event does not recur, so it has no occurrences to change one by one; change the event itself.",
    });
  const isOfRule = isNamed(recurrenceId) && occurrenceOfState(state, recurrenceId)?.recurrenceId === recurrenceId;
  if (!isOfRule && isNamed(recurrenceId) && (await begunOccurrence(on, state.id, recurrenceId, now)) !== undefined)
    throw new RegistryError("conflict", {
      detail: `${recurrenceId} has begun already, and the rule has changed since: it stays as it was.`,
    });
  const shown = shownOccurrence(state, recurrenceId);
  const present = shown.recurrenceId;
  const { overrides = [], ...series } = state.series;
  const ofDay = overrides.filter((one) => one.recurrenceId.slice(0, 8) === present.slice(0, 8));
  const attached =
    ofDay.find((one) => one.recurrenceId === present) ??
    ofDay.find((one) => occurrenceOfState(state, one.recurrenceId)?.recurrenceId === present);
  return { state, shown, plain: occurrenceOfState({ ...state, series }, present)!, key: attached?.recurrenceId ?? present };
}

/** As the present rule and the exceptions have it, found also by a name that an exception has kept from an earlier rule. Throws `not_found`. */
export function shownOccurrence(state: EventState, recurrenceId: string): ShownOccurrence {
  const shown = isNamed(recurrenceId) ? occurrenceOfState(state, recurrenceId) : undefined;
  if (shown === undefined) throw notFound(recurrenceId);
  return shown;
}

export const notFound = (recurrenceId: string): RegistryError =>
  new RegistryError("not_found", {
    detail: `This event has no occurrence ${recurrenceId.slice(0, 40)}; an occurrence is named by its original local start, such as 20260508T190000, or 20260508 where it has no time.`,
  });

/**
 * What an occurrence of the series before a split is called in the one that goes on: by the same name, else the only one of that day, since
 * the time of day may be another from there on. Undefined where there is none.
 */
export function continuedName(following: EventState, recurrenceId: string): string | undefined {
  if (!isNamed(recurrenceId)) return undefined;
  const same = occurrenceOfState(following, recurrenceId);
  if (same !== undefined) return same.recurrenceId;
  const day = recurrenceId.slice(0, 8);
  const noon = knownWall(day) + DAY / 2;
  const around = occurrencesOfState(following, { from: noon - 2 * DAY, until: noon + 2 * DAY, limit: MOST_BACK }).occurrences;
  const ofDay = around.filter((one) => one.recurrenceId.startsWith(day));
  return ofDay.length === 1 ? ofDay[0]!.recurrenceId : undefined;
}

/** For those who read it: one that has begun is as it was, whatever the rule says today. Of any text; undefined where it names none. */
export const lookUp = async (on: Reader, state: EventState, name: string, now: Date): Promise<ShownOccurrence | undefined> =>
  isNamed(name) ? occurrenceCalled(on, state, name, now) : undefined;

/** False for what is no local time, and for days and times that there are not. */
const isNamed = (text: string): boolean => /^\d{8}(T\d{6})?$/.test(text) && wallOf(text) !== undefined;

/** One date of an event: an occurrence of a series, or one of the dates that a source has listed, which has no name of its own. */
export type EventDate = OccurrenceState & Partial<ShownOccurrence>;

export interface DatePosition {
  /** Milliseconds since 1970. */
  startAt: number;
  /** Its recurrence id; of an event that does not recur its number. */
  name: string;
}

export interface DateRequest {
  /** Milliseconds since 1970: starts at `from` or later, and before `until`. */
  from: number;
  until: number;
  limit: number;
  /** Goes on after this one. */
  after?: DatePosition | undefined;
}

/** Dates in order of start, and whether there are more of them. */
export interface Dates {
  dates: (EventDate & { position: DatePosition })[];
  more: boolean;
}

/**
 * The dates of an event in a window. A series is expanded as far as that takes, also beyond the horizon; what of it has begun is as it
 * was, whatever the rule says today.
 */
export async function datesOf(on: Reader, state: EventState, { from, until, limit, after }: DateRequest, now: Date): Promise<Dates> {
  const begin = Math.max(from, after?.startAt ?? from);
  // As many may start at once as there are rules and exceptions; all of them can have been given already.
  const atOnce = after === undefined ? 0 : (state.series?.recurrence.length ?? 0) + (state.series?.overrides?.length ?? 0);
  const found = isSeries(state)
    ? (await occurrencesIn(on, state, { from: begin, until, limit: limit + atOnce + 1 }, now)).map((one) =>
        positioned(one, one.recurrenceId),
      )
    : (state.occurrences ?? [state]).map((one, n) => positioned(one, String(n).padStart(4, "0")));
  const dates = found
    .filter(({ position }) => position.startAt >= begin && position.startAt < until && (after === undefined || follows(position, after)))
    .toSorted((a, b) => (follows(a.position, b.position) ? 1 : -1));
  return { dates: dates.slice(0, limit), more: dates.length > limit };
}

const positioned = (date: EventDate, name: string) => ({ ...date, position: { startAt: startOf(date), name } });
const follows = (a: DatePosition, b: DatePosition): boolean => a.startAt > b.startAt || (a.startAt === b.startAt && a.name > b.name);

/** When it starts, milliseconds since 1970; one without a time at its midnight there. */
export const startOf = ({ startDate, timezone }: OccurrenceState): number => instantOf(startDate, timezone);

/** The occurrences around one, for those who turn pages. */
export async function neighboursOf(
  on: Reader,
  state: EventState,
  shown: ShownOccurrence,
  now: Date,
): Promise<{ previous?: ShownOccurrence; next?: ShownOccurrence }> {
  const at = startOf(shown);
  const [next] = await occurrencesIn(on, state, { from: at + 1, until: LAST, limit: 1 }, now);
  for (const days of LOOK_BACK) {
    const previous = (await occurrencesIn(on, state, { from: at - days * DAY, until: at, limit: MOST_BACK }, now)).at(-1);
    if (previous !== undefined) return { previous, ...(next !== undefined && { next }) };
  }
  return next === undefined ? {} : { next };
}
/** Where there are many, the last one is near. */
const LOOK_BACK = [2, 35, 800] as const;
const MOST_BACK = 1_000;
/** The end of the years that are written with four digits. */
export const LAST = Date.UTC(9999, 11, 31);
