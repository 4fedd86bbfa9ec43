/**
 * A text and an image whose owner wants them back. After the takedown they stand nowhere any more: in no column, answer, page, file or
 * item of the feed, and nobody brings them back. The same search finds them all before.
 */
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readState } from "../../src/db/entities.ts";
import { embeddingText, sourceHash } from "../../src/domain/embedder.ts";
import { ulidOf } from "../../src/domain/iri.ts";
import type { EventState } from "../../src/domain/state.ts";
import { verifyChain } from "../../src/feed/verify.ts";
import { undoMerge } from "../../src/registry/merge-events.ts";
import { valueHash } from "../../src/registry/settle.ts";
import { readAll, type FeedItem } from "../support/feed-reader.ts";
import type { TestNode } from "../support/network.ts";
import { ADMIN, event, openTakedownNode, OTHER_DAY, picture, said, WORD, type Found, type TakedownNode } from "../support/takedown-node.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

let on: TakedownNode;
let address: string;
/** Where the word stood: before, with what was under way, at once after the takedown, and after everybody said it again. */
let before: Found;
let underWay: string[];
let atOnce: { columns: string[]; files: string[]; oldSnapshot: number };
let after: Found;
let answer: Response;
/** Of the feed's snapshot then: "13.ndjson.gz". */
let snapshot: string;
let chainBefore: FeedItem[];
let tagsBefore: (string | null)[];

const chain = () => readAll(on.node as TestNode);
const jsonLd = { accept: "application/ld+json" };
const tagged = async (headers: Record<string, string>[] = [{}, {}]) => [
  await on.ask(address, { headers: { ...jsonLd, ...headers[0] } }),
  await on.ask(`/api/v1/feeds/changes/pages/${on.ids.epoch}/1`, { headers: headers[1]! }),
];

beforeAll(async () => {
  on = await openTakedownNode();
  await on.putEverywhere();
  address = `/events/${ulidOf(on.ids.eventId)}`;
  before = await on.where();
  ({ snapshot } = on.ids);
  chainBefore = await chain();
  tagsBefore = (await tagged()).map(({ headers }) => headers.get("etag"));

  await on.leaveUnderWay();
  underWay = await on.columns();
  on.later();
  // By the name of the one that was merged into it.
  const body = { reason: "The author asks for it." };
  answer = await on.ask(`/api/v1/admin/events/${ulidOf(on.ids.twinId)}/takedown`, { body, headers: { "idempotency-key": "takedown" } });
  const columns = await on.columns();
  // Processes hear of it by NOTIFY; and whoever is asked for a file looks first.
  const { status } = await on.ask(`/api/v1/feeds/changes/snapshots/${on.ids.epoch}/${snapshot}`);
  atOnce = { columns, oldSnapshot: status, files: await on.files() };
  await on.sayAgain();
  after = await on.where();
});
afterAll(() => on?.[Symbol.asyncDispose]());

describe("before the takedown", () => {
  test("the search finds the texts in every place that it must look into", () => {
    console.log(
      `${before.columns.length} columns (${before.columns.join(", ")}), ${before.answers.length} answers, ${before.files.length} files`,
    );
    expect(before.columns).toEqual([
      "pgboss.job.output",
      "public.event_changes.item",
      "public.event_changes.state",
      "public.event_search.words",
      "public.event_sources.payload",
      "public.event_sources.submission",
      "public.events.description",
      "public.events.image_url",
      "public.field_provenance.value",
      "public.idempotency_keys.body",
      "public.ingest_items.payload",
    ]);
    expect(underWay).toEqual(expect.arrayContaining(["public.change_outbox.state", "public.ingest_items.submission"]));
    const { epoch, searchId, asOf } = on.ids;
    const found = new Set(before.answers.map((one) => one.replace(", admin", "")));
    for (const one of [
      ...["application/ld+json", "text/html", "text/turtle", "application/n-triples"].map((format) => `${address} (${format})`),
      `/api/v1${address} (application/ld+json)`,
      `/api/v1${address}?include=provenance (application/json)`,
      `/api/v1${address}?as_of=${asOf[0]} (application/json)`,
      "/api/v1/events (application/json)",
      ...["application/json", "text/calendar", "application/rss+xml", "application/atom+xml"].map(
        (format) => `/api/v1/events/search (${format})`,
      ),
      `/searches/${searchId}.ics (text/calendar)`,
      "/api/v1/feeds/changes (application/json)",
      `/api/v1/feeds/changes/pages/${epoch}/1 (application/json)`,
      `/api/v1/feeds/changes/snapshots/${epoch}/${snapshot} (application/gzip)`,
    ])
      expect(found, one).toContain(one);
    expect(before).toMatchObject({ files: [expect.stringContaining(".ndjson.gz")], searched: 1 });
  });

  test("webhooks were told facts alone", () => {
    expect(on.webhooks.join()).toContain("Lantern Quartet");
    expect(on.webhooks.join().toLowerCase()).not.toContain(WORD);
  });
});

describe("after the takedown", () => {
  test("the event stands there with its facts", async () => {
    expect([answer.status, answer.headers.get("calends-outcome")]).toEqual([200, "taken_down"]);
    expect(await answer.json()).toMatchObject({ "@id": on.node.base + address, name: "Lantern Quartet" });
    const shown = await on.done(on.ask(`/api/v1${address}`));
    expect(shown).toMatchObject({ name: "Lantern Quartet", keywords: ["quartet"], location: { name: "Backroom" } });
    expect(shown).not.toHaveProperty("description");
    expect(shown).not.toHaveProperty("image");
  });

  test("no column and no file holds them, at once and before any job has run", () => {
    expect(atOnce).toEqual({ columns: [], files: [], oldSnapshot: 404 });
  });

  test("they stand nowhere, whatever the sources say again", () => {
    expect(after).toEqual({ columns: [], answers: [], files: [], searched: 0 });
  });

  test("other events keep theirs", async () => {
    expect(await on.columns("lay for all who come")).toEqual(
      expect.arrayContaining([
        "public.event_changes.item",
        "public.event_sources.payload",
        "public.events.description",
        "public.field_provenance.value",
      ]),
    );
  });

  test("the vectors are of what is left", async () => {
    const found = await on.rows<{ hash: Uint8Array }>(
      sql`select source_hash as hash from event_embeddings where event_id = ${on.ids.eventId}::uuid`,
    );
    const state = (await on.database.read((reader) => readState(reader, "event", on.ids.eventId))) as EventState;
    expect(found.map(({ hash }) => Buffer.from(hash))).toEqual([sourceHash(embeddingText(state))]);
  });

  test("documents and closed pages have other tags", async () => {
    const again = await tagged(tagsBefore.map((tag) => ({ "if-none-match": tag! })));
    expect(again.map(({ status }) => status)).toEqual([200, 200]);
  });

  test("the feed's chain verifies from its beginning; what showed the texts says that it was redacted, and nothing else does", async () => {
    const items = await chain();
    expect(verifyChain(items)).toMatchObject({ ok: true });
    const old = items.slice(0, chainBefore.length);
    expect(old.map(({ hash }) => hash)).toEqual(chainBefore.map(({ hash }) => hash));
    const showed = chainBefore.map(({ snapshot }) => JSON.stringify(snapshot ?? "").includes(WORD));
    expect(old.map(({ redacted }) => redacted === true)).toEqual(showed);
  });

  test("the feed tells peers, by an update that names what may have gone", async () => {
    const [told] = (await chain()).slice(chainBefore.length).filter((item) => item.uri === on.node.base + address);
    expect(told).toMatchObject({ action: "update", changed_fields: expect.arrayContaining(["/description", "/image"]) as string[] });
    expect(told).not.toHaveProperty("redacted");
  });

  test("the audit log has who asked, why, and the hashes of what was removed", async () => {
    const { items } = await on.done(on.ask("/api/v1/admin/audit?action=event.taken_down"));
    expect(items).toMatchObject([{ actor: "admin", entityId: ulidOf(on.ids.eventId), reason: "The author asks for it." }]);
    const removed = [
      ...["the city once", "the city", "the city at last", "the paper", "the import", "the twin"].map(said),
      picture("the city"),
    ];
    expect(items[0].details.sha256).toEqual(expect.arrayContaining(removed.map(valueHash)));
  });

  test("claims tell who claimed when, with the hash for the value", async () => {
    const past = await on.rows<object>(sql`
      select s.name, c.value from field_provenance c join sources s on s.id = c.source_id
      where c.field = '/description' and c.event_id = ${on.ids.eventId}::uuid and not upper_inf(c.recorded)`);
    expect(past).toContainEqual({ name: "City calendar", value: { redacted: valueHash(said("the city")) } });
    expect(past).toContainEqual({ name: "Newspaper", value: { redacted: valueHash(said("the paper")) } });
  });

  test("a restart and the undoing of the merge bring nothing back", async () => {
    await on.restart();
    const [merge] = await on.rows<{ id: string }>(sql`select id from entity_merges where undone_at is null`);
    on.later();
    await on.database.transact((tx) => undoMerge(on.node.registry, ADMIN, tx, { mergeId: merge!.id }));
    await on.submit(on.keys.paper, event("the twin", { ...OTHER_DAY, keywords: ["back"] }));
    await on.look();
    expect(await on.where()).toEqual({ columns: [], answers: [], files: [], searched: 0 });
  });
});
