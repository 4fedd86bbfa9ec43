/** A node whose clock stood ahead and was set right: its next epoch is the newer one all the same, for all who go by its name. */
import { expect, test } from "vitest";
import { beginOf, compareCustody } from "../../src/domain/custody.ts";
import { openEpoch } from "../../src/feed/epoch.ts";
import { openTestRegistry } from "../support/registry.ts";

const HOUR = 3_600_000;

test("an epoch that begins under a clock set back sorts behind the one before, unless that lay where nobody believed it", async () => {
  await using test = await openTestRegistry();
  const { database } = test.registry;
  const right = Date.parse("2026-05-01T12:00:00Z");
  /** As after a restart that may have lost something. */
  const beginAt = (milliseconds: number) => openEpoch(database, { clean: false, clock: () => new Date(milliseconds) });
  const first = await beginAt(right);
  const ahead = await beginAt(right + 2 * HOUR);
  const setRight = await beginAt(right + 60_000);
  expect([first, setRight, ahead].toSorted()).toEqual([first, ahead, setRight]);
  expect(beginOf(setRight)).toBe(right + 2 * HOUR + 1);
  const byRelay = { position: 1, hops: ["https://relay.example"] };
  expect(compareCustody({ epoch: setRight, ...byRelay }, { epoch: ahead, ...byRelay })).toBeGreaterThan(0);

  const farAhead = await beginAt(right + 1_000 * HOUR);
  const again = await beginAt(right + 3 * HOUR);
  expect(again < farAhead).toBe(true);
  expect(again > setRight).toBe(true);
});
