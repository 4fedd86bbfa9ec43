/** What an origin says of its events, places and agents, as it becomes what this node shows; and what it may never touch. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sql } from "kysely";
import { kyselyOf } from "../../src/db/handle.ts";
import { PATH_OF_KIND, ulidOf, uuidOf } from "../../src/domain/iri.ts";
import type { AgentState, PlaceState } from "../../src/domain/state.ts";
import { readOccurrences } from "../../src/db/occurrences.ts";
import { sha256 } from "../../src/feed/item.ts";
import type { JsonLdObject } from "../../src/jsonld/encode.ts";
import { expandDue } from "../../src/registry/expand-series.ts";
import type { Caller } from "../../src/registry/context.ts";
import { scanDuplicates } from "../../src/registry/scan-duplicates.ts";
import { mergeAny, undoAnyMerge } from "../../src/registry/merge-any.ts";
import { claimedValue } from "../../src/registry/claimed-value.ts";
import { pinField } from "../../src/registry/pin-field.ts";
import { retractEvent } from "../../src/registry/retract-event.ts";
import { setLifecycle } from "../../src/registry/set-lifecycle.ts";
import { liftTakedown, takeDown } from "../../src/registry/take-down.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { asHeard, HERE, openFollowing, ORIGIN, saying, withoutNodesOwn, type Following } from "../support/following.ts";
import { concert } from "../support/registry.ts";

const ADMIN: Caller = { actor: "cli:test", role: "admin" };

// One pair for all: what a test says is of an event, a place and a source of its own.
let pair: Following;
let n = 0;
/** A calendar that speaks at the origin. */
let city: Caller;
beforeAll(async () => {
  pair = await openFollowing({ trust: 10 });
});
afterAll(() => pair[Symbol.asyncDispose]());
beforeEach(async () => {
  n += 1;
  city = await pair.origin.source(`City calendar ${n}`);
});

const uriOf = (eventId: string) => `${ORIGIN}/${PATH_OF_KIND.event}/${ulidOf(eventId)}`;
const idAtOrigin = (uri: string) => uuidOf(uri.split("/").at(-1)!)!;
/** An @id of the origin's that no other test has. */
const anId = (path: string, one = 1) => `${ORIGIN}/${path}/${n}-${one}`;
/** Later than anything that the origin's feed tells. */
const LATER = 1_000_000;

/** A concert that resembles none of another test. */
const aConcert = (changes: object = {}) =>
  concert({
    identifier: `concert ${n}`,
    name: `Jazz ${sha256(`${n}`).slice(0, 12)}`,
    location: { ...(concert()["location"] as object), name: `Club ${n}` },
    organizer: { "@type": "Organization", name: `Club ${n} Society` },
    ...changes,
  }) as JsonLdObject;

/** The origin publishes this event and this node hears of it; returns its @id. */
async function publish(document: object = {}): Promise<string> {
  const { eventId } = await pair.origin.submit(city, aConcert(document));
  await pair.pull();
  return uriOf(eventId);
}

/** The origin says of the same event something else. */
async function say(document: object): Promise<void> {
  pair.origin.later();
  pair.here.later();
  await pair.origin.submit(city, aConcert(document));
  await pair.pull();
}

const atOrigin = async (uri: string): Promise<JsonLdObject> => (await pair.feed()).findLast((item) => item.uri === uri)!.snapshot!;

async function expectSame(uri: string): Promise<void> {
  expect(withoutNodesOwn(await pair.document(uri))).toEqual(withoutNodesOwn(await atOrigin(uri)));
}

describe("what a node shows of another's event is what that one shows", () => {
  const EVENTS: Record<string, object> = {
    "a concert": {},
    "one with everything": {
      previousStartDate: "2026-05-01T21:00:00-04:00",
      eventStatus: "https://schema.org/EventRescheduled",
      doorTime: "2026-05-08T20:00:00-04:00",
      performer: [
        { "@type": "Person", name: "Ada" },
        { "@type": "MusicGroup", name: "The Rexes", url: "https://rexes.example/" },
      ],
      image: "https://rex.example/jazz.jpg",
      url: "https://rex.example/jazz",
      inLanguage: ["en", "fr"],
      isAccessibleForFree: false,
      accessibilityFeature: ["wheelchair"],
      sameAs: "https://tickets.example/77",
      license: "https://creativecommons.org/licenses/by/4.0/",
      offers: [{ "@type": "Offer", name: "Door", price: "15.00", priceCurrency: "CAD", availability: "https://schema.org/InStock" }],
    },
    "one online": {
      location: { "@type": "VirtualLocation", url: "https://stream.example/jazz" },
      eventAttendanceMode: "https://schema.org/OnlineEventAttendanceMode",
    },
    "one of a day": { startDate: "2026-05-08", endDate: "2026-05-09" },
    "one where nobody knows the coordinates": { location: { "@type": "Place", name: "Somewhere" } },
    "one of several days": {
      subEvent: [
        { "@type": "Event", name: "One", startDate: "2026-05-08T21:00:00-04:00" },
        { "@type": "Event", name: "Two", startDate: "2026-05-09T21:00:00-04:00", eventStatus: "https://schema.org/EventCancelled" },
      ],
    },
    "a series with exceptions": {
      eventSchedule: {
        "@type": "Schedule",
        repeatFrequency: "P1W",
        byDay: "https://schema.org/Friday",
        startDate: "2026-05-08",
        startTime: "21:00",
        duration: "PT2H30M",
        repeatCount: 10,
        scheduleTimezone: "America/Toronto",
        exceptDate: "2026-05-22T21:00:00",
      },
      subEvent: [
        { "@type": "Event", name: "Late", startDate: "2026-05-15T22:00:00-04:00", previousStartDate: "2026-05-15T21:00:00-04:00" },
        { "@type": "Event", name: "Elsewhere", startDate: "2026-05-29T21:00:00-04:00", location: { "@type": "Place", name: "The Annex" } },
        { "@type": "Event", name: "Off", startDate: "2026-06-05T21:00:00-04:00", eventStatus: "https://schema.org/EventCancelled" },
      ],
    },
  };
  test.for(Object.entries(EVENTS))("%s", async ([, document]) => {
    const uri = await publish(document);
    const state = await pair.event(uri);
    expect(state).toMatchObject({ federationUri: uri, originNode: ORIGIN, public: true });
    await expectSame(uri);
  });

  test("also after it was changed, moved, cancelled and reinstated", async () => {
    const uri = await publish();
    await say({ name: "Free Jazz at the Rex, late show", startDate: "2026-05-08T23:00:00-04:00", endDate: "2026-05-09T01:00:00-04:00" });
    await expectSame(uri);
    await say({ eventStatus: "https://schema.org/EventCancelled" });
    expect((await pair.event(uri)).lifecycleState).toBe("cancelled");
    await expectSame(uri);
    await say({ eventStatus: "https://schema.org/EventScheduled" });
    expect((await pair.event(uri)).lifecycleState).toBe("published");
    await expectSame(uri);
    await say({
      startDate: "2026-05-09T21:00:00-04:00",
      endDate: "2026-05-09T23:00:00-04:00",
      eventStatus: "https://schema.org/EventRescheduled",
    });
    expect((await pair.event(uri)).lifecycleState).toBe("rescheduled");
    await expectSame(uri);
  });

  test("texts come under the license that the origin gives them, and not under one that keeps them back", async () => {
    const uri = await publish();
    expect((await pair.event(uri)).description).toBe("An evening of improvised music.");
    await pair.hear([saying(uri, LATER, { ...(await atOrigin(uri)), "sel:licenseStatus": "proprietary" })]);
    expect((await pair.event(uri)).description).toBeUndefined();
  });

  test("a series stands in the lists' occurrences", async () => {
    const uri = await publish(EVENTS["a series with exceptions"]);
    const { id } = await pair.event(uri);
    expect(pair.here.jobs).toContainEqual({ queue: "expand-series" });
    await expandDue(pair.here.registry);
    const occurrences = await pair.here.registry.database.read((on) => readOccurrences(on, [id]));
    expect(occurrences.get(id)!.size).toBe(9);
  });
});

describe("places and agents of a peer", () => {
  const placeOf = async (uri: string) => (await pair.event(uri)).location!;

  test("bear their origin's @id, and are renamed where their origin renames them", async () => {
    const uri = await publish();
    const place = await placeOf(uri);
    expect(place.federationUri).toMatch(new RegExp(`^${ORIGIN}/places/`));
    expect((await pair.event(uri)).organizer!.federationUri).toMatch(new RegExp(`^${ORIGIN}/organizations/`));
    expect(withoutNodesOwn(await pair.document(place.federationUri!, "place"))).toEqual(
      withoutNodesOwn(await atOrigin(place.federationUri!)),
    );

    await pair.hear([saying(place.federationUri!, LATER, { "@type": "Place", name: "The Rex Hotel Jazz & Blues Bar" }, { kind: "place" })]);
    expect(await placeOf(uri)).toMatchObject({ id: place.id, name: "The Rex Hotel Jazz & Blues Bar" });
    // A mention in an event is no description of it: the origin's own item is.
    await pair.hear([saying(uri, LATER + 1, { ...(await atOrigin(uri)), name: "Renamed" })]);
    expect(await placeOf(uri)).toMatchObject({ id: place.id, name: "The Rex Hotel Jazz & Blues Bar" });
  });

  test("are gone when their origin says so, lead on to its heir, and come back", async () => {
    const [rex, annex] = [anId("places"), anId("places", 2)];
    const place = (name: string) => ({ "@type": "Place", name });
    await pair.hear([saying(rex, 1, place("The Rex"), { kind: "place" }), saying(annex, 2, place("The Annex"), { kind: "place" })]);
    await pair.hear([saying(annex, 3, { "@type": "Place", "sel:tombstone": true, "sel:supersededBy": rex }, { kind: "place" })]);
    expect(await pair.shown(annex, "place")).toMatchObject({ public: false, supersededBy: { federationUri: rex } });
    await pair.hear([saying(annex, 4, place("The Annex"), { kind: "place" })]);
    const back = (await pair.shown(annex, "place")) as PlaceState;
    expect(back).toMatchObject({ public: true, name: "The Annex" });
    expect(back.supersededBy).toBeUndefined();
  });

  test("people are called what their origin calls them", async () => {
    const ada = anId("persons");
    await pair.hear([
      saying(ada, 1, { "@type": "Person", name: "Ada", alternateName: ["A. L."], sameAs: ["https://ada.example/"] }, { kind: "person" }),
    ]);
    expect((await pair.shown(ada, "person")) as AgentState).toMatchObject({
      name: "Ada",
      alternateName: ["A. L."],
      sameAs: ["https://ada.example/"],
    });
  });
});

describe("what a peer may never touch", () => {
  const massey = (more: object = {}) => ({
    "@type": "MusicVenue",
    name: `Massey Hall ${n}`,
    address: { "@type": "PostalAddress", streetAddress: `${n} Victoria St`, addressLocality: "Toronto", addressCountry: "CA" },
    ...more,
  });
  /** The same hall by name and address, and far better described. */
  const described = (more: object = {}) =>
    massey({
      url: "https://peer.example/massey",
      sameAs: ["https://peer.example/1", "https://peer.example/2"],
      geo: { "@type": "GeoCoordinates", latitude: 1, longitude: 1 },
      ...more,
    });
  const venue = () => pair.here.source(`Venue ${n}`, { trust: 1 });

  test.for(["none", "ours", "another authority's"])(
    "a place of ours, however well a trusted peer describes it (@id: %s)",
    async (whose) => {
      const { here } = pair;
      const society = { "@type": "Organization", name: `Massey Society ${n}` };
      const { eventId } = await here.submit(await venue(), aConcert({ location: massey(), organizer: society }));
      const before = await here.event(eventId);
      const named = {
        none: {},
        ours: { "@id": `${HERE}/places/${ulidOf(before.location!.id)}` },
        "another authority's": { "@id": "https://elsewhere.example/massey" },
      }[whose]!;
      const organizer = { ...society, sameAs: ["https://peer.example/3"] };
      const uri = anId("events");
      await pair.hear([saying(uri, 1, aConcert({ name: "Peer's own", location: described(named), organizer }))]);
      const theirs = await pair.event(uri);
      expect(theirs.location).toMatchObject({ name: `Massey Hall ${n}`, url: "https://peer.example/massey" });
      expect(theirs.location!.id).not.toBe(before.location!.id);
      expect(theirs.organizer!.id).not.toBe(before.organizer!.id);
      expect(await here.event(eventId)).toEqual(before);
    },
  );

  test("the check can fail: another local source does describe it", async () => {
    const { here } = pair;
    const { eventId } = await here.submit(await venue(), aConcert({ location: massey() }));
    await here.submit(await here.source(`City ${n}`, { trust: 10 }), aConcert({ name: "Another", location: described() }));
    expect((await here.event(eventId)).location!.url).toBe("https://peer.example/massey");
  });

  /** True while this node asks a person whether the two are one. */
  const isAsked = async (one: string, other: string): Promise<boolean> => {
    const { rows } = await pair.here.registry.database.read((on) =>
      sql`select from review_items where kind = 'duplicate' and state = 'open' and array[entity_id, other_id] @> array[${one}, ${other}]::uuid[]`.execute(
        kyselyOf(on),
      ),
    );
    return rows.length > 0;
  };

  test.for([
    ["somewhere", () => ({})],
    ["online", () => ({ location: { "@type": "VirtualLocation", url: `https://stream.example/${n}` } })],
  ] as const)("an event of ours that is the very same (%s): whoever came first, a person is asked", async ([, where]) => {
    const { here } = pair;
    const same = (more: object = {}) => aConcert({ ...where(), identifier: undefined, ...more });
    const other = { name: "Brass Night" };
    const uri = anId("events");
    const later = anId("events", 2);
    const { eventId: first } = await here.submit(await venue(), same());
    await pair.hear([saying(uri, 1, same()), saying(later, 2, same(other))]);
    const { eventId: second } = await here.submit(await venue(), same(other));
    await scanDuplicates(here.registry);
    for (const [ours, theirs] of [
      [first, (await pair.event(uri)).id],
      [second, (await pair.event(later)).id],
    ] as const) {
      expect(ours).not.toBe(theirs);
      expect((await here.event(ours)).public).toBe(true);
      expect((await here.event(theirs)).public).toBe(true);
      expect(await isAsked(ours, theirs)).toBe(true);
    }
  });
});

describe("a local word on a peer's event", () => {
  const pin = (eventId: string, field: string, value: unknown) =>
    pair.here.registry.database.transact((tx) => pinField(pair.here.registry, ADMIN, tx, { eventId, field, value }));

  test("wins here, survives the origin's next word, goes with the event and comes back with it", async () => {
    const uri = await publish();
    const { id } = await pair.event(uri);
    await pin(id, "name", "Free Jazz (sold at the door)");
    await say({ name: "Freer Jazz", keywords: ["improv"] });
    expect(await pair.event(uri)).toMatchObject({ id, name: "Free Jazz (sold at the door)", keywords: ["improv"] });

    await pair.origin.registry.database.transact((tx) =>
      setLifecycle(pair.origin.registry, ADMIN, tx, { eventId: idAtOrigin(uri), state: "withdrawn" }),
    );
    expect(await pair.pull()).toMatchObject({ applied: 0, deleted: 1 });
    expect((await pair.event(uri)).public).toBe(false);
    // Whatever is said of it here now, it stays gone.
    await pin(id, "url", "https://rex.example/");
    expect((await pair.event(uri)).public).toBe(false);
    await expect(
      pair.here.registry.database.transact((tx) => setLifecycle(pair.here.registry, ADMIN, tx, { eventId: id, state: "published" })),
    ).rejects.toThrow("its origin says");

    await pair.origin.registry.database.transact((tx) =>
      setLifecycle(pair.origin.registry, ADMIN, tx, { eventId: idAtOrigin(uri), state: "published" }),
    );
    await pair.pull();
    expect(await pair.event(uri)).toMatchObject({
      id,
      public: true,
      lifecycleState: "published",
      name: "Free Jazz (sold at the door)",
      url: "https://rex.example/",
    });
  });

  test("may be the origin's own: what it says of the place is kept as it is, at the same place", async () => {
    const uri = await publish();
    const { id, location } = await pair.event(uri);
    const { registry } = pair.here;
    const said = await registry.database.read((on) => claimedValue(on, { eventId: id, field: "location", source: ORIGIN }));
    await pin(id, "location", said);
    await say({ location: { ...(aConcert()["location"] as object), name: "Another club" } });
    expect((await pair.event(uri)).location).toEqual(location);
  });

  test("is no item of our feed, which passes on what the origin says", async () => {
    const uri = await publish();
    await pin((await pair.event(uri)).id, "name", "Ours");
    const told = (await pair.ownFeed()).filter((item) => item.uri === uri);
    expect(told).toHaveLength(1);
    expect(told[0]!.snapshot).toEqual(await atOrigin(uri));
    await say({ name: "Theirs, anew" });
    expect((await pair.event(uri)).name).toBe("Ours");
    // Nothing changes here, and yet the feed must tell it.
    expect((await pair.ownFeed()).findLast((item) => item.uri === uri)!.snapshot).toMatchObject({ name: "Theirs, anew" });
  });

  test("an event that a person has hidden here stays hidden, though its origin takes it away and brings it back", async () => {
    const uri = await publish();
    const { id } = await pair.event(uri);
    await pair.here.registry.database.transact((tx) => setLifecycle(pair.here.registry, ADMIN, tx, { eventId: id, state: "withdrawn" }));
    const document = await atOrigin(uri);
    await pair.hear([saying(uri, LATER, { ...document, name: "Changed" })]);
    expect((await pair.event(uri)).public).toBe(false);
    await pair.hear([saying(uri, LATER + 1, { "@type": "Event", "sel:tombstone": true })]);
    await pair.hear([saying(uri, LATER + 2, document)]);
    expect((await pair.event(uri)).lifecycleState).toBe("withdrawn");
  });

  test("one that a person has deleted here stays deleted", async () => {
    const uri = await publish();
    const { id } = await pair.event(uri);
    await pair.here.registry.database.transact((tx) => retractEvent(pair.here.registry, ADMIN, tx, { eventId: id }));
    await say({ name: "Another" });
    expect((await pair.event(uri)).lifecycleState).toBe("deleted");
  });
});

describe("what is gone", () => {
  test("of an event that was never here only the statement is kept, and a later word makes it", async () => {
    const uri = anId("events");
    expect(await pair.hear([saying(uri, 1, { "@type": "Event", "sel:tombstone": true })])).toEqual({ applied: 0, deleted: 0, refused: [] });
    expect(await pair.shown(uri)).toBeUndefined();
    await pair.hear([saying(uri, 2, aConcert())]);
    expect((await pair.event(uri)).public).toBe(true);
  });

  test("what our own filters hold back is out of sight, and told as withheld", async () => {
    const uri = await publish();
    await pair.ownFeed();
    expect(
      await pair.hear([saying(uri, LATER, { ...(await atOrigin(uri)), name: "Elsewhere now" })], { withheld: new Set([uri]) }),
    ).toMatchObject({ deleted: 1 });
    expect((await pair.event(uri)).public).toBe(false);
    expect((await pair.ownFeed()).findLast((item) => item.uri === uri)).toMatchObject({ action: "delete", custody: { withheld: true } });
  });
});

describe("a statement", () => {
  const statementOf = async (uri: string) =>
    (
      await pair.here.registry.database.read((on) =>
        sql<{
          position: number;
          entityId: string;
        }>`select position, entity_id as "entityId" from federation_statements where uri = ${uri}`.execute(kyselyOf(on)),
      )
    ).rows[0]!;

  test("that says the same at a later position is only noted", async () => {
    const uri = await publish();
    const before = await pair.event(uri);
    const told = await pair.ownFeed();
    const again = (await pair.feed()).findLast((item) => item.uri === uri)!;
    pair.here.later();
    const heard = { ...asHeard(again), position: LATER, custody: { ...asHeard(again).custody!, position: LATER } };
    expect(await pair.hear([heard])).toEqual({ applied: 0, deleted: 0, refused: [] });
    expect(await statementOf(uri)).toEqual({ position: LATER, entityId: before.id });
    expect(await pair.event(uri)).toEqual(before);
    expect(await pair.ownFeed()).toEqual(told);
  });

  test("says how sure its origin is, which counts among sources of one trust", async () => {
    const uri = anId("events");
    await pair.hear([saying(uri, 1, { ...aConcert(), "sel:confidence": 0.25 })]);
    expect((await pair.event(uri)).confidence).toBe(0.25);
    await pair.hear([saying(uri, 2, { ...aConcert(), "sel:confidence": 0.5 })]);
    expect((await pair.event(uri)).confidence).toBe(0.5);
  });
});

describe("what cannot be read", () => {
  test("is refused with its reason, and nothing else of the page suffers", async () => {
    const uri = await publish();
    const before = await pair.event(uri);
    const [good, place] = [anId("events", 2), anId("places")];
    const { refused, applied } = await pair.hear([
      saying(uri, LATER, { "@type": "Event", name: "No start\nat all", location: "Somewhere" }),
      saying(good, LATER + 1, aConcert()),
      saying(place, LATER + 2, { "@type": "Place" }, { kind: "place" }),
      { ...saying(anId("events", 3), LATER + 3, aConcert()), document: aConcert({ "@id": good }) as JsonLdObject },
    ]);
    expect(applied).toBe(1);
    expect(refused.map(({ heard, reason }) => [heard.uri, reason])).toEqual(
      expect.arrayContaining([
        [uri, "unreadable"],
        [place, "unreadable"],
        [anId("events", 3), "identity"],
      ]),
    );
    expect(refused.find(({ heard }) => heard.uri === uri)!.detail).toContain("/startDate");
    expect(await pair.event(uri)).toEqual(before);
    // Its statement was not moved: the same position is heard again.
    await pair.hear([saying(uri, LATER - 1, { ...(await atOrigin(uri)), name: "Readable" })]);
    expect((await pair.event(uri)).name).toBe("Readable");
  });
});

describe("merges by a person", () => {
  const merge = (ids: [string, string]) =>
    pair.here.registry.database.transact((tx) => mergeAny(pair.here.registry, ADMIN, tx, { kind: "event", ids }));

  test("keep our own URI, whatever the ages; the origin goes on speaking, also of its end", async () => {
    const uri = await publish({ keywords: ["jazz"] });
    const theirs = await pair.event(uri);
    const { eventId: ours } = await pair.here.submit(
      await pair.here.source(`Local ${n}`, { trust: 9 }),
      aConcert({ keywords: undefined, performer: { "@type": "Person", name: "Ada" } }),
    );
    const { keptId, mergeId } = await merge([theirs.id, ours]);
    expect(keptId).toBe(ours);
    expect((await pair.here.event(ours)).keywords).toEqual(["jazz"]);
    await say({ keywords: ["jazz", "late"] });
    expect((await pair.here.event(ours)).keywords).toEqual(["jazz", "late"]);
    await pair.hear([saying(uri, LATER, { "@type": "Event", "sel:tombstone": true })]);
    const alone = await pair.here.event(ours);
    expect(alone.public).toBe(true);
    expect(alone.keywords).toBeUndefined();
    await pair.here.registry.database.transact((tx) => undoAnyMerge(pair.here.registry, ADMIN, tx, { mergeId }));
    expect((await pair.event(uri)).public).toBe(false);
    await pair.hear([saying(uri, LATER + 1, await atOrigin(uri))]);
    expect((await pair.event(uri)).public).toBe(true);
  });
});

describe("takedowns", () => {
  const TEXT = "An evening of improvised music.";
  const statement = async (uri: string) =>
    (
      await pair.here.registry.database.read((on) =>
        sql<{ document: string; redacted: boolean }>`select document, redacted from federation_statements where uri = ${uri}`.execute(
          kyselyOf(on),
        ),
      )
    ).rows[0]!;

  test("take the text out of the origin's statement too, and it does not come back until they are lifted", async () => {
    const uri = await publish();
    const { id } = await pair.event(uri);
    expect((await statement(uri)).document).toContain(TEXT);
    const { registry } = pair.here;
    await registry.database.transact((tx) => takeDown(registry, ADMIN, tx, { eventId: id, reason: "asked", redact: redactEntity }));
    expect((await statement(uri)).redacted).toBe(true);
    expect((await statement(uri)).document).not.toContain(TEXT);
    await say({ name: "Renamed" });
    expect(await pair.event(uri)).toMatchObject({ name: "Renamed" });
    expect((await pair.event(uri)).description).toBeUndefined();
    expect((await statement(uri)).document).not.toContain(TEXT);
    const told = (await pair.ownFeed()).filter((item) => item.uri === uri);
    expect(told.map((item) => item.custody!.redacted)).toEqual([true, true]);
    expect(JSON.stringify(told)).not.toContain(TEXT);

    await registry.database.transact((tx) => liftTakedown(registry, ADMIN, tx, { eventId: id }));
    await say({ name: "Renamed again" });
    expect((await pair.event(uri)).description).toBe(TEXT);
  });
});
