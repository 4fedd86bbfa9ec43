/** Chance that is the same on every machine: a seeded generator, and the few distributions that the corpus is drawn from. */

export interface Chance {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number in [0, most). */
  below(most: number): number;
  /** True in `share` of the cases. */
  likely(share: number): boolean;
  one<T>(list: readonly T[]): T;
  /** Normally distributed around 0, standard deviation 1. */
  gauss(): number;
  /** An index in [0, length) of a list whose first members are drawn far more often than its last. */
  skewed(length: number, steepness?: number): number;
  /** `bytes` random bytes as hexadecimal digits. */
  hex(bytes: number): string;
}

/** mulberry32: small, quick and the same everywhere. */
export function chance(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (most: number) => Math.floor(next() * most);
  return {
    next,
    below,
    likely: (share) => next() < share,
    one: (list) => list[below(list.length)]!,
    gauss: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    skewed: (length, steepness = 2.5) => Math.floor(length * next() ** steepness),
    hex(bytes) {
      let digits = "";
      for (let n = 0; n < bytes; n += 4)
        digits += Math.floor(next() * 2 ** 32)
          .toString(16)
          .padStart(8, "0");
      return digits.slice(0, 2 * bytes);
    },
  };
}

/** Draws indexes by these weights, each in constant time (Walker's alias method as Vose put it). */
export function weighted(weights: readonly number[]): (by: Chance) => number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const share = Float64Array.from(weights, (weight) => (weight * weights.length) / total);
  const alias = new Uint32Array(weights.length);
  const [small, large]: [number[], number[]] = [[], []];
  share.forEach((one, n) => (one < 1 ? small : large).push(n));
  while (small.length > 0 && large.length > 0) {
    const [less, more] = [small.pop()!, large.pop()!];
    alias[less] = more;
    share[more]! -= 1 - share[less]!;
    (share[more]! < 1 ? small : large).push(more);
  }
  for (const rest of [...small, ...large]) share[rest] = 1;
  return (by) => {
    const n = by.below(share.length);
    return by.next() < share[n]! ? n : alias[n]!;
  };
}

/**
 * Zipf's law as Mandelbrot put it: the n-th of `length` is drawn in proportion to 1 ÷ (n + offset)^exponent. The offset
 * keeps the very first from being everywhere.
 */
export const zipf = (length: number, exponent = 1, offset = 0): ((by: Chance) => number) =>
  weighted(Array.from({ length }, (_, n) => 1 / (n + 1 + offset) ** exponent));
