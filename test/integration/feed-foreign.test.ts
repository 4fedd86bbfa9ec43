/** What this node passes on of other nodes' entities: feed, snapshot and closed pages, as a peer of ours would read them. */
import { gunzipSync } from "node:zlib";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kyselyOf } from "../../src/db/handle.ts";
import { decodeCursor } from "../../src/feed/cursor.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { verifyChain } from "../../src/feed/verify.ts";
import { CHANGES, publishMany, readAll, readPage, type FeedItem } from "../support/feed-reader.ts";
import { EPOCH, openOrigin, ORIGIN, stoneOf } from "../support/foreign.ts";
import { createNetwork, type TestNetwork } from "../support/network.ts";

let network: TestNetwork;
let origin: Awaited<ReturnType<typeof openOrigin>>;
beforeAll(async () => {
  network = await createNetwork({ nodes: 1 });
  origin = await openOrigin(network.node.database);
});
afterAll(() => network[Symbol.asyncDispose]());

interface Item extends FeedItem {
  custody?: { node: string; epoch: string; sequence_number: number; version?: number; hops: string[]; withheld?: true };
}
const itemsOf = async (uri: string): Promise<Item[]> => {
  await network.processAll();
  return (await readAll(network.node)).filter((item) => item.uri === uri) as Item[];
};
const concert = (name: string, more: object = {}) => ({ "@type": "MusicEvent", name, startDate: "2026-05-08T19:00:00-04:00", ...more });

describe("an event of another node", () => {
  test("is told in its origin's words, whatever is shown of it here", async () => {
    const said = { position: 41, version: 2, hops: ["https://relay.example"] };
    const { uri, id } = await origin.sayEvent({ ...said, document: concert("Jazz") }, { name: "Jazz, as a curator corrected it" });
    const [item, ...more] = await itemsOf(uri);
    expect(more).toEqual([]);
    expect(item).toMatchObject({ action: "create", federation_uri: uri, snapshot: { "@id": uri, name: "Jazz" } });
    expect(item!.custody).toEqual({
      node: ORIGIN,
      epoch: EPOCH,
      sequence_number: 41,
      version: 2,
      hops: ["https://relay.example"],
    });

    // What the curator says next is no news of the origin's.
    await origin.sayEvent({ ...said, document: concert("Jazz") }, { name: "Another correction" }, id);
    expect(await itemsOf(uri)).toHaveLength(1);
    await origin.sayEvent({ ...said, position: 55, version: 3, document: concert("Free Jazz") }, { name: "Another correction" }, id);
    expect((await itemsOf(uri))[1]).toMatchObject({
      action: "update",
      changed_fields: ["/name"],
      custody: { sequence_number: 55, version: 3 },
    });
  });

  test("that its origin deletes is a delete with the origin's tombstone", async () => {
    const { uri, id } = await origin.sayEvent({ position: 60, document: concert("Blues") });
    await network.processAll();
    await origin.sayEvent({ position: 61 }, {}, id);
    const [, gone] = await itemsOf(uri);
    expect(gone).toMatchObject({ action: "delete", tombstone: stoneOf(uri), custody: { sequence_number: 61 } });
    expect(gone!.custody).not.toHaveProperty("withheld");
  });

  test("that is hidden here alone is a delete that its readers pass over", async () => {
    const { uri, id } = await origin.sayEvent({ position: 70, document: concert("Punk") });
    await network.processAll();
    await origin.sayEvent({ position: 70, document: concert("Punk") }, { state: "withdrawn" }, id);
    expect((await itemsOf(uri)).at(-1)).toMatchObject({ action: "delete", custody: { withheld: true, sequence_number: 70 } });
    await origin.sayEvent({ position: 71, document: concert("Punk"), withheld: true }, {}, id);
    expect(await itemsOf(uri)).toHaveLength(2);
    await origin.sayEvent({ position: 72 }, {}, id);
    expect((await itemsOf(uri)).at(-1)).toMatchObject({ action: "delete", tombstone: stoneOf(uri), custody: { sequence_number: 72 } });
  });

  test("is left out of what this node is the origin of", async () => {
    await publishMany(network.node, 2);
    const own = await readAll(network.node, { origin: "self" });
    expect(own.length).toBeGreaterThan(0);
    expect(own.every(({ uri }) => uri.startsWith(network.node.base))).toBe(true);
  });
});

describe("a place of another node", () => {
  test("is not told while it is only mentioned; then as its origin says it", async () => {
    expect(await itemsOf(origin.placeUri)).toEqual([]);
    await origin.sayPlace({ position: 3, document: { "@type": "Place", name: "Massey Hall" } });
    expect(await itemsOf(origin.placeUri)).toMatchObject([
      { action: "create", snapshot: { name: "Massey Hall" }, custody: { sequence_number: 3 } },
    ]);
  });

  test("that has no name of its own is never told, and least of all as ours", async () => {
    await network.node.database.transact((tx) =>
      sql`insert into places (id, match_key, name, origin_node_id) values (gen_random_uuid(), 'nameless', 'Somewhere', ${origin.node})`.execute(
        kyselyOf(tx),
      ),
    );
    await network.processAll();
    expect((await readAll(network.node)).filter((item) => item.snapshot?.name === "Somewhere")).toEqual([]);
  });
});

test("the chain holds over what is ours and what is others', and custody is under it", async () => {
  await network.processAll();
  const items = (await readAll(network.node)) as Item[];
  expect(items.some(({ custody }) => custody !== undefined) && items.some(({ custody }) => custody === undefined)).toBe(true);
  expect(verifyChain(items).ok).toBe(true);
  const at = items.findIndex(({ custody }) => custody !== undefined);
  expect(verifyChain(items.with(at, { ...items[at]!, custody: { ...items[at]!.custody!, node: "https://other.example" } }))).toMatchObject({
    ok: false,
    position: at + 1,
  });
});

test("pages say their epoch, and the log keeps no statement", async () => {
  const page = await readPage(network.node);
  expect(page).toMatchObject({ epoch: decodeCursor(page.next_cursor).epoch });
  const { rows } = await network.node.database.read((on) =>
    sql<{ n: number }>`select count(*)::int as n from event_changes where state ? 'statement'`.execute(kyselyOf(on)),
  );
  expect(rows[0]!.n).toBe(0);
});

describe("a snapshot", () => {
  interface Line extends Partial<Item> {
    uri: string;
    hash?: string;
    position?: number;
    count?: number;
    lines?: number;
  }
  const read = async (): Promise<[Line, ...Line[]]> => {
    const file = await fetch(`${network.node.url}${CHANGES}/snapshot`);
    return gunzipSync(Buffer.from(await file.arrayBuffer()))
      .toString()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Line) as [Line, ...Line[]];
  };

  test("is what the feed adds up to, with the ends that origins gave their own; the chain goes on from it", async () => {
    const kept = await origin.sayEvent({ position: 80, document: concert("Kept") });
    const gone = await origin.sayEvent({ position: 81, document: concert("Gone") });
    const hidden = await origin.sayEvent({ position: 82, document: concert("Hidden") });
    const tricky = await origin.sayEvent({ position: 83, document: concert('"withheld":true}') });
    await network.processAll();
    await origin.sayEvent({ position: 84 }, {}, gone.id);
    await origin.sayEvent({ position: 82, document: concert("Hidden") }, { state: "withdrawn" }, hidden.id);
    await origin.sayEvent({ position: 85 }, {}, tricky.id);
    await network.processAll();

    const items = (await readAll(network.node)) as Item[];
    const [header, ...lines] = await read();
    expect(header).toMatchObject({ position: items.length, hash: items.at(-1)!.hash, lines: lines.length });
    expect(header.count).toBe(lines.filter(({ snapshot }) => snapshot !== undefined).length);
    const replica = new Map<string, object>();
    for (const { uri, kind, version, sequence_number, custody, snapshot, tombstone } of items) {
      const foreign = custody && custody.withheld !== true;
      if (snapshot !== undefined || foreign) {
        const shown = snapshot === undefined ? { tombstone } : { snapshot };
        replica.set(uri, { uri, kind, version, sequence_number, ...(custody && { custody }), ...shown });
      } else replica.delete(uri);
    }
    expect(new Map(lines.map((line) => [line.uri, line]))).toEqual(replica);
    expect(
      [kept, gone, hidden, tricky].map(({ uri }) => lines.find((line) => line.uri === uri)).map((line) => line && Object.keys(line)[3]),
    ).toEqual(["snapshot", "tombstone", undefined, "tombstone"]);

    // The tail follows without a gap: its first item is chained to what the header says.
    await origin.sayEvent({ position: 90, document: concert("Kept on") }, {}, kept.id);
    await network.processAll();
    const { changes } = await readPage(network.node, { since: (header as { cursor?: string }).cursor! });
    expect(verifyChain(changes, header.hash)).toEqual({ ok: true, hash: changes.at(-1)!.hash });
    expect(verifyChain(changes, "").ok).toBe(false);
  });
});

test("a takedown here takes the texts out of what was passed on; the chain and the custody stay", async () => {
  const { uri, id } = await origin.sayEvent({ position: 95, version: 1, document: concert("Words", { description: "Somebody's own" }) });
  const [before] = await itemsOf(uri);
  expect(before!.snapshot!.description).toBe("Somebody's own");
  await network.node.database.transact((tx) => redactEntity(tx, "event", id));
  const [after] = await itemsOf(uri);
  const { description: _, ...kept } = before!.snapshot!;
  expect(after).toEqual({ ...before, snapshot: kept, redacted: true });
  expect(verifyChain(await readAll(network.node)).ok).toBe(true);
});

test("the profile says what readers of the feed can rely on", async () => {
  const { base, url } = network.node;
  expect(await (await fetch(`${url}/.well-known/sel-profile`)).json()).toMatchObject({
    feedFeatures: ["closed-pages", "custody", "digests", "epochs", "hash-chain"],
    pagesEndpoint: `${base}${CHANGES}/pages`,
    pageSize: 500,
    syncEndpoint: `${base}/api/v1/federation/sync`,
  });
});
