/** The scan for places, organizations and persons that are one: what it merges, what it asks about, what it leaves alone. */
import { sql } from "kysely";
import { expect, test } from "vitest";
import { readState } from "../../src/db/entities.ts";
import { listReviews } from "../../src/db/reviews.ts";
import type { AnyState } from "../../src/domain/state.ts";
import type { Caller } from "../../src/registry/context.ts";
import { mergeOthers, undoOthersMerge } from "../../src/registry/merge-others.ts";
import { scanOthers } from "../../src/registry/scan-others.ts";
import { concert, openTestRegistry } from "../support/registry.ts";

const ADMIN: Caller = { actor: "key:admin", role: "admin" };

const place = (name: string, streetAddress: string | undefined, latitude?: number, longitude?: number) => ({
  "@type": "Place",
  name,
  address: {
    "@type": "PostalAddress",
    ...(streetAddress !== undefined && { streetAddress }),
    addressLocality: "Toronto",
    addressCountry: "CA",
  },
  ...(latitude !== undefined && { geo: { "@type": "GeoCoordinates", latitude, longitude } }),
});
const organization = (name: string, url?: string) => ({ "@type": "Organization", name, ...(url !== undefined && { url }) });

async function open() {
  const on = await openTestRegistry("America/Toronto");
  const caller = await on.source("listings");
  let day = 0;
  const { registry } = on;
  return Object.assign(on, {
    /** An event on a day of its own, so that only its place and organizer can resemble others. */
    add: async (changes: object) => {
      const date = new Date(Date.UTC(2026, 4, ++day)).toISOString().slice(0, 10);
      const name = `Programme ${String.fromCharCode(64 + day)}`;
      const { eventId } = await on.submit(caller, concert({ name, startDate: `${date}T20:00:00-04:00`, endDate: null, ...changes }));
      return on.event(eventId);
    },
    scan: (kind: "place" | "organization" | "person", options?: { limit: number }) => scanOthers(registry, kind, options),
    reviews: () => registry.database.read((reader) => listReviews(reader, { state: "open", kind: "duplicate", limit: 100 })),
    state: (kind: "place" | "organization", id: string) =>
      registry.database.read((reader) => readState(reader, kind, id)) as Promise<AnyState>,
  });
}

test("one house in two spellings of its address is merged, with the rule in the audit log; a second scan does nothing", async () => {
  await using on = await open();
  const first = await on.add({ location: place("Massey Hall", "178 Victoria Street", 43.6541, -79.379) });
  const second = await on.add({ location: place("Massey Hall", "178 Victoria St", 43.65411, -79.37902) });
  await on.add({ location: place("Harbourfront Centre", "235 Queens Quay W", 43.6388, -79.3816) });
  expect(second.location!.id).not.toBe(first.location!.id);

  expect(await on.scan("place")).toMatchObject({ candidates: 0, merged: 1 });
  expect((await on.event(second.id)).location!.id).toBe(first.location!.id);
  expect(await on.state("place", second.location!.id)).toMatchObject({ public: false, supersededBy: { id: first.location!.id } });
  const { rows } = await sql`select actor, details ->> 'rule' as rule from audit_log where action = 'place.merged_into'`.execute(
    on.registry.database.kysely,
  );
  expect(rows).toEqual([{ actor: "job:scan-duplicates", rule: "exact" }]);

  expect(await on.scan("place")).toEqual({ scanned: 0, candidates: 0, merged: 0 });
});

test("what a scan merges, a person can part; it is not merged again", async () => {
  await using on = await open();
  const first = await on.add({ location: place("Massey Hall", "178 Victoria Street", 43.6541, -79.379) });
  const second = await on.add({ location: place("Massey Hall", "178 Victoria St", 43.65411, -79.37902) });
  await on.scan("place");
  const { rows } = await sql<{ id: string }>`select id from entity_merges where kind = 'place'`.execute(on.registry.database.kysely);
  await on.registry.database.transact((tx) => undoOthersMerge(on.registry, ADMIN, tx, { mergeId: rows[0]!.id }));
  on.later();
  // Both are compared again, with the rest; the two are remembered as two.
  expect(await on.scan("place")).toEqual({ scanned: 2, candidates: 0, merged: 0 });
  expect(await on.reviews()).toEqual([]);
  expect([(await on.event(first.id)).location!.id, (await on.event(second.id)).location!.id]).toEqual([
    first.location!.id,
    second.location!.id,
  ]);
});

test("two halls at one door are a question for a person, asked once, with what was compared; both stay in public", async () => {
  await using on = await open();
  const first = await on.add({ location: place("St. Lawrence Centre Main Hall", "27 Front St E", 43.6473, -79.3755) });
  const second = await on.add({ location: place("St. Lawrence Centre Main Hall 2", "27 Front St E", 43.6473, -79.3755) });
  expect(await on.scan("place")).toEqual({ scanned: 2, candidates: 1, merged: 0 });
  const [item, ...rest] = await on.reviews();
  expect(rest).toEqual([]);
  expect(item).toMatchObject({
    entityKind: "place",
    entityId: first.location!.id,
    otherId: second.location!.id,
    details: { rule: "strong", score: expect.any(Number), features: { street: 1 }, contradictions: ["number"] },
  });
  expect(await on.state("place", second.location!.id)).toMatchObject({ public: true });
  await on.registry.database.transact((tx) =>
    mergeOthers(on.registry, ADMIN, tx, { kind: "place", ids: [item!.entityId!, item!.otherId!] }),
  );
  expect(await on.reviews()).toEqual([]);
});

test("one name in two towns, and what has no place at all, stay apart (the control)", async () => {
  await using on = await open();
  const elsewhere = {
    "@type": "Place",
    name: "Grand Theatre",
    address: { "@type": "PostalAddress", streetAddress: "218 Princess St", addressLocality: "Kingston" },
  };
  await on.add({ location: place("Grand Theatre", "471 Richmond St", 42.9849, -81.2497) });
  await on.add({ location: elsewhere });
  await on.add({ location: place("TBA", undefined) });
  await on.add({ location: { "@type": "Place", name: "TBA" } });
  expect(await on.scan("place")).toEqual({ scanned: 4, candidates: 0, merged: 0 });
  expect(await on.reviews()).toEqual([]);
});

test("a place that is described anew is compared again", async () => {
  await using on = await open();
  await on.add({ location: place("Cinema Nova", "1 King St", 43.65, -79.38) });
  const { location } = await on.add({ location: place("Le Chat Noir", "99 Dundas St", 43.67, -79.4) });
  expect(await on.scan("place")).toEqual({ scanned: 2, candidates: 0, merged: 0 });
  on.later();
  await sql`update places set same_as = '{https://www.wikidata.org/entity/Q1}', updated_at = ${on.registry.clock()}`.execute(
    on.registry.database.kysely,
  );
  expect(await on.scan("place")).toEqual({ scanned: 2, candidates: 1, merged: 0 });
  expect((await on.reviews())[0]).toMatchObject({ otherId: location!.id, details: { features: { sameAs: 1 } } });
  on.later();
  await sql`update places set same_as = '{}', updated_at = ${on.registry.clock()} where id = ${location!.id}`.execute(
    on.registry.database.kysely,
  );
  expect(await on.scan("place")).toEqual({ scanned: 1, candidates: 0, merged: 0 });
  expect(await on.reviews()).toEqual([]);
});

test("three of one are merged in as many looks as it takes, and a scan is cut into pieces without a difference", async () => {
  await using on = await open();
  const streets = ["60 Simcoe Street", "60 Simcoe St", "60 Simcoe St."];
  const events = [];
  for (const street of streets) events.push(await on.add({ location: place("Roy Thomson Hall", street, 43.6466, -79.3863) }));
  let merged = 0;
  for (let scanned = 1; scanned > 0;) {
    const counts = await on.scan("place", { limit: 1 });
    expect(counts.scanned).toBeLessThanOrEqual(1);
    ({ scanned } = counts);
    merged += counts.merged;
    on.later();
  }
  expect(merged).toBe(2);
  for (const event of events) expect((await on.event(event.id)).location!.id).toBe(events[0]!.location!.id);
});

test("organizations: one address on the web and names alike are one, and the other name is kept", async () => {
  await using on = await open();
  const first = await on.add({ organizer: organization("Toronto Jazz Society", "https://torontojazz.example/") });
  const second = await on.add({ organizer: organization("The Toronto Jazz Society Inc.", "https://www.torontojazz.example/about") });
  await on.add({ organizer: organization("Toronto Swing Guild", "https://swing.example/") });
  expect(await on.scan("organization")).toMatchObject({ merged: 1 });
  expect((await on.event(second.id)).organizer!.id).toBe(first.organizer!.id);
  expect(await on.state("organization", first.organizer!.id)).toMatchObject({ alternateName: ["The Toronto Jazz Society Inc."] });
});

test("persons: a name alone is a question", async () => {
  await using on = await open();
  await on.add({ performer: { "@type": "Person", name: "Maria Chen", url: "https://maria.example/" } });
  await on.add({ performer: { "@type": "Person", name: "Maria Chen" } });
  expect(await on.scan("person")).toEqual({ scanned: 2, candidates: 1, merged: 0 });
  expect(await on.reviews()).toMatchObject([{ entityKind: "person", details: { rule: "weak" } }]);
});
