/** How much one search may take on. Given to createSearch, so that a test sees with few events what happens with many. */
export interface Bounds {
  /** Candidates that are ranked among themselves. */
  ranked: number;
  /** Up to so many expected ones are gathered whole (a fourth of them where nothing is ranked): the planner errs by a factor of two easily, and the surplus is cut. */
  whole: number;
  /** Up to so many that pass the filters are compared with a vector one by one: exact, and cheaper than walking the index past all that do not. */
  few: number;
  /** Venues of the first ring, where the nearest come first and there are too many to gather whole; each further ring has four times as many. */
  ring: number;
}

export const BOUNDS: Bounds = { ranked: 2_000, whole: 4_000, few: 20_000, ring: 12 };
