/** A series that was split at its origin: the two halves know each other also where they were pulled to, in whichever order they came. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linkContinuation } from "../../src/db/series.ts";
import { ulidOf } from "../../src/domain/iri.ts";
import type { JsonLdObject } from "../../src/jsonld/encode.ts";
import { addPeer } from "../../src/registry/peers.ts";
import { HERE, openFollowing, ORIGIN, saying, type Following } from "../support/following.ts";
import { anEvent, jsonOf } from "../support/http.ts";
import { createNetwork, type TestNode } from "../support/network.ts";
import { concert } from "../support/registry.ts";
import { FRIDAYS } from "../support/series-http.ts";

test("what was split at one node is so at another that pulls it, and old addresses lead on there, too", async () => {
  await using network = await createNetwork({ nodes: 2, clock: () => new Date("2026-05-01T12:00:00Z") });
  const [north, south] = network.nodes as [TestNode, TestNode];
  const admin = { actor: "test", role: "admin" } as const;
  const post = (path: string, body: object) =>
    north.asAdmin(path, { method: "POST", headers: { "content-type": "application/ld+json" }, body: JSON.stringify(body) });
  const pathOf = (response: Response) => new URL(response.headers.get("location")!).pathname;
  const documentAt = async (node: TestNode, path: string) =>
    (await jsonOf(fetch(node.url + path, { headers: { accept: "application/ld+json" } }))) as JsonLdObject;
  /** Where the second node shows what the first has at this address. */
  const localPage = async (path: string) => {
    const { local_pages: pages } = await jsonOf(south.asAdmin("/api/v1/events?limit=50"));
    return new URL(pages[north.base + path]).pathname;
  };

  const created = await post("/api/v1/events", anEvent({ name: "Fridays", endDate: "2026-05-08T22:00:00-04:00", eventSchedule: FRIDAYS }));
  expect(created.status).toBe(201);
  const early = pathOf(created);
  await north.processAll();
  const peer = await south.database.transact(
    (tx) => addPeer(south.registry, admin, tx, { base: north.base, name: "North", dialect: "calends", profile: null }),
    admin,
  );
  await south.processAll();
  const earlyHere = await localPage(early);
  const evening = "occurrences/20260529T200000";
  expect((await fetch(`${south.url}${earlyHere}/${evening}`)).status).toBe(200);

  const split = await post(`/api/v1${early}/occurrences/20260522T200000/split`, { name: "Fridays, renamed" });
  expect(split.status).toBe(201);
  const late = pathOf(split);
  await north.processAll();
  expect(await south.pull(peer.id)).toMatchObject({ outcome: "applied", counts: { refused: 0 } });
  const lateHere = await localPage(late);
  expect(await documentAt(south, earlyHere)).toMatchObject({ "@id": north.base + early, "sel:continuedBy": north.base + late });
  expect(await documentAt(south, lateHere)).toMatchObject({ "@id": north.base + late, "sel:continues": north.base + early });
  const led = await fetch(`${south.url}${earlyHere}/${evening}`, { redirect: "manual" });
  expect([led.status, led.headers.get("location")]).toEqual([308, `${south.base}${lateHere}/${evening}`]);

  await north.asAdmin(`/api/v1${late}`, { method: "DELETE" });
  await north.processAll();
  await south.pull(peer.id);
  expect((await documentAt(south, earlyHere))["sel:continuedBy"]).toBeUndefined();
});

describe("whichever half is heard first, and whichever names the other", () => {
  let pair: Following;
  beforeAll(async () => {
    pair = await openFollowing();
  });
  afterAll(() => pair?.[Symbol.asyncDispose]());

  let position = 0;
  let made = 0;
  const halves = () => {
    made += 1;
    return { early: `${ORIGIN}/events/early-${made}`, late: `${ORIGIN}/events/late-${made}` };
  };
  const series = (uri: string, links: JsonLdObject = {}) =>
    saying(uri, ++position, {
      ...(anEvent({ name: uri.slice(ORIGIN.length), endDate: "2026-05-08T22:00:00-04:00", eventSchedule: FRIDAYS }) as JsonLdObject),
      ...links,
    });
  const linksOf = async (uri: string) => {
    const { "sel:continues": continues, "sel:continuedBy": continuedBy } = await pair.document(uri);
    return { continues, continuedBy };
  };
  const links = (...uris: string[]) => Promise.all(uris.map(linksOf));
  const linked = (early: string, late: string) => [
    { continues: undefined, continuedBy: late },
    { continues: early, continuedBy: undefined },
  ];
  const APART = [
    { continues: undefined, continuedBy: undefined },
    { continues: undefined, continuedBy: undefined },
  ];

  const byBoth = ({ early, late }: { early: string; late: string }) => [
    series(early, { "sel:continuedBy": late }),
    series(late, { "sel:continues": early }),
  ];
  const byLate = ({ early, late }: { early: string; late: string }) => [series(early), series(late, { "sel:continues": { "@id": early } })];
  const byEarly = ({ early, late }: { early: string; late: string }) => [
    series(early, { "sel:continuedBy": { "@id": late } }),
    series(late),
  ];

  test.each([
    ["both name each other", byBoth],
    ["the later names the earlier", byLate],
    ["the earlier names the later", byEarly],
  ])("%s", async (_who, said) => {
    const together = halves();
    await pair.hear(said(together));
    expect(await links(together.early, together.late)).toEqual(linked(together.early, together.late));
    const inOrder = halves();
    for (const one of said(inOrder)) await pair.hear([one]);
    expect(await links(inOrder.early, inOrder.late)).toEqual(linked(inOrder.early, inOrder.late));
    const backwards = halves();
    for (const one of said(backwards).toReversed()) await pair.hear([one]);
    expect(await links(backwards.early, backwards.late)).toEqual(linked(backwards.early, backwards.late));
  });

  test.each([
    ["the earlier", byEarly],
    ["the later", byLate],
  ])("the link goes when %s, which alone said it, says it no more", async (_who, said) => {
    const { early, late } = halves();
    await pair.hear(said({ early, late }));
    expect(await links(early, late)).toEqual(linked(early, late));
    await pair.hear([series(early), series(late)]);
    expect(await links(early, late)).toEqual(APART);
  });

  test("a part that comes in between takes its place", async () => {
    const { early, late } = halves();
    const middle = `${ORIGIN}/events/middle`;
    await pair.hear(byBoth({ early, late }));
    await pair.hear([series(early, { "sel:continuedBy": middle })]);
    await pair.hear([series(middle, { "sel:continues": early, "sel:continuedBy": late }), series(late, { "sel:continues": middle })]);
    expect(await links(early, middle, late)).toEqual([
      { continues: undefined, continuedBy: middle },
      { continues: early, continuedBy: late },
      { continues: middle, continuedBy: undefined },
    ]);
  });

  test("a half that is gone is named no more, and again when it is back", async () => {
    const { early, late } = halves();
    await pair.hear(byLate({ early, late }));
    await pair.hear([saying(early, ++position, { "@type": "Event", "sel:tombstone": true, "sel:deletedAt": "2026-05-02T00:00:00Z" })]);
    expect(await linksOf(late)).toEqual({ continues: undefined, continuedBy: undefined });
    await pair.hear([series(early)]);
    expect(await links(early, late)).toEqual(linked(early, late));
  });

  test("to be linked is nothing that this node tells others: each half is told as its origin says it", async () => {
    const { early, late } = halves();
    await pair.hear([series(early)]);
    await pair.hear([series(late, { "sel:continues": early })]);
    const told = (await pair.ownFeed()).filter(({ uri }) => uri === early || uri === late);
    expect(told.map(({ uri, action }) => [uri, action])).toEqual([
      [early, "create"],
      [late, "create"],
    ]);
  });

  describe("our own series", () => {
    const ownSeries = async (name: string) => {
      const { eventId: id } = await pair.here.submit(await pair.here.source("A venue"), concert({ name, eventSchedule: FRIDAYS }));
      return { id, uri: `${HERE}/events/${ulidOf(id)}` };
    };
    const ownLinks = async (id: string) => (await pair.here.event(id)).series!;

    test("is linked by no word of theirs, nor is what no origin of theirs has", async () => {
      const ours = await ownSeries("Ours");
      const { early, late } = halves();
      await pair.hear([
        series(early, { "sel:continues": ours.uri, "sel:continuedBy": ours.uri }),
        series(late, { "sel:continues": "https://other.example/events/1", "sel:continuedBy": late }),
      ]);
      expect(await links(early, late)).toEqual(APART);
      const { continues, continuedBy } = await ownLinks(ours.id);
      expect([continues, continuedBy]).toEqual([undefined, undefined]);
    });

    test("that a person put between their halves stays there", async () => {
      const ours = await ownSeries("Between");
      const { early, late } = halves();
      await pair.hear(byBoth({ early, late }));
      const [earlyId, lateId] = [(await pair.event(early)).id, (await pair.event(late)).id];
      await pair.here.registry.database.transact(async (tx) => {
        await linkContinuation(tx, { id: ours.id, continuesId: earlyId });
        await linkContinuation(tx, { id: lateId, continuesId: ours.id });
      });
      await pair.hear([
        series(early, { "sel:continuedBy": late, keywords: ["jazz"] }),
        series(late, { "sel:continues": early, keywords: ["jazz"] }),
      ]);
      expect(await ownLinks(ours.id)).toMatchObject({ continues: { id: earlyId }, continuedBy: { id: lateId } });
      expect(await linksOf(late)).toEqual({ continues: ours.uri, continuedBy: undefined });
    });
  });
});
