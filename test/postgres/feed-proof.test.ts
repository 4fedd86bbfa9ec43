/** The feed's proof, short: the full one is `npm run feed:proof -- --changes 1000000 --writers 16 --kills 100`. */
import { describe, expect, inject, test } from "vitest";
import { openTestDatabase } from "../support/db.ts";
import { failuresOf, proveFeed } from "../support/feed-harness.ts";

/** The embedded database has one connection: there is no concurrency to prove anything about. */
const describeOnServersOnly = inject("database").kind === "server" ? describe : describe.skip;

describeOnServersOnly("many writers, two sequencers that get killed, one feed", () => {
  test("nothing is lost, doubled, out of order or changed afterwards; three plausible readers fail on the same writes", async () => {
    await using fresh = await openTestDatabase();
    const report = await proveFeed({ url: fresh.url!, changes: 10_000, writers: 16, kills: 8, hot: 120 });
    console.log(JSON.stringify(report));
    expect(report.failures).toEqual([]);
    expect(report).toMatchObject({ kills: 8, faults: { lost: 0, invented: 0, duplicated: 0, outOfOrder: 0, gaps: 0, brokenChain: 0 } });
    expect(report.changes).toBeGreaterThan(5_000);
    expect(report.tally.rollbacks).toBeGreaterThan(0);
  });
});

describe("the proof itself", () => {
  const faults = {
    lost: 0,
    invented: 0,
    duplicated: 0,
    outOfOrder: 0,
    gaps: 0,
    rereadDifferently: 0,
    brokenChain: 0,
    replicaDiffers: 0,
    acknowledgedLost: 0,
    epochChanged: 0,
  };
  const controls = {
    "seq > cursor": { lost: 5, inversions: 0 },
    "seq > cursor under a fence": { lost: 5, inversions: 0 },
    "(xid, seq) > cursor under a fence": { lost: 0, inversions: 5 },
  };

  test("passes only when nothing is wrong and every control failed as it must", () => {
    expect(failuresOf({ faults, controls })).toEqual([]);
    expect(failuresOf({ faults: { ...faults, lost: 1 }, controls })).toEqual(["lost: 1"]);
    const harmless = { lost: 0, inversions: 0 };
    for (const name of Object.keys(controls)) expect(failuresOf({ faults, controls: { ...controls, [name]: harmless } })).toHaveLength(1);
  });
});
