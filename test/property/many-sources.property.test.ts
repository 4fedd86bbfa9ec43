/**
 * What an event shows depends on what its sources say, on who is believed, on what was taken back and on what is one; and
 * on no order. Histories of three sources, a curator and merges run in two orders, each in a real registry, and must come
 * to the same, which a model without any order foretells (support/claims-model.ts).
 */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EventState } from "../../src/domain/state.ts";
import { expected, shownBy, type Rule } from "../support/claims-model.ts";
import { happen, INITIAL } from "../support/claims-universe.ts";
import { history, turns, type History, type SourceStep } from "../support/histories.ts";
import { openTestRegistry, type TestRegistry } from "../support/registry.ts";

let on: TestRegistry;
beforeAll(async () => {
  on = await openTestRegistry();
});
afterAll(() => on[Symbol.asyncDispose]());

let worlds = 0;
/** A word that no other history has in its names. */
const newMark = (): string =>
  createHash("sha256")
    .update(String(++worlds))
    .digest("hex")
    .slice(0, 9)
    .replace(/\d/g, (digit) => "ghijklmnop"[Number(digit)]!);

/** Lets a history happen; what its events show, and what they show in full but for what tells one world from another. */
async function live(story: History, order: readonly number[]) {
  const mark = newMark();
  const { states, sourceIds } = await happen(on, mark, story, order);
  const ids = states.map((state) => state.id);
  return { mark, sourceIds, shown: states.map((state) => shownBy(state, ids)), full: states.map((state) => timeless(state, mark)) };
}

/** Of an event that is shown, all but ids, versions, times of writing and the world's mark; of others only that they are not. */
function timeless(state: EventState, mark: string): unknown {
  if (!state.public) return "not shown";
  const text = JSON.stringify(state, (key, value: unknown) =>
    ["id", "version", "createdAt", "updatedAt"].includes(key) ? undefined : value,
  );
  return JSON.parse(text.replaceAll(mark, "world"));
}

/** A failure is told as it was met, with its seed: to make it small would take longer than a test may. */
const RUNS = { numRuns: 15, endOnFailure: true };

/** Two that came to grief once: a source that is silent while its event is merged, and a pin to an event that is silent. */
const SILENT_MEANWHILE: History = {
  speaks: [[0], [1], [2]],
  sources: [[{ do: "withdraw" }, { do: "reinstate" }], [], []],
  curator: [],
  merges: [
    { do: "merge", ids: [0, 1] },
    { do: "undo", which: 0 },
  ],
};
const PINNED_MEANWHILE: History = {
  ...SILENT_MEANWHILE,
  curator: [{ do: "pin", field: "url", value: "https://pin.example/" }],
  merges: [],
};

test("every interleaving of claims, withdrawals, trust, pins and merges comes to the same events, as foretold", async () => {
  await fc.assert(
    fc.asyncProperty(history, turns, turns, async (story, order, another) => {
      const [one, other] = [await live(story, order), await live(story, another)];
      expect(one.shown).toEqual(await expected(one.mark, story, one.sourceIds));
      expect(other.full).toEqual(one.full);
    }),
    {
      ...RUNS,
      examples: [
        [SILENT_MEANWHILE, [0, 1, 0, 1], [1, 1, 0, 0]],
        [PINNED_MEANWHILE, [0, 1, 0], [1, 0, 0]],
      ],
    },
  );
});

test("merges that are all undone leave no trace: the events are what they would be without them", async () => {
  const undone = history.map((story): History => ({
    ...story,
    merges: [...story.merges, ...story.merges.map(() => ({ do: "undo", which: 0 }) as const)],
  }));
  await fc.assert(
    fc.asyncProperty(undone, turns, async (story, order) => {
      const [merged, never] = [await live(story, order), await live({ ...story, merges: [] }, order)];
      expect(merged.full).toEqual(never.full);
    }),
    RUNS,
  );
});

describe("a model that forgets a rule is found out (the control)", () => {
  const loud: SourceStep = { do: "say", of: 0, words: { ...INITIAL, description: "Loud.", url: "https://a.example/", price: "10.00" } };
  const quiet: SourceStep = {
    do: "say",
    of: 0,
    words: { ...INITIAL, description: "Improvised.", url: "https://b.example/", price: "15.00" },
  };
  const base: History = { speaks: [[0, 1, 2], [0], [0]], sources: [[], [loud], [quiet]], curator: [], merges: [] };
  const STORIES: Record<Rule, History> = {
    trust: { ...base, sources: [[], [loud, { do: "trust", level: 9 }], [loud, quiet]] },
    license: { ...base, sources: [[], [loud, { do: "trust", level: 9 }, { do: "license", status: "proprietary" }], [quiet]] },
    "taken back": { ...base, sources: [[], [loud, { do: "trust", level: 9 }, { do: "take back", field: "url" }], [quiet]] },
    "withdrawn sources": { ...base, sources: [[], [loud, { do: "trust", level: 9 }, { do: "withdraw" }], [quiet]] },
    undo: {
      ...base,
      merges: [
        { do: "merge", ids: [0, 1] },
        { do: "undo", which: 0 },
      ],
    },
    pins: { ...base, curator: [{ do: "pin", field: "url", value: "https://pin.example/" }] },
  };
  test.each(Object.entries(STORIES))("%s", async (rule, story) => {
    const { mark, sourceIds, shown } = await live(story, [1, 2, 3]);
    expect(shown).toEqual(await expected(mark, story, sourceIds));
    expect(shown).not.toEqual(await expected(mark, story, sourceIds, rule as Rule));
  });
});
