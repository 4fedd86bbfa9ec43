import { describe, expect, test } from "vitest";
import { clientAddress } from "./client-address.ts";
import { createRateLimiter, rateHeaders } from "./rates.ts";

function watch(start = 0) {
  let now = start;
  return { clock: () => new Date(now), pass: (milliseconds: number) => void (now += milliseconds) };
}

describe("a rate of 60 a minute", () => {
  test("lets 60 through at once and refuses the next, with the time to wait", () => {
    const { clock } = watch();
    const take = createRateLimiter(clock);
    const verdicts = Array.from({ length: 61 }, () => take("a", 60));
    expect(verdicts.slice(0, 60).every(({ allowed }) => allowed)).toBe(true);
    expect(verdicts[0]).toEqual({ allowed: true, remaining: 59, resetSeconds: 1, retrySeconds: 0 });
    expect(verdicts[60]).toEqual({ allowed: false, remaining: 0, resetSeconds: 60, retrySeconds: 1 });
  });

  test("gives one back each second, and never more than 60", () => {
    const { clock, pass } = watch();
    const take = createRateLimiter(clock);
    for (let n = 0; n < 61; n++) take("a", 60);
    pass(999);
    expect(take("a", 60).allowed).toBe(false);
    pass(1);
    expect(take("a", 60).allowed).toBe(true);
    pass(3_600_000);
    expect(take("a", 60).remaining).toBe(59);
  });

  test("is each caller's own", () => {
    const take = createRateLimiter(watch().clock);
    for (let n = 0; n < 61; n++) take("a", 60);
    expect([take("a", 60).allowed, take("b", 60).allowed]).toEqual([false, true]);
  });

  test("does not grow when the clock goes back", () => {
    const { clock, pass } = watch(1_000_000);
    const take = createRateLimiter(clock);
    for (let n = 0; n < 60; n++) take("a", 60);
    pass(-500_000);
    expect(take("a", 60).allowed).toBe(false);
  });

  test("is remembered of a bounded number of callers, the busy ones before the idle", () => {
    const { clock, pass } = watch();
    const take = createRateLimiter(clock, 100);
    for (let n = 0; n < 5; n++) take("busy", 4);
    for (let n = 0; n < 200; n++) {
      pass(1);
      take(`passing ${n}`, 60);
      if (n % 10 === 0) take("busy", 4);
    }
    expect(take("busy", 4).allowed).toBe(false);
  });

  test("is told in structured fields", () => {
    expect(rateHeaders({ allowed: true, remaining: 59, resetSeconds: 1, retrySeconds: 0 }, 60)).toEqual([
      ["ratelimit-policy", '"default";q=60;w=60'],
      ["ratelimit", '"default";r=59;t=1'],
    ]);
  });
});

describe("a client's address", () => {
  const address = (socket: string | undefined, forwardedFor?: string, trustedProxies = 0) =>
    clientAddress({ socket, forwardedFor, trustedProxies });
  test("is the socket's, whatever the client says of itself", () => expect(address("192.0.2.1", "203.0.113.9")).toBe("192.0.2.1"));
  test("is what the last trusted proxy saw, not what stands before it", () => {
    expect(address("10.0.0.1", "forged, 203.0.113.9", 1)).toBe("203.0.113.9");
    expect(address("10.0.0.1", "forged, 203.0.113.9, 10.0.0.2", 2)).toBe("203.0.113.9");
    expect(address("10.0.0.1", undefined, 1)).toBe("10.0.0.1");
  });
  test("is one for a whole /64, and for both spellings of IPv4", () => {
    expect(address("2001:db8:1:2:3::4")).toBe("2001:db8:1:2::/64");
    expect(address("2001:0db8:1:2:ffff:0:0:4")).toBe("2001:db8:1:2::/64");
    expect(address("2001:db8:1:3::4")).not.toBe("2001:db8:1:2::/64");
    expect(address("::ffff:192.0.2.1")).toBe("192.0.2.1");
    expect(address("::1")).toBe("0:0:0:0::/64");
  });
});
