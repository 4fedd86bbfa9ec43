import { expect, it } from "vitest";
import type { PeerListing } from "../registry/peers.ts";
import { isFarBehind } from "./doctor-peers.ts";

const now = new Date("2026-05-02T12:00:00Z");
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
const FINE = { status: "active", direction: "pull", lagSeconds: 0, everySeconds: 300, failures: 0, nextPullAt: now };

it.each<[string, boolean, Partial<PeerListing>]>([
  ["one that was heard just now", false, {}],
  ["one that missed a pull or two", false, { lagSeconds: 900 }],
  ["one that was not heard for two hours", true, { lagSeconds: 7_200 }],
  ["one that is asked once a day, after two hours", false, { lagSeconds: 7_200, everySeconds: 86_400 }],
  ["a new one", false, { lagSeconds: null, nextPullAt: hoursAgo(0.1) }],
  ["a new one that fails again and again", true, { lagSeconds: null, failures: 2 }],
  ["a new one that was due for hours", true, { lagSeconds: null, nextPullAt: hoursAgo(3) }],
  ["one that a person has paused", false, { lagSeconds: 7_200, status: "paused" }],
  ["one that only pushes", false, { lagSeconds: 7_200, direction: "push" }],
])("%s: far behind is %s", (_who, expected, more) => {
  expect(isFarBehind({ ...FINE, ...more } as PeerListing, now)).toBe(expected);
});
