/**
 * Whatever befalls a receiver and the workers that tell it, it hears every change, none before the one it follows on, and the same
 * message only ever under the same id.
 */
import fc from "fast-check";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { readFeedHead } from "../../src/db/feed-log.ts";
import { kyselyOf } from "../../src/db/handle.ts";
import { tellSubscribers } from "../../src/federation/feed-webhooks.ts";
import type { SafeFetch } from "../../src/federation/safe-fetch.ts";
import { createFeedSubscription, removeFeedSubscription, resumeFeedSubscription } from "../../src/registry/feed-subscriptions.ts";
import { ADMIN, openSavedSearches, type SavedSearchesTest } from "../support/saved-searches.ts";

/** What befalls one attempt. */
const FATES = ["received", "refused", "gone", "killed before", "killed after"] as const;
type Fate = (typeof FATES)[number];
type Step = { add: number } | { tell: Fate[]; workers: 1 | 2 } | { wait: number } | "resume";

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ add: fc.integer({ min: 1, max: 130 }) }),
  fc.record({ tell: fc.array(fc.constantFrom(...FATES), { maxLength: 4 }), workers: fc.constantFrom(1 as const, 2 as const) }),
  fc.record({ wait: fc.constantFrom(1_000, 5 * 60_000, 36 * 3600_000) }),
  fc.constant("resume" as const),
);

interface Heard {
  id: string;
  positions: number[];
}

/** A receiver whose attempts fare as `fates` say, the rest well; it keeps what reached it. */
function receiver(heard: Heard[], fates: Fate[]): SafeFetch {
  return (_url, request) => {
    const fate = fates.shift() ?? "received";
    if (fate === "killed before") return Promise.reject(new Error("killed"));
    const { data } = JSON.parse(String(request!.body)) as { data: { changes: { sequence_number: number }[] } };
    heard.push({ id: request!.headers!["webhook-id"]!, positions: data.changes.map((change) => change.sequence_number) });
    if (fate === "killed after") return Promise.reject(new Error("killed"));
    const status = fate === "received" ? 204 : fate === "gone" ? 410 : 503;
    return Promise.resolve({ status, headers: new Headers(), body: Buffer.alloc(0), url: "" });
  };
}

/** Why this is not the log from `first` to `last`, told in order and at least once; undefined when it is. */
function faultIn(heard: readonly Heard[], first: number, last: number): string | undefined {
  let reached = first - 1;
  const told = new Map<string, string>();
  for (const { id, positions } of heard) {
    const text = positions.join(" ");
    if ((told.get(id) ?? text) !== text) return `${id} was told with ${told.get(id)} and then with ${text}`;
    told.set(id, text);
    if (positions[0]! > reached + 1) return `${positions[0]} came after ${reached}`;
    if (positions.some((position, n) => position !== positions[0]! + n)) return `${text} is not in order`;
    reached = Math.max(reached, positions.at(-1)!);
  }
  return reached === last ? undefined : `${reached} was the last, not ${last}`;
}

async function play(on: SavedSearchesTest, steps: readonly Step[]): Promise<string | undefined> {
  const { registry } = on;
  const { database } = registry;
  const head = () => database.read(readFeedHead);
  const { epoch, position } = await head();
  const request = { name: "one", url: "https://hooks.example/", payload: "changes", from: { epoch, position } } as const;
  const { subscription } = await database.transact((tx) => createFeedSubscription(registry, ADMIN, tx, request, () => undefined));
  const resume = () => database.transact((tx) => resumeFeedSubscription(registry, ADMIN, tx, subscription.id));
  const heard: Heard[] = [];
  const tell = async (fates: Fate[], workers = 1) => {
    const fetch = receiver(heard, fates);
    const work = () =>
      tellSubscribers({ registry, fetch, random: () => 0.5 }).catch((error: Error) => expect(error.message).toBe("killed"));
    await Promise.all(Array.from({ length: workers }, work));
  };
  for (const one of steps) {
    if (one === "resume") await resume();
    else if ("wait" in one) on.later(one.wait);
    else if ("tell" in one) await tell([...one.tell], one.workers);
    else {
      await database.transact((tx) =>
        sql`insert into places (id, match_key, name) select gen_random_uuid(), gen_random_uuid()::text::bytea, 'Old Mill ' || n from generate_series(1, ${one.add}::int) n`.execute(
          kyselyOf(tx),
        ),
      );
      await on.number();
    }
  }
  await resume();
  await tell([]);
  const { position: last } = await head();
  await database.transact((tx) => removeFeedSubscription(registry, ADMIN, tx, subscription.id));
  return faultIn(heard, position + 1, last);
}

test("every change is heard, in order, whatever happens", async () => {
  await using on = await openSavedSearches();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      expect(await play(on, steps)).toBeUndefined();
    }),
    { numRuns: 25 },
  );
}, 120_000);

test.each([
  [
    "a gap",
    [
      { id: "a", positions: [1, 2] },
      { id: "b", positions: [4] },
    ],
    "4 came after 2",
  ],
  ["an order that is not the log's", [{ id: "a", positions: [2, 1] }], "2 came after 0"],
  [
    "another content under the same id",
    [
      { id: "a", positions: [1] },
      { id: "a", positions: [1, 2] },
    ],
    "a was told with 1 and then with 1 2",
  ],
  ["an end before the end", [{ id: "a", positions: [1, 2] }], "2 was the last, not 4"],
])("the check would find %s", (_name, heard, fault) => {
  expect(faultIn(heard, 1, 4)).toBe(fault);
});
