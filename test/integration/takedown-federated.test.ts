/**
 * A takedown travels: what the origin shows no more is shown no more by a relay that had passed it on, nor by the relay's readers; not in
 * the past of their feeds either. Three whole nodes in a row, looked through by every address that they answer.
 */
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kyselyOf } from "../../src/db/handle.ts";
import { ulidOf } from "../../src/domain/iri.ts";
import type { Peer } from "../../src/domain/peer.ts";
import { decodeCursor } from "../../src/feed/cursor.ts";
import { verifyChain } from "../../src/feed/verify.ts";
import { addPeer } from "../../src/registry/peers.ts";
import { readAll, readPage } from "../support/feed-reader.ts";
import { ADMIN_KEY, createNetwork, type TestNetwork, type TestNode } from "../support/network.ts";
import { concert } from "../support/registry.ts";
import { answersWith, columnsWith, sweep } from "../support/text-scan.ts";

const admin = { actor: "test", role: "admin" } as const;
const JSON_LD = { "content-type": "application/ld+json" };
/** No word of any language, and no stemmer changes it. */
const WORD = "qxmarkerzq";
/** Of another event, which nobody takes down. */
const OTHER = "zkuntouchedkz";

let network: TestNetwork;
let [origin, relay, reader]: TestNode[] = [];
let [atRelay, atReader]: Peer[] = [];
let uri: string;
/** Of each look: what was shown then is asked for ever after. */
const moments: string[] = [];
let before: Found[];
let after: Found[];

beforeAll(async () => {
  // With small pages, so that many are closed.
  network = await createNetwork({ nodes: 3, tuning: { feedPageSize: 2 } });
  [origin, relay, reader] = network.nodes;
  const follow = (node: TestNode, peer: TestNode, isRelay: boolean) =>
    node.database.transact(
      (tx) => addPeer(node.registry, admin, tx, { base: peer.base, name: peer.base, relay: isRelay, dialect: "calends", profile: null }),
      admin,
    );
  atRelay = await follow(relay!, origin!, false);
  atReader = await follow(reader!, relay!, true);

  const texts = { description: `An evening called ${WORD}, the first text.`, image: `https://images.example/${WORD}.jpg` };
  uri = await publish(concert({ identifier: "one", name: "Lantern Quartet", ...texts }));
  await publish(
    concert({
      identifier: "two",
      name: "Pottery",
      startDate: "2026-06-01T10:00:00-04:00",
      endDate: undefined,
      description: `Clay: ${OTHER}.`,
    }),
  );
  await pass();
  // An edit: what was said before stays in the feeds' past.
  await say({ description: `An evening called ${WORD}, the second text.` });
  await pass();
  before = [await look(relay!), await look(reader!)];

  const asked = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ reason: "asked for" }) };
  const taken = await origin!.asAdmin(`/api/v1/admin${new URL(uri).pathname}/takedown`, asked);
  expect(taken.status).toBe(200);
  await pass();
  after = [await look(relay!), await look(reader!)];
}, 300_000);
afterAll(() => network?.[Symbol.asyncDispose]());

async function publish(document: object): Promise<string> {
  const created = await origin!.asAdmin("/api/v1/events", { method: "POST", headers: JSON_LD, body: JSON.stringify(document) });
  expect(created.status).toBe(201);
  return created.headers.get("location")!;
}

async function say(changes: object): Promise<void> {
  const answer = await origin!.asAdmin(`/api/v1${new URL(uri).pathname}`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(changes),
  });
  expect(answer.status).toBe(200);
}

/** Everything on its way arrives. */
async function pass(): Promise<void> {
  await origin!.processAll();
  for (const [node, peer] of [
    [relay!, atRelay!],
    [reader!, atReader!],
  ] as const) {
    await node.pull(peer.id);
    await node.processAll();
  }
}

interface Found {
  answers: string[];
  columns: string[];
  /** Of the other event's text. */
  others: string[];
}

/** Where the word stands in all that a node answers and keeps. */
async function look(node: TestNode): Promise<Found> {
  moments.push(new Date().toISOString());
  const feed = await readPage(node);
  const { epoch } = decodeCursor(feed.next_cursor);
  const file = (await node.asAdmin("/api/v1/feeds/changes/snapshot", { redirect: "manual" })).headers.get("location")!.split("/").at(-1)!;
  const idsIn = async (table: string): Promise<string[]> => {
    const { rows } = await node.database.read((on) => sql<{ id: string }>`select id from ${sql.table(table)}`.execute(kyselyOf(on)));
    return rows.map((row) => ulidOf(row.id));
  };
  const ids = {
    events: await idsIn("events"),
    peers: await idsIn("federation_nodes"),
    places: await idsIn("places"),
    organizations: await idsIn("organizations"),
  };
  const known = { recordId: "", name: "curator", id: ids.events[0]!, code: "gone", recurrenceId: "20260508T210000", epoch, file };
  const parameters = (path: string) => {
    if (path.includes("/pages/{epoch}/{page}"))
      return Array.from({ length: Math.floor(feed.head / 2) }, (_, n) => ({ epoch, page: `${n + 1}` }));
    const [, ulids = ids.organizations] = Object.entries(ids).find(([kind]) => path.includes(`/${kind}/`)) ?? [];
    return ulids.map((ulid) => ({ ...known, ulid }));
  };
  const more = ids.events.flatMap((id) =>
    ["include=provenance", ...moments.map((moment) => `as_of=${moment}`)].map((query) => `/api/v1/events/${id}?${query}`),
  );
  const answers = await sweep({
    url: node.url,
    adminKey: ADMIN_KEY,
    cookie: "",
    parameters,
    more: ["/", "/api/v1/events/search?q=lantern", ...more],
  });
  const failed = [...answers].filter(([, { status }]) => status >= 500);
  expect(failed).toEqual([]);
  return { answers: answersWith(answers, WORD), columns: await columnsWith(node.database, WORD), others: answersWith(answers, OTHER) };
}

describe("before the takedown", () => {
  test("the search finds the texts in every place of the relay and of its reader", () => {
    for (const { answers, columns } of before) {
      for (const part of [
        "/feeds/changes (",
        "/feeds/changes/pages/",
        "/feeds/changes/snapshots/",
        "/events/",
        "include=provenance",
        "as_of=",
      ])
        expect(
          answers.some((one) => one.includes(part)),
          part,
        ).toBe(true);
      expect(columns).toEqual(
        expect.arrayContaining([
          "public.event_changes.item",
          "public.event_changes.state",
          "public.event_sources.payload",
          "public.event_sources.submission",
          "public.events.description",
          "public.federation_statements.document",
          "public.field_provenance.value",
        ]),
      );
    }
  });
});

describe("after the takedown", () => {
  test("they stand nowhere, in no answer and no column", () => {
    for (const { answers, columns } of after) expect({ answers, columns }).toEqual({ answers: [], columns: [] });
  });

  test("what nobody has taken down stands where it stood", () => {
    for (const [n, { others }] of after.entries()) {
      expect(others.length).toBeGreaterThan(0);
      expect(others.map((one) => one.split("/snapshots/")[0])).toEqual(
        expect.arrayContaining(before[n]!.others.filter((one) => one.includes("/pages/") || one.includes("/events/"))),
      );
    }
  });

  test("each feed's chain verifies from its beginning, and says what was redacted", async () => {
    for (const node of [origin!, relay!, reader!]) {
      const items = await readAll(node);
      expect(verifyChain(items)).toMatchObject({ ok: true });
      const its = items.filter((item) => item.uri === uri);
      expect(its.map((item) => item.redacted === true)).toEqual([...its.slice(1).map(() => true), false]);
      expect(its.at(-1)!.changed_fields).toEqual(expect.arrayContaining(["/description", "/image"]));
      expect(items.filter((item) => item.uri !== uri && item.redacted === true)).toEqual([]);
    }
  });

  test("the event itself stands there with its facts, and a tombstone changes nothing more", async () => {
    const here = (await readAll(reader!)).findLast((item) => item.uri === uri)!;
    expect(here.snapshot).toMatchObject({ name: "Lantern Quartet" });
    const redactions = async () =>
      (await relay!.database.read((on) => sql<{ n: number }>`select redactions as n from feed_head`.execute(kyselyOf(on)))).rows[0]!.n;
    const counted = await redactions();
    expect((await origin!.asAdmin(`/api/v1${new URL(uri).pathname}`, { method: "DELETE" })).status).toBeLessThan(300);
    await pass();
    expect(await redactions()).toBe(counted);
    expect((await look(reader!)).answers).toEqual([]);
  });
});
