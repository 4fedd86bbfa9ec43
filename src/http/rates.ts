/**
 * How often each caller may ask: token buckets in this process's memory, bounded, on a clock of its own
 * (draft-ietf-httpapi-ratelimit-headers for what clients are told).
 */
import type { Clock } from "../domain/clock.ts";

export interface Verdict {
  allowed: boolean;
  /** Requests left at this moment. */
  remaining: number;
  /** Seconds until all of them are there again. */
  resetSeconds: number;
  /** Seconds until the next one is allowed; 0 when it is now. */
  retrySeconds: number;
}

/** Takes one request of `caller`, who has `perMinute`. */
export type RateLimiter = (caller: string, perMinute: number) => Verdict;

interface Bucket {
  tokens: number;
  at: number;
  perMinute: number;
}

const MINUTE = 60_000;

/** A bucket holds a minute's worth and fills evenly. At most `bound` callers are remembered: full buckets go first, then the longest idle. */
export function createRateLimiter(clock: Clock, bound = 20_000): RateLimiter {
  const buckets = new Map<string, Bucket>();
  return (caller, perMinute) => {
    const now = clock().getTime();
    const known = buckets.get(caller);
    // A clock that went back refills nothing.
    const refilled =
      known === undefined ? perMinute : Math.min(perMinute, known.tokens + (Math.max(0, now - known.at) / MINUTE) * perMinute);
    const allowed = refilled >= 1;
    const tokens = allowed ? refilled - 1 : refilled;
    buckets.delete(caller);
    buckets.set(caller, { tokens, at: now, perMinute });
    if (buckets.size > bound) shrink(buckets, now, bound);
    return {
      allowed,
      remaining: Math.floor(tokens),
      resetSeconds: Math.ceil(((perMinute - tokens) / perMinute) * 60),
      retrySeconds: allowed ? 0 : Math.ceil(((1 - tokens) / perMinute) * 60),
    };
  };
}

/** The map is in order of last use: the front is the longest idle. */
function shrink(buckets: Map<string, Bucket>, now: number, bound: number): void {
  for (const [caller, { tokens, at, perMinute }] of buckets) {
    if (tokens + ((now - at) / MINUTE) * perMinute >= perMinute) buckets.delete(caller);
  }
  for (const caller of buckets.keys()) {
    if (buckets.size <= bound * 0.9) return;
    buckets.delete(caller);
  }
}

/** `RateLimit-Policy` and `RateLimit`, as structured fields. */
export function rateHeaders({ remaining, resetSeconds }: Verdict, perMinute: number): [string, string][] {
  return [
    ["ratelimit-policy", `"default";q=${perMinute};w=60`],
    ["ratelimit", `"default";r=${remaining};t=${resetSeconds}`],
  ];
}
