/** What a hand or a job has set, and what merges must not mix up: cases that once went wrong. */
import { expect, test } from "vitest";
import { listReviews } from "../../src/db/reviews.ts";
import { scanEvents } from "../../src/registry/find-duplicates.ts";
import { mergeEvents, undoMerge } from "../../src/registry/merge-events.ts";
import { pinField } from "../../src/registry/pin-field.ts";
import { resettleSource } from "../../src/registry/resettle.ts";
import { retractEvent } from "../../src/registry/retract-event.ts";
import { setLifecycle } from "../../src/registry/set-lifecycle.ts";
import { reinstateSource, withdrawSource } from "../../src/registry/withdraw-source.ts";
import type { Caller } from "../../src/registry/context.ts";
import { concert, openTestRegistry, type TestRegistry } from "../support/registry.ts";

const ADMIN: Caller = { actor: "key:curator", role: "admin" };
const act = <T>(on: TestRegistry, work: Parameters<TestRegistry["registry"]["database"]["transact"]>[0]): Promise<T> =>
  on.registry.database.transact(work, ADMIN) as Promise<T>;
async function settleJobs(on: TestRegistry): Promise<void> {
  for (const job of on.jobs.splice(0)) if (job.queue === "resettle-source") await resettleSource(on.registry, job.sourceId);
}

test("an event that is over stays so when another source's word would take over, and the job goes on", async () => {
  await using on = await openTestRegistry();
  const [rex, listings] = [await on.source("rex", { trust: 8 }), await on.source("listings", { trust: 5 })];
  const { eventId } = await on.submit(rex, concert({ "@id": "https://rex.example/1" }));
  await on.submit(listings, concert({ "@id": "https://listings.example/1", eventStatus: "EventCancelled" }));
  await act(on, (tx) => setLifecycle(on.registry, ADMIN, tx, { eventId, state: "completed" }));
  await act(on, (tx) => withdrawSource(on.registry, ADMIN, tx, { name: "rex", reason: "closed" }));
  await settleJobs(on);
  expect((await on.event(eventId)).lifecycleState).toBe("completed");
});

test("an event that a hand has hidden stays hidden while its source goes and comes back", async () => {
  await using on = await openTestRegistry();
  const rex = await on.source("rex");
  const { eventId } = await on.submit(rex, concert());
  await act(on, (tx) => setLifecycle(on.registry, ADMIN, tx, { eventId, state: "withdrawn", reason: "a hoax" }));
  await act(on, (tx) => withdrawSource(on.registry, ADMIN, tx, { name: "rex", reason: "closed" }));
  await settleJobs(on);
  await act(on, (tx) => reinstateSource(on.registry, ADMIN, tx, { name: "rex" }));
  await settleJobs(on);
  expect(await on.event(eventId)).toMatchObject({ lifecycleState: "withdrawn", public: false });
});

test("pins to two events stay each one's own through a merge, a further pin, and the undo", async () => {
  await using on = await openTestRegistry();
  const [rex, listings] = [await on.source("rex"), await on.source("listings")];
  const { eventId: a } = await on.submit(rex, concert({ "@id": "https://rex.example/1" }));
  const elsewhere = { "@type": "Place", name: "Annex", address: { "@type": "PostalAddress", addressLocality: "Hamilton" } };
  on.later();
  const { eventId: b } = await on.submit(
    listings,
    concert({ name: "Quiet Morning", startDate: "2026-06-01", endDate: null, location: elsewhere }),
  );
  const pin = (eventId: string, field: string, value: unknown) =>
    act(on, (tx) => pinField(on.registry, ADMIN, tx, { eventId, field, value }));
  await pin(a, "name", "Free Jazz");
  await pin(b, "keywords", ["quiet"]);
  const { mergeId } = await act<{ mergeId: string }>(on, (tx) => mergeEvents(on.registry, ADMIN, tx, { ids: [a, b] }));
  on.later();
  await pin(a, "url", "https://pin.example/");
  expect(await on.event(a)).toMatchObject({ name: "Free Jazz", url: "https://pin.example/", keywords: ["quiet"] });
  await act(on, (tx) => undoMerge(on.registry, ADMIN, tx, { mergeId }));
  expect(await on.event(a)).toMatchObject({ name: "Free Jazz", url: "https://pin.example/", keywords: ["jazz"] });
  expect(await on.event(b)).toMatchObject({ name: "Quiet Morning", keywords: ["quiet"] });
});

test("of three that are one, the scan leaves none over", async () => {
  await using on = await openTestRegistry();
  const sources = [await on.source("one"), await on.source("two"), await on.source("three")];
  // As from before duplicates were looked for: three of one town and hour, told apart by their halls until the halls are renamed.
  const names = ["Lantern Quartet plays Ravel", "The Lantern Quartet plays Ravel", "Lantern Quartet plays Ravel!"];
  const ids: string[] = [];
  for (const [n, name] of names.entries()) {
    const location = { "@type": "Place", name: "Hall", address: { "@type": "PostalAddress", streetAddress: `${n + 1}00 Queen St W` } };
    ids.push((await on.submit(sources[n]!, concert({ name, location, organizer: null }))).eventId);
    on.later();
  }
  expect(new Set(ids).size).toBe(3);
  const [, ...others] = ids;
  for (const [n, id] of others.entries())
    await act(on, (tx) =>
      pinField(on.registry, ADMIN, tx, {
        eventId: id,
        field: "location",
        value: { name: "Hall", address: { streetAddress: n === 0 ? "100 Queen St W" : "100 Queen Street West" } },
      }),
    );
  await scanEvents(on.registry);
  const shown = await Promise.all(ids.map(async (id) => (await on.event(id)).public));
  const open = await on.registry.database.read((reader) => listReviews(reader, { state: "open", limit: 50 }));
  expect(shown.filter(Boolean).length === 1 || open.some((item) => item.kind === "duplicate")).toBe(true);
});

test("what was merged into a deleted event does not keep its identity from others", async () => {
  await using on = await openTestRegistry();
  const [rex, listings, third] = [await on.source("rex"), await on.source("listings"), await on.source("third")];
  const { eventId: a } = await on.submit(rex, concert({ "@id": "https://rex.example/1" }));
  const other = { name: "Quiet Morning", startDate: "2026-06-01", endDate: null };
  on.later();
  const { eventId: b } = await on.submit(listings, concert({ ...other, "@id": "https://listings.example/1" }));
  await act(on, (tx) => mergeEvents(on.registry, ADMIN, tx, { ids: [a, b] }));
  await act(on, (tx) => retractEvent(on.registry, ADMIN, tx, { eventId: a, reason: "never was" }));
  on.later();
  const { eventId: anew } = await on.submit(third, concert(other));
  expect(await on.event(anew)).toMatchObject({ public: true, name: "Quiet Morning" });
});
