/**
 * What an origin shows no more: which texts and images leave the past of a node that had them, and which stay. And what is never passed on,
 * because its license does not let it out.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sql } from "kysely";
import { kyselyOf } from "../../src/db/handle.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { verifyChain, type VerifiableItem } from "../../src/feed/verify.ts";
import type { HeardChange } from "../../src/domain/custody.ts";
import type { JsonLdObject } from "../../src/jsonld/encode.ts";
import type { Caller } from "../../src/registry/context.ts";
import { mergeAny } from "../../src/registry/merge-any.ts";
import { createPeerStore } from "../../src/registry/peer-store.ts";
import { openFollowing, ORIGIN, saying, type Following } from "../support/following.ts";
import { addTestPeer, EPOCH, eventOf, NORTH, page, shown, SOUTH } from "../support/peer-words.ts";
import { concert, openTestRegistry } from "../support/registry.ts";
import { columnsWith } from "../support/text-scan.ts";

const ADMIN: Caller = { actor: "cli:test", role: "admin" };
/** A test with a database of its own: opening one takes an embedded engine its time. */
const OPENS_ANOTHER = { timeout: 120_000 };
let pair: Following;
let n = 0;
/** Words that no other test has. */
let [first, second, picture] = ["", "", ""];
beforeAll(async () => {
  pair = await openFollowing({ trust: 8 });
});
afterAll(() => pair[Symbol.asyncDispose]());
beforeEach(() => {
  n += 1;
  [first, second, picture] = [
    `qxfirst${n}zq of the texts, long enough`,
    `qxsecond${n}zq of the texts, long enough`,
    `https://images.example/qxpicture${n}zq.jpg`,
  ];
});

const uriNow = () => `${ORIGIN}/events/${n}`;
const anEvent = (changes: object = {}): JsonLdObject => {
  const { description: _text, image: _image, ...facts } = concert({ name: `Jazz of ${n * 7919}`, identifier: undefined });
  return { ...facts, "sel:licenseStatus": "cc0", ...changes };
};
let position = 0;
/** The origin says this of the event of this test, and this node hears of it. */
async function say(document: JsonLdObject, uri = uriNow(), kind: HeardChange["kind"] = "event"): Promise<void> {
  pair.here.later();
  await pair.hear([saying(uri, (position += 1), document, { kind })]);
  await pair.ownFeed();
}
const columns = (word: string) => columnsWith(pair.here.registry.database, word.toLowerCase());
const told = async (uri = uriNow()) => (await pair.ownFeed()).filter((item) => item.uri === uri);
const LOGGED = "public.event_changes.item";

describe("a text that its origin shows no more", () => {
  test("leaves the feed's past, the records and the claims; the chain verifies, and the readers are told", async () => {
    await say(anEvent({ description: first, image: picture }));
    await say(anEvent({ description: second, image: picture }));
    expect(await columns(first)).toEqual(expect.arrayContaining([LOGGED, "public.event_sources.payload", "public.field_provenance.value"]));
    await say(anEvent());
    for (const word of [first, second, picture]) expect(await columns(word)).toEqual([]);
    const items = await told();
    expect(items.map((item) => item.redacted === true)).toEqual([true, true, false]);
    expect(items[2]).toMatchObject({ action: "update", changed_fields: ["/description", "/image"] });
    expect(verifyChain((await pair.ownFeed()) as unknown as VerifiableItem[])).toMatchObject({ ok: true });
    expect((await pair.event(uriNow())).description).toBeUndefined();
  });

  test("and that is only another one now stays in the past, as any edit does", async () => {
    await say(anEvent({ description: first }));
    await say(anEvent({ description: second }));
    expect(await columns(first)).toContain(LOGGED);
    expect((await told()).some((item) => item.redacted)).toBe(false);
  });

  test("leaves an image alone that is still shown", async () => {
    await say(anEvent({ description: first, image: picture }));
    await say(anEvent({ image: picture }));
    expect(await columns(first)).toEqual([]);
    expect((await pair.event(uriNow())).image).toBe(picture);
    expect((await told()).at(-1)!.snapshot).toMatchObject({ image: picture });
  });

  test("may stand deep in a document, and be spelled in any way", async () => {
    const place = { "@type": "Place", name: `Hall ${n}`, "sel:licenseStatus": "cc-by" };
    const uri = `${ORIGIN}/places/${n}`;
    await say({ ...place, "https://schema.org/photo": [{ "schema:description": first }] }, uri, "place");
    expect(await columns(first)).toContain(LOGGED);
    await say(place, uri, "place");
    expect(await columns(first)).toEqual([]);
    expect((await told(uri)).map((item) => item.redacted === true)).toEqual([true, false]);
  });

  test("is not told any more, where it was not numbered yet", async () => {
    const hear = (document: JsonLdObject) => pair.hear([saying(uriNow(), (position += 1), document)]);
    await hear(anEvent({ description: first }));
    expect(await columns(first)).toContain("public.change_outbox.state");
    await hear(anEvent());
    expect(await columns(first)).toEqual([]);
    expect((await told()).map(({ action, redacted }) => [action, redacted])).toEqual([["create", undefined]]);
  });

  test("stays with the end of its event, and goes when the event comes back without it", async () => {
    await say(anEvent({ description: first }));
    await say({ "@type": "Event", "sel:tombstone": true });
    expect(await columns(first)).toContain(LOGGED);
    await say(anEvent());
    expect(await columns(first)).toEqual([]);
  });
});

test("the end of an event tells no texts, whatever its origin puts there", async () => {
  await say(anEvent());
  await say({ "@type": "Event", "sel:tombstone": true, "sel:licenseStatus": "cc0", description: first });
  expect(await columns(first)).toEqual([]);
  expect((await told()).at(-1)!.tombstone).toMatchObject({ "sel:tombstone": true });
});

describe("shown as one of our own events, by a person's merge", () => {
  const merge = async () => {
    const ours = await pair.here.submit(await pair.here.source(`Local ${n}`, { trust: 3 }), anEvent({ name: "Ours" }));
    await say(anEvent({ description: first }));
    const { id } = await pair.event(uriNow());
    await pair.here.registry.database.transact((tx) => mergeAny(pair.here.registry, ADMIN, tx, { kind: "event", ids: [id, ours.eventId] }));
    return ours.eventId;
  };

  test("it leaves that one's past too", async () => {
    const ours = await merge();
    await pair.ownFeed();
    expect((await pair.here.event(ours)).description).toBe(first);
    await say(anEvent());
    expect((await pair.here.event(ours)).description).toBeUndefined();
    expect(await columns(first)).toEqual([]);
  });

  test("unless somebody else says the same of it", async () => {
    const ours = await merge();
    await pair.here.submit(await pair.here.source(`Local ${n}`, { trust: 3 }), anEvent({ name: "Ours", description: first }));
    await pair.ownFeed();
    await say(anEvent());
    expect((await pair.here.event(ours)).description).toBe(first);
    const items = (await pair.ownFeed()).filter((item) => JSON.stringify(item).includes(first));
    expect(items.length).toBeGreaterThan(0);
    expect(items.every((item) => item.custody === undefined && item.redacted === undefined)).toBe(true);
  });
});

describe("a license that does not let texts out", () => {
  const statement = async () => {
    const { rows } = await pair.here.registry.database.read((on) =>
      sql<{ document: string; redacted: boolean }>`select document, redacted from federation_statements where uri = ${uriNow()}`.execute(
        kyselyOf(on),
      ),
    );
    return rows[0]!;
  };

  test.for([
    ["that the document names", { "sel:licenseStatus": "proprietary" }],
    ["that its address tells", { "sel:licenseStatus": undefined, license: "https://rights.example/all" }],
    ["that nobody knows", { "sel:licenseStatus": undefined }],
  ])("%s: they stay with the record, and are not passed on", async ([, license]) => {
    await say(anEvent({ description: first, image: picture, ...(license as object) }));
    expect(await columns(first)).toEqual([
      "public.event_sources.payload",
      "public.event_sources.submission",
      "public.field_provenance.value",
    ]);
    expect(await statement()).toMatchObject({ redacted: true });
    const [item] = await told();
    expect(item).toMatchObject({ action: "create", custody: { redacted: true } });
    expect(item!.snapshot).not.toHaveProperty("description");
    // So it is when it is told again at a later position.
    await say(anEvent({ description: first, image: picture, ...(license as object) }));
    expect(await columns(first)).not.toContain(LOGGED);
  });

  test("and an open one: they are passed on as they are", async () => {
    await say(anEvent({ description: first, "sel:licenseStatus": undefined, license: "https://creativecommons.org/licenses/by/4.0/" }));
    expect(await statement()).toMatchObject({ redacted: false });
    expect((await told())[0]!.snapshot).toMatchObject({ description: first });
  });

  test("that comes later takes them out of the feed's past", async () => {
    await say(anEvent({ description: first }));
    await say(anEvent({ description: first, "sel:licenseStatus": "proprietary" }));
    expect(await columns(first)).not.toContain(LOGGED);
    expect((await told()).map((item) => item.redacted === true)).toEqual([true, false]);
  });
});

describe("what a relay took out", () => {
  const text = "qxrelayedzq of the texts, long enough";
  const whole = eventOf(SOUTH, 1, { description: text });
  const custody = (hops: string[]) => ({ node: SOUTH, epoch: EPOCH, position: 7, hops });
  const relayed = (document: Record<string, unknown>, via: string, redacted = false): HeardChange => ({
    ...shown(document, { position: 1, custody: custody([via]) }),
    redacted,
  });

  async function openReader() {
    const test = await openTestRegistry();
    const store = createPeerStore(test.registry, { random: () => 0.5, redact: redactEntity });
    const hear = async (base: string, change: HeardChange, relay: boolean): Promise<string | null> => {
      const peer = await addTestPeer(test, { base, name: base, relay });
      await store.applyPage(peer.id, await store.beginRun(peer.id, "pull"), page(null, [change]));
      const { rows } = await test.registry.database.read((on) =>
        sql<{ description: string | null }>`select description from events where federation_uri = ${whole["@id"] as string}`.execute(
          kyselyOf(on),
        ),
      );
      return rows[0]!.description;
    };
    return { hear, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
  }

  test("is missing until the origin itself says it: a text that was taken down comes back by no other relay", OPENS_ANOTHER, async () => {
    await using reader = await openReader();
    expect(await reader.hear(NORTH, relayed(eventOf(SOUTH, 1), NORTH, true), true)).toBeNull();
    expect(await reader.hear("https://west.example", relayed(whole, "https://west.example"), true)).toBeNull();
    expect(await reader.hear(SOUTH, shown(whole, { position: 7 }), false)).toBe(text);
  });

  test("leaves those who had it from that relay before", OPENS_ANOTHER, async () => {
    await using reader = await openReader();
    expect(await reader.hear(NORTH, relayed(whole, NORTH), true)).toBe(text);
    expect(await reader.hear("https://west.example", relayed(eventOf(SOUTH, 1), "https://west.example", true), true)).toBeNull();
  });
});

test("what our own filters hold back is followed all the same: its past is forgotten too", OPENS_ANOTHER, async () => {
  await using test = await openTestRegistry();
  const store = createPeerStore(test.registry, { random: () => 0.5, redact: redactEntity });
  const peer = await addTestPeer(test, { filters: { domains: ["music"] } });
  const run = await store.beginRun(peer.id, "pull");
  const text = "qxfilteredzq of the texts, long enough";
  const word = (at: number, changes: object) =>
    store.applyPage(peer.id, run, page(at === 1 ? null : `c${at - 1}`, [shown(eventOf(NORTH, 1, changes), { position: at })]));
  await word(1, { description: text });
  await word(2, { description: text, "sel:eventDomain": "sports" });
  const held = () => columnsWith(test.registry.database, text);
  expect(await held()).toContain("public.federation_statements.document");
  await word(3, { "sel:eventDomain": "sports" });
  expect(await held()).not.toContain("public.federation_statements.document");
});
