/** From end to end: the same submissions of three sources, in whatever order they arrive, make the same event. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyItems } from "../../src/registry/apply-items.ts";
import type { Caller } from "../../src/registry/context.ts";
import { prepare } from "../../src/registry/prepare.ts";
import { readSpeaker } from "../../src/db/speaker.ts";
import { decodeEvent } from "../../src/jsonld/decode.ts";
import { BASE, concert, openTestRegistry, type TestRegistry } from "../support/registry.ts";

let on: TestRegistry;
let sources: Caller[];
beforeAll(async () => {
  on = await openTestRegistry();
  sources = [
    await on.source("curious", { trust: 2, license: "unknown" }),
    await on.source("listings", { trust: 5, license: "cc-by" }),
    await on.source("venue", { trust: 8 }),
  ];
});
afterAll(() => on[Symbol.asyncDispose]());

/** What one source says of the concert, and when. Name, start and place stay within one exact identity. */
const said = fc.record({
  source: fc.constantFrom(0, 1, 2),
  changes: fc.record({
    name: fc.constantFrom("Free Jazz at the Rex", "FREE JAZZ at the Rex"),
    when: fc.constantFrom(
      { startDate: "2026-05-08T21:00:00-04:00", endDate: null },
      { startDate: "2026-05-08T21:00:00-04:00", endDate: "2026-05-08T21:00:30-04:00" },
      { startDate: "2026-05-09T01:01:00Z", endDate: null },
      { startDate: "2026-05-09T01:01:00Z", endDate: "2026-05-08T23:30:00-04:00" },
    ),
    description: fc.constantFrom(null, "Improvised.", "Loud."),
    keywords: fc.subarray(["jazz", "free"]),
    url: fc.constantFrom(null, "https://a.example/", "https://b.example/"),
    eventStatus: fc.constantFrom(null, "EventScheduled", "EventCancelled", "EventPostponed", "EventRescheduled"),
    organizer: fc.constantFrom(null, { "@type": "Organization", name: "The Rex Hotel" }, { "@type": "Person", name: "Ada" }),
  }),
});
type Said = typeof said extends fc.Arbitrary<infer T> ? T : never;
/** One word of each source at most: a source's own second thoughts move its event through the lifecycle, which has an order. */
const set = fc.uniqueArray(said, { selector: (one) => one.source, minLength: 2, maxLength: 3 });

let round = 0;
async function arrive(words: readonly Said[]): Promise<unknown> {
  const street = `${++round} Queen St W`; // a venue of its own for every round
  const ids = new Set<string>();
  for (const {
    source,
    changes: { when, ...rest },
  } of words) {
    const caller = sources[source]!;
    const document = concert({
      ...rest,
      ...when,
      location: {
        "@type": "Place",
        name: "The Rex",
        address: { "@type": "PostalAddress", streetAddress: street },
        ...(source === 1 && { url: "https://rex.example/" }),
      },
    });
    const payload = Buffer.from(JSON.stringify(document));
    const submission = await decodeEvent(document, { base: BASE });
    const [result] = await on.registry.database.transact(async (tx) => {
      const speaker = await readSpeaker(tx, caller.sourceId!);
      return applyItems(on.registry, caller, tx, speaker, [prepare(submission, { payload, mediaType: "application/ld+json" }, {}, BASE)], {
        observedAt: 1_000_000 * (source + 1),
      });
    });
    if (result?.outcome === "rejected") throw new Error(`refused: ${result.problem.detail}`);
    ids.add(result!.eventId);
  }
  expect(ids.size).toBe(1);
  return timeless(await on.event([...ids][0]!), street);
}

/** The state without what tells one round from another: ids, versions, times of writing, the street. */
function timeless(state: object, street: string): unknown {
  return JSON.parse(
    JSON.stringify(state, (key, value: unknown) =>
      ["id", "version", "createdAt", "updatedAt"].includes(key) ? undefined : value,
    ).replaceAll(street, "the street"),
  );
}

test("in every order of arrival, the event reads the same", async () => {
  await fc.assert(
    fc.asyncProperty(set, async (words) => {
      const orders =
        words.length === 2
          ? [
              [0, 1],
              [1, 0],
            ]
          : [
              [0, 1, 2],
              [2, 1, 0],
              [1, 2, 0],
            ];
      const [first, ...others] = await orders.reduce(
        async (made: Promise<unknown[]>, order) => [...(await made), await arrive(order.map((n) => words[n]!))],
        Promise.resolve([]),
      );
      for (const other of others) expect(other).toEqual(first);
    }),
    { numRuns: 25 },
  );
});

test("and reads another way when the words are others (the control)", async () => {
  const word = (source: 0 | 1 | 2, description: "Loud." | "Improvised."): Said => ({
    source,
    changes: {
      name: "Free Jazz at the Rex",
      when: { startDate: "2026-05-08T21:00:00-04:00", endDate: null },
      description,
      keywords: [],
      url: null,
      eventStatus: null,
      organizer: null,
    },
  });
  const digest = (state: unknown) => createHash("sha256").update(JSON.stringify(state)).digest("hex");
  const [one, other] = [await arrive([word(1, "Loud."), word(2, "Improvised.")]), await arrive([word(1, "Improvised."), word(2, "Loud.")])];
  expect(digest(one)).not.toBe(digest(other));
});
