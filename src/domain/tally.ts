/** What visits to a source brought, added up; and what is told when a source does not do as it used to. */

/** One visit, or the visits of a whole day added up. */
export interface Tally {
  /** Epoch milliseconds: when the visit ended, or when the day began. */
  at: number;
  visits: number;
  /** Visits without an answer. */
  failures: number;
  /** Visits whose body was read. An answer that was not read said "as before". */
  readings: number;
  found: number;
  /** New and changed events. */
  fresh: number;
  rejected: number;
}

export const ALARM_STATES = ["failing", "empty", "rejecting", "silent"] as const;
export type AlarmState = (typeof ALARM_STATES)[number];

export interface Alarm {
  state: AlarmState;
  /** Epoch milliseconds. */
  since: number;
  /** In words, for people. */
  expected: string;
  actual: string;
}

export const HOUR = 60 * 60 * 1000;
export const DAY = 24 * HOUR;
/** Over which time an average forgets. */
export const MEMORY = 14 * DAY;
/** How many values make an average. */
export const ENOUGH_SEEN = 3;

export const count = (number: number, what: string): string => `${Math.round(number)} ${what}${Math.round(number) === 1 ? "" : "s"}`;
export const percent = (share: number): string => `${Math.round(100 * share)} %`;
