/** Moments of a query: instants, or "now", which stays what it was when the first page was asked for. */
import type { EventFilters } from "../db/lists.ts";

/** Milliseconds, or the moment of asking: for later pages, that of the first one. */
export type Moment = number | "now";

export interface Moments {
  /** An occurrence starts at `from` or later, and before `until`. */
  starts?: { from?: Moment; until?: Moment };
  /** An occurrence goes on at this moment, and is neither cancelled nor postponed. */
  on?: Moment;
}

/** The filters with their moments as instants: `at({on: "now"}, 0)` -> `{on: 0}`. */
export function at<Filters extends Moments>(
  { starts, on, ...others }: Filters,
  now: number,
): Omit<Filters, keyof Moments> & Pick<EventFilters, "starts" | "on"> {
  const instant = (moment: Moment) => (moment === "now" ? now : moment);
  const { from, until } = starts ?? {};
  return {
    ...others,
    ...(starts !== undefined && {
      starts: { ...(from !== undefined && { from: instant(from) }), ...(until !== undefined && { until: instant(until) }) },
    }),
    ...(on !== undefined && { on: instant(on) }),
  };
}

/** Whether they speak of "now". */
export const isOfNow = ({ starts, on }: Moments): boolean => [starts?.from, starts?.until, on].includes("now");
