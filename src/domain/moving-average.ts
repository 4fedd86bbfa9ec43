/** Averages that forget: of values that come at uneven times, the older ones count less. */

export interface MovingAverage {
  mean: number;
  variance: number;
  /** How many values it has seen. */
  seen: number;
  /** Time of the last one, in milliseconds. */
  at: number;
}

/** The most that one value counts after a long silence: one visit is no rhythm. */
const MOST = 0.5;

/**
 * Takes one more value in. A value weighs 1 - e^(-time since the last / `memory`); the first ones weigh 1/n, so that a short
 * history has its plain mean. Mean and variance are moved in one step (Finch 2009, "Incremental calculation of weighted mean
 * and variance", section 9).
 */
export function moveAverage(previous: MovingAverage | undefined, value: number, at: number, memory: number): MovingAverage {
  if (previous === undefined) return { mean: value, variance: 0, seen: 1, at };
  const seen = previous.seen + 1;
  const weight = Math.max(1 / seen, Math.min(MOST, 1 - Math.exp(-Math.max(0, at - previous.at) / memory)));
  const difference = value - previous.mean;
  const step = weight * difference;
  return { mean: previous.mean + step, variance: (1 - weight) * (previous.variance + difference * step), seen, at };
}

/** The value below which `share` (0 to 1) of the values lie, by the nearest rank; undefined for none. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const ordered = values.toSorted((a, b) => a - b);
  return ordered[Math.max(0, Math.ceil(share * ordered.length) - 1)];
}
