/** Percentiles of latencies in which every query counts alike, however often chance ran it. */

export interface Sample {
  /** Index of the query. */
  of: number;
  milliseconds: number;
}

export interface Latency {
  p50: number;
  p95: number;
  p99: number;
  samples: number;
}

export function latency(samples: readonly Sample[]): Latency {
  const runs = new Map<number, number>();
  for (const { of } of samples) runs.set(of, (runs.get(of) ?? 0) + 1);
  const sorted = samples.toSorted((a, b) => a.milliseconds - b.milliseconds);
  const percentile = (share: number): number => {
    let passed = 0;
    for (const { of, milliseconds } of sorted) {
      passed += 1 / runs.get(of)!;
      if (passed >= share * runs.size - 1e-9) return milliseconds;
    }
    return Number.NaN;
  };
  return { p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99), samples: samples.length };
}
