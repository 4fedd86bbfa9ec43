/** What a recurrence set is made of and what comes of it. */
import type { RecurrenceSet } from "../submission.ts";

/** A recurrence set whose zone is known. */
export type PlacedSet = RecurrenceSet & { timezone: string };

/** One instance as its rule has it; instants in milliseconds since 1970. */
export interface Instance {
  /** Its original local start: "20260508T190000"; "20260508" where it has no time. */
  recurrenceId: string;
  /** Which of the sets it is of. */
  set: number;
  timezone: string;
  startAt: number;
  /** Where it lasts for some time. Of one without a time: midnight of its last day, where that is another day. */
  endAt?: number;
  isDate: boolean;
}

/** From `from` on, until before `until`; at most `limit`, in order of start. */
export interface Window {
  from: number;
  until: number;
  limit: number;
}
