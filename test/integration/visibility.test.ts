/**
 * What readers see follows the lifecycle, in every output alike: what is hidden is nowhere, what is gone says so at its
 * own address, and everything else is everywhere.
 */
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { publicDocuments } from "../../src/cli/export.ts";
import { kyselyOf } from "../../src/db/handle.ts";
import { uriOf, uuidOf } from "../../src/domain/iri.ts";
import { isPublic, LIFECYCLE_STATES, type LifecycleState } from "../../src/domain/lifecycle.ts";
import { readAll } from "../support/feed-reader.ts";
import { submitEvent } from "../../src/registry/submit-event.ts";
import { createNetwork, type TestNetwork, type TestNode } from "../support/network.ts";
import { LISTING_NAMES, listingsWith, OWN_NAMES, ownAnswers, snapshotText, type Seen } from "../support/public-outputs.ts";
import { concert } from "../support/registry.ts";

/** How an event that was published comes into each state; a draft and what is pending are so by hand. */
const WAY: Record<LifecycleState, readonly LifecycleState[]> = {
  draft: [],
  pending_review: [],
  published: [],
  postponed: ["postponed"],
  rescheduled: ["rescheduled"],
  sold_out: ["sold_out"],
  cancelled: ["cancelled"],
  withdrawn: ["withdrawn"],
  completed: ["completed"],
  deleted: ["deleted"],
};
/** A word of its own for each event, so that a search for it finds nothing else. */
const WORDS = ["Quillwort", "Mudlark", "Ziggurat", "Fernbrake", "Oxlip", "Tamarack", "Periwinkle", "Yellowhammer", "Kestrel", "Bluebottle"];
type Kind = LifecycleState | "merged" | "never published";

interface Found {
  own: Record<string, number>;
  listings: Record<string, boolean>;
  /** What the feed said of it, in order. */
  feed: string[];
  snapshot: boolean;
  export: boolean;
}
const found = new Map<Kind, Found>();
let network: TestNetwork;
beforeAll(async () => {
  network = await createNetwork({ nodes: 1, clock: () => new Date("2026-05-01T12:00:00Z") });
  const { node } = network;
  const seen = await publishAll(node);
  const feed = await readAll(node, { kind: "event" });
  const snapshot = await snapshotText(node);
  const exported = JSON.stringify(await Array.fromAsync(publicDocuments(node, "event")));
  for (const [kind, one] of seen) {
    const told = feed.filter((item) => item.uri === one.uri);
    found.set(kind, {
      own: await ownAnswers(node, one),
      listings: await listingsWith(node, one),
      feed: told.map((item) => `${item.action}${item.snapshot ? " shown" : ""}${item.tombstone ? " tombstone" : ""}`),
      snapshot: snapshot.includes(`"${one.uri}"`),
      export: exported.includes(`"${one.uri}"`),
    });
  }
}, 180_000);
afterAll(() => network[Symbol.asyncDispose]());

/** Publishes an event for each kind, tells the feed of it, and moves it to where it belongs. */
async function publishAll(node: TestNode): Promise<Map<Kind, Seen>> {
  const post = async (path: string, body: object) => {
    const headers = { "content-type": path.includes("admin") ? "application/json" : "application/ld+json" };
    const response = await node.asAdmin(path, { method: "POST", headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as { "@id": string; location: { "@id": string } };
  };
  let day = 10;
  const publish = async (name: string): Promise<Seen> => {
    const start = `2026-05-${day++}T21:00:00-04:00`;
    const event = await post("/api/v1/events", concert({ name, startDate: start, endDate: undefined }));
    return { uri: event["@id"], name, venue: event.location["@id"] };
  };
  const ulidOf = ({ uri }: Seen) => uri.slice(-26);
  const setByHand = (one: Seen, state: LifecycleState) =>
    node.database.transact((tx) =>
      sql`update events set lifecycle_state = ${state} where id = ${uuidOf(ulidOf(one))!}`.execute(kyselyOf(tx)),
    );

  const seen = new Map<Kind, Seen>();
  for (const [n, state] of LIFECYCLE_STATES.entries()) seen.set(state, await publish(`${WORDS[n]} Assembly`));
  const other = await publish("Hollyhock Assembly");
  seen.set("merged", await publish("Hollyhock Gathering"));
  await node.processAll();
  // Kept back in the very transaction that brought it.
  const { eventId } = await node.database.transact(async (tx) => {
    const document = concert({ name: "Snapdragon Assembly", startDate: "2026-05-30T21:00:00-04:00", endDate: undefined });
    const submitted = await submitEvent(node.registry, { actor: "test", role: "admin" }, tx, {
      payload: Buffer.from(JSON.stringify(document)),
      mediaType: "application/ld+json",
      document,
    });
    await sql`update events set lifecycle_state = 'draft' where id = ${submitted.eventId}`.execute(kyselyOf(tx));
    return submitted;
  });
  seen.set("never published", { uri: uriOf(node.base, "event", { id: eventId }), name: "Snapdragon Assembly", venue: other.venue });

  for (const state of LIFECYCLE_STATES)
    for (const next of WAY[state])
      await post(`/api/v1/admin/events/${ulidOf(seen.get(state)!)}/state`, { state: next, reason: "for this test" });
  await setByHand(seen.get("draft")!, "draft");
  await setByHand(seen.get("pending_review")!, "pending_review");
  await post("/api/v1/admin/merges", { kind: "event", ids: [ulidOf(other), ulidOf(seen.get("merged")!)], reason: "one and the same" });
  await node.processAll();

  return seen;
}

const every = <T>(names: readonly string[], value: T): Record<string, T> => Object.fromEntries(names.map((name) => [name, value]));

describe.each(LIFECYCLE_STATES.filter(isPublic))("what is %s", (state) => {
  test("is shown by every output", () => {
    expect(found.get(state)).toEqual({
      own: every(OWN_NAMES, 200),
      listings: every(LISTING_NAMES, true),
      // schema.org has no word for sold out or over: what readers are shown of these did not change.
      feed: ["cancelled", "postponed", "rescheduled"].includes(state) ? ["create shown", "update shown"] : ["create shown"],
      snapshot: true,
      export: true,
    });
  });
});

describe.each(["draft", "pending_review", "withdrawn"] as const)("what is %s", (state) => {
  test("is hidden from every output, and the feed takes back what it told", () => {
    expect(found.get(state)).toEqual({
      own: every(OWN_NAMES, 404),
      listings: every(LISTING_NAMES, false),
      feed: ["create shown", "delete tombstone"],
      snapshot: false,
      export: false,
    });
  });
});

test("what was never published is told of by nothing, not even a tombstone", () => {
  expect(found.get("never published")).toEqual({
    own: every(OWN_NAMES, 404),
    listings: every(LISTING_NAMES, false),
    feed: [],
    snapshot: false,
    export: false,
  });
});

test.each(["deleted", "merged"] as const)("what is %s says so at its own address, and is in no list", (kind) => {
  expect(found.get(kind)).toEqual({
    own: every(OWN_NAMES, 410),
    listings: every(LISTING_NAMES, false),
    feed: ["create shown", "delete tombstone"],
    snapshot: false,
    export: false,
  });
});
