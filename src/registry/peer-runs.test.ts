import { describe, expect, it } from "vitest";
import type { Peer } from "../domain/peer.ts";
import { afterRun } from "./peer-runs.ts";

const NOW = new Date("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const peer = (more: Partial<Peer> = {}) =>
  ({ everySeconds: 300, failures: 0, status: "active", position: 5, behindSince: null, ...more }) as Peer;
const minutesUntil = ({ nextPullAt }: Partial<Peer>) => (nextPullAt!.getTime() - NOW.getTime()) / MINUTE;

describe("when a peer is asked next", () => {
  const went = { outcome: "unchanged", head: 5, more: false } as const;
  it("is its interval, a tenth either way, so that peers spread out", () => {
    expect(minutesUntil(afterRun(peer(), went, NOW, () => 0))).toBeCloseTo(4.5);
    expect(minutesUntil(afterRun(peer(), went, NOW, () => 0.999_999))).toBeCloseTo(5.5);
  });

  const failed = { outcome: "failed", detail: "no answer" } as const;
  it("is after a failure any moment within twice the interval, and twice that again, up to an hour", () => {
    expect(minutesUntil(afterRun(peer(), failed, NOW, () => 0))).toBe(0);
    expect(minutesUntil(afterRun(peer(), failed, NOW, () => 1))).toBe(10);
    expect(minutesUntil(afterRun(peer({ failures: 1 }), failed, NOW, () => 1))).toBe(20);
    expect(minutesUntil(afterRun(peer({ failures: 1_000 }), failed, NOW, () => 1))).toBe(60);
  });

  it("is soon after a failure that has brought something first, however many were before it", () => {
    const next = afterRun(peer({ failures: 1_000 }), failed, NOW, () => 1, 7);
    expect(minutesUntil(next)).toBe(10);
    expect(next).toMatchObject({ failures: 1, lastError: "no answer" });
  });

  it("is not before the peer wants to be asked, but a day at most", () => {
    const until = (hours: number) => ({ ...failed, retryAt: new Date(NOW.getTime() + hours * 60 * MINUTE) });
    expect(minutesUntil(afterRun(peer(), until(3), NOW, () => 0))).toBe(3 * 60);
    expect(minutesUntil(afterRun(peer(), until(-3), NOW, () => 1))).toBe(10);
    expect(minutesUntil(afterRun(peer(), until(24 * 365 * 100), NOW, () => 0))).toBe(24 * 60);
  });
});

it("a peer that is behind is so since it was first seen to be", () => {
  const since = new Date("2026-03-01T11:00:00Z");
  const went = { outcome: "applied", head: 9, more: true } as const;
  expect(afterRun(peer(), went, NOW, () => 0.5)).toMatchObject({ head: 9, behindSince: NOW, nextPullAt: NOW });
  expect(afterRun(peer({ behindSince: since }), went, NOW, () => 0.5)).toMatchObject({ behindSince: since });
  expect(afterRun(peer({ behindSince: since }), { ...went, head: 5 }, NOW, () => 0.5)).toMatchObject({ behindSince: null });
});

it("an alarm stops an active peer; one that was paused meanwhile stays paused", () => {
  const alarm = { outcome: "alarm", alarm: "digest", detail: "item 3" } as const;
  expect(afterRun(peer(), alarm, NOW, () => 0.5)).toMatchObject({ status: "broken", alarm: "digest", alarmAt: NOW });
  expect(afterRun(peer({ status: "paused" }), alarm, NOW, () => 0.5)).not.toHaveProperty("status");
});
