/** Several sources speak of one event: trust that changes, words taken back, merges and their undoing, and what a person must look at. */
import { expect, test } from "vitest";
import { listReviews } from "../../src/db/reviews.ts";
import { decideReview } from "../../src/registry/decide-review.ts";
import { explainEvent } from "../../src/registry/explain-event.ts";
import { keepApart } from "../../src/registry/keep-apart.ts";
import { mergeEvents, undoMerge } from "../../src/registry/merge-events.ts";
import { pinField } from "../../src/registry/pin-field.ts";
import { resettleSource } from "../../src/registry/resettle.ts";
import { changeSource } from "../../src/registry/sources.ts";
import { liftWithdrawal, withdrawClaim } from "../../src/registry/withdraw-claim.ts";
import { reinstateSource, withdrawSource } from "../../src/registry/withdraw-source.ts";
import type { Caller } from "../../src/registry/context.ts";
import { concert, openTestRegistry, type TestRegistry } from "../support/registry.ts";

const ADMIN: Caller = { actor: "key:curator", role: "admin" };
const act = <T>(on: TestRegistry, work: Parameters<TestRegistry["registry"]["database"]["transact"]>[0]): Promise<T> =>
  on.registry.database.transact(work, ADMIN) as Promise<T>;
const reviews = (on: TestRegistry, state: "open" | "resolved" = "open") =>
  on.registry.database.read((reader) => listReviews(reader, { state, limit: 50 }));
/** What an event shows, but for what grows with every write. */
const shown = async (on: TestRegistry, id: string) => {
  const { version: _version, updatedAt: _updated, ...rest } = await on.event(id);
  return rest;
};
/** Leaves the resettling to the job, as the node does. */
async function settleJobs(on: TestRegistry): Promise<void> {
  for (const job of on.jobs.splice(0)) if (job.queue === "resettle-source") await resettleSource(on.registry, job.sourceId);
}

async function twoSources() {
  const on = await openTestRegistry();
  const rex = await on.source("rex", { trust: 8 });
  const listings = await on.source("listings", { trust: 5 });
  const { eventId } = await on.submit(rex, concert({ "@id": "https://rex.example/1", url: "https://rex.example/1" }));
  const { eventId: same } = await on.submit(listings, concert({ url: "https://listings.example/9", inLanguage: "en" }));
  expect(same).toBe(eventId);
  return { on, rex, listings, eventId };
}

test("a source that gains trust decides, when the job has passed", async () => {
  const { on, eventId } = await twoSources();
  await using _ = on;
  expect((await on.event(eventId)).url).toBe("https://rex.example/1");
  await act(on, (tx) => changeSource(on.registry, ADMIN, tx, "listings", { trustLevel: 9 }));
  await settleJobs(on);
  expect((await on.event(eventId)).url).toBe("https://listings.example/9");
  await act(on, (tx) => changeSource(on.registry, ADMIN, tx, "listings", { trustLevel: 2 }));
  await settleJobs(on);
  expect((await on.event(eventId)).url).toBe("https://rex.example/1");
});

test("a word taken back does not count until it is let in again, or the source says another", async () => {
  const { on, rex, eventId } = await twoSources();
  await using _ = on;
  const before = await shown(on, eventId);
  const taken = { eventId, sourceId: rex.sourceId!, field: "url", reason: "a dead link" };
  const { withdrawalId } = await act<{ withdrawalId: string }>(on, (tx) => withdrawClaim(on.registry, ADMIN, tx, taken));
  expect((await on.event(eventId)).url).toBe("https://listings.example/9");
  const { fields } = await on.registry.database.read((reader) => explainEvent(reader, eventId));
  expect(fields.find((one) => one.field === "/url")?.withdrawn).toMatchObject([
    { source: "rex", by: "key:curator", reason: "a dead link" },
  ]);

  on.later();
  await on.submit(rex, concert({ "@id": "https://rex.example/1", url: "https://rex.example/1", keywords: ["jazz", "free"] }));
  expect((await on.event(eventId)).url).toBe("https://listings.example/9");
  on.later();
  await on.submit(rex, concert({ "@id": "https://rex.example/1", url: "https://rex.example/one" }));
  expect((await on.event(eventId)).url).toBe("https://rex.example/one");

  on.later();
  await on.submit(rex, concert({ "@id": "https://rex.example/1", url: "https://rex.example/1" }));
  await act(on, (tx) => liftWithdrawal(on.registry, ADMIN, tx, { withdrawalId }));
  expect(await shown(on, eventId)).toEqual(before);
});

test("what only one source says and an event cannot be without is not taken back", async () => {
  await using on = await openTestRegistry();
  const rex = await on.source("rex");
  const { eventId } = await on.submit(rex, concert());
  const withdraw = (field: string, caller = ADMIN) =>
    act(on, (tx) => withdrawClaim(on.registry, caller, tx, { eventId, sourceId: rex.sourceId!, field }));
  await expect(withdraw("startDate")).rejects.toMatchObject({ code: "conflict" });
  await expect(withdraw("doorTime")).rejects.toMatchObject({ code: "not_found" });
  await expect(withdraw("colour")).rejects.toMatchObject({ code: "invalid_body" });
  await expect(withdraw("keywords", await on.source("another"))).rejects.toMatchObject({ code: "forbidden" });
});

test("a withdrawn source says nothing: others stand, what it alone spoke for goes out of sight, and all comes back with it", async () => {
  const { on, rex, eventId } = await twoSources();
  await using _ = on;
  const { eventId: alone } = await on.submit(rex, concert({ "@id": "https://rex.example/2", name: "Late Set" }));
  const [both, only] = [await shown(on, eventId), await shown(on, alone)];

  await act(on, (tx) => withdrawSource(on.registry, ADMIN, tx, { name: "rex", reason: "a takedown request" }));
  await settleJobs(on);
  expect(await on.event(eventId)).toMatchObject({ lifecycleState: "published", url: "https://listings.example/9" });
  expect((await on.event(eventId)).sources.map((source) => source.name)).toEqual(["listings"]);
  expect(await on.event(alone)).toMatchObject({ lifecycleState: "withdrawn", public: false });
  expect(await reviews(on)).toMatchObject([{ kind: "withdrawn", entityId: alone }]);
  await expect(on.submit(rex, concert({ name: "Another" }))).rejects.toMatchObject({ code: "forbidden" });

  await act(on, (tx) => reinstateSource(on.registry, ADMIN, tx, { name: "rex" }));
  await settleJobs(on);
  expect(await shown(on, eventId)).toEqual(both);
  expect(await shown(on, alone)).toEqual(only);
  expect(await reviews(on)).toEqual([]);
});

test("sources of equal trust that contradict each other raise one review item, which closes when they agree", async () => {
  await using on = await openTestRegistry();
  const [one, other] = [await on.source("one"), await on.source("other")];
  const { eventId } = await on.submit(one, concert({ "@id": "https://one.example/1" }));
  on.later();
  await on.submit(other, concert({ "@id": "https://other.example/1", offers: { "@type": "Offer", price: "20", priceCurrency: "CAD" } }));
  expect(await reviews(on)).toMatchObject([{ kind: "conflict", entityId: eventId, details: { fields: ["offers"] } }]);
  on.later();
  await on.submit(one, concert({ "@id": "https://one.example/1", offers: { "@type": "Offer", price: "20.00", priceCurrency: "CAD" } }));
  expect(await reviews(on)).toEqual([]);
});

test("what a person has dismissed is not told again, until there is something else to tell", async () => {
  await using on = await openTestRegistry();
  const [one, other] = [await on.source("one"), await on.source("other")];
  const price = (amount: string) => ({ offers: { "@type": "Offer", price: amount, priceCurrency: "CAD" } });
  await on.submit(one, concert({ "@id": "https://one.example/1" }));
  on.later();
  await on.submit(other, concert({ "@id": "https://other.example/1", ...price("20") }));
  const [item] = await reviews(on);
  await act(on, (tx) => decideReview(on.registry, ADMIN, tx, { id: item!.id, action: "dismiss" }));
  on.later();
  await on.submit(other, concert({ "@id": "https://other.example/1", ...price("20"), keywords: ["jazz", "free"] }));
  expect(await reviews(on)).toEqual([]);
  on.later();
  await on.submit(other, concert({ "@id": "https://other.example/1", ...price("25") }));
  expect(await reviews(on)).toMatchObject([{ kind: "conflict", details: { fields: ["offers"] } }]);
});

test("a curator's pin decides, and outlasts what sources say later", async () => {
  const { on, rex, eventId } = await twoSources();
  await using _ = on;
  await act(on, (tx) =>
    pinField(on.registry, ADMIN, tx, { eventId, field: "startDate", value: "2026-05-08T20:30:00-04:00", reason: "called them" }),
  );
  on.later();
  await on.submit(rex, concert({ "@id": "https://rex.example/1", startDate: "2026-05-08T21:15:00-04:00" }));
  expect(await on.event(eventId)).toMatchObject({ startDate: "2026-05-08T20:30:00-04:00", url: "https://listings.example/9" });
  await expect(act(on, (tx) => pinField(on.registry, ADMIN, tx, { eventId, field: "startDate", value: "soon" }))).rejects.toMatchObject({
    code: "invalid_body",
  });
});

/** One concert as two sources have it, so differently that nothing merges them by itself. */
async function twoEvents() {
  const on = await openTestRegistry();
  const [rex, listings] = [await on.source("rex", { trust: 8 }), await on.source("listings", { trust: 5 })];
  const { eventId: older } = await on.submit(rex, concert({ "@id": "https://rex.example/1" }));
  on.later();
  const other = { name: "Music in the West End", startDate: "2026-05-09T19:00:00-04:00", endDate: "2026-05-09T23:00:00-04:00" };
  const location = { "@type": "Place", name: "Rex Annex", address: { "@type": "PostalAddress", addressLocality: "Hamilton" } };
  const { eventId: newer } = await on.submit(
    listings,
    concert({ "@id": "https://listings.example/9", ...other, location, inLanguage: "en" }),
  );
  expect(newer).not.toBe(older);
  return { on, rex, listings, older, newer };
}

test("a merge keeps the older address, leads the other on, and adds up what is said", async () => {
  const { on, listings, older, newer } = await twoEvents();
  await using _ = on;
  await act(on, (tx) => mergeEvents(on.registry, ADMIN, tx, { ids: [newer, older], reason: "one concert" }));
  expect(await on.event(older)).toMatchObject({ public: true, name: "Free Jazz at the Rex", inLanguage: ["en"] });
  expect(await on.event(newer)).toMatchObject({ public: false, supersededBy: { id: older } });

  // What its source says from then on arrives where it leads.
  on.later();
  expect(await on.submit(listings, concert({ "@id": "https://listings.example/9", inLanguage: "fr" }))).toMatchObject({ eventId: older });
  expect((await on.event(older)).inLanguage).toEqual(["fr"]);
  await expect(act(on, (tx) => mergeEvents(on.registry, ADMIN, tx, { ids: [newer, older] }))).rejects.toMatchObject({ code: "conflict" });
});

test("an undo restores both exactly, and the two are remembered as two", async () => {
  const { on, older, newer } = await twoEvents();
  await using _ = on;
  const before = [await shown(on, older), await shown(on, newer)];
  const merge = await act<{ mergeId: string }>(on, (tx) => mergeEvents(on.registry, ADMIN, tx, { ids: [older, newer] }));
  await act(on, (tx) => undoMerge(on.registry, ADMIN, tx, { mergeId: merge.mergeId, reason: "two after all" }));
  expect([await shown(on, older), await shown(on, newer)]).toEqual(before);
  await expect(act(on, (tx) => undoMerge(on.registry, ADMIN, tx, { mergeId: merge.mergeId }))).rejects.toMatchObject({ code: "conflict" });
});

test("of a chain, each link can be undone: what had been merged before stays merged", async () => {
  const { on, older, newer } = await twoEvents();
  await using _ = on;
  const third = await on.source("third");
  const { eventId: newest } = await on.submit(
    third,
    concert({ name: "Quiet Morning", startDate: "2026-06-01T10:00:00-04:00", endDate: null }),
  );
  const before = await shown(on, older);
  await act(on, (tx) => mergeEvents(on.registry, ADMIN, tx, { ids: [newest, newer] }));
  const pair = await shown(on, newer);
  const { mergeId } = await act<{ mergeId: string }>(on, (tx) => mergeEvents(on.registry, ADMIN, tx, { ids: [newest, older] }));
  expect(await on.event(newest)).toMatchObject({ supersededBy: { id: older } });
  await act(on, (tx) => undoMerge(on.registry, ADMIN, tx, { mergeId }));
  expect(await shown(on, older)).toEqual(before);
  expect(await shown(on, newer)).toEqual(pair);
  expect(await on.event(newest)).toMatchObject({ supersededBy: { id: newer } });
});

test("what resembles another is merged where nothing contradicts, else shown to a person, and stays in public", async () => {
  await using on = await openTestRegistry();
  const [rex, listings, third] = [await on.source("rex"), await on.source("listings"), await on.source("third")];
  const { eventId } = await on.submit(rex, concert());
  on.later();
  expect(await on.submit(listings, concert({ name: "Free Jazz @ the Rex" }))).toMatchObject({ eventId, outcome: "merged" });
  on.later();
  const second = await on.submit(third, concert({ "@id": "https://third.example/2", name: "Free Jazz at the Rex, second set" }));
  if (second.eventId === eventId) throw new Error("the second set is another event");
  expect(await on.event(second.eventId)).toMatchObject({ public: true });
  const [item] = await reviews(on);
  expect(item).toMatchObject({ kind: "duplicate", entityId: eventId, otherId: second.eventId });

  await act(on, (tx) => keepApart(on.registry, ADMIN, tx, { kind: "event", ids: [eventId, second.eventId], reason: "two sets" }));
  on.later();
  await on.submit(third, concert({ "@id": "https://third.example/2", name: "Free Jazz at the Rex, the second set" }));
  expect(await reviews(on)).toEqual([]);
  // To the source that lists both side by side they are two.
  await on.submit(rex, concert({ "@id": "https://rex.example/late", name: "Free Jazz at the Rex, late set" }));
  expect((await reviews(on)).map((one) => one.details["contradictions"])).not.toContainEqual(["source ids"]);
});
