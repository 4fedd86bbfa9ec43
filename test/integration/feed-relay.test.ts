/** Three whole nodes in a row: what the first says reaches the third through the second as the first said it, and the second's own will does not. */
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Peer } from "../../src/domain/peer.ts";
import { kyselyOf } from "../../src/db/handle.ts";
import { verifyChain } from "../../src/feed/verify.ts";
import { addPeer } from "../../src/registry/peers.ts";
import { readAll, type FeedItem } from "../support/feed-reader.ts";
import { createNetwork, type TestNetwork, type TestNode } from "../support/network.ts";
import { concert } from "../support/registry.ts";

let network: TestNetwork;
let [origin, relay, reader]: TestNode[] = [];
let [atRelay, atReader]: Peer[] = [];
const admin = { actor: "test", role: "admin" } as const;
const JSON_LD = { "content-type": "application/ld+json" };

beforeAll(async () => {
  network = await createNetwork({ nodes: 3 });
  [origin, relay, reader] = network.nodes;
  const follow = (node: TestNode, peer: TestNode, isRelay: boolean) =>
    node.database.transact(
      (tx) => addPeer(node.registry, admin, tx, { base: peer.base, name: peer.base, relay: isRelay, dialect: "calends", profile: null }),
      admin,
    );
  atRelay = await follow(relay!, origin!, false);
  atReader = await follow(reader!, relay!, true);
});
afterAll(() => network[Symbol.asyncDispose]());

/** Everything on its way arrives. */
async function pass(): Promise<void> {
  await origin!.processAll();
  await relay!.pull(atRelay!.id);
  await relay!.processAll();
  await reader!.pull(atReader!.id);
  await reader!.processAll();
}

const publish = async (changes: object): Promise<string> => {
  const created = await origin!.asAdmin("/api/v1/events", { method: "POST", headers: JSON_LD, body: JSON.stringify(concert(changes)) });
  expect(created.status).toBe(201);
  return created.headers.get("location")!;
};
const apiOf = (uri: string) => `/api/v1${new URL(uri).pathname}`;
const here = async (node: TestNode, uri: string) => {
  const { local_pages: pages = {} } = (await (await node.asAdmin("/api/v1/events?limit=200")).json()) as {
    local_pages?: Record<string, string>;
  };
  return pages[uri];
};
const statements = async (node: TestNode) =>
  (
    await node.database.read((on) =>
      sql<{ uri: string; gone: boolean; document: string }>`select uri, gone, document from federation_statements order by uri`.execute(
        kyselyOf(on),
      ),
    )
  ).rows;
const lastOf = async (node: TestNode, uri: string) =>
  (await readAll(node)).findLast((item) => item.uri === uri) as FeedItem & { custody: object };

test("documents arrive byte for byte, with where they stand at home and who was between", async () => {
  const uri = await publish({ name: "Passed on" });
  await pass();
  const said = await lastOf(origin!, uri);
  for (const [node, hops] of [
    [relay!, []],
    [reader!, [relay!.base]],
  ] as const) {
    const item = await lastOf(node, uri);
    expect(item).toMatchObject({ action: "create", digest: said.digest, snapshot: said.snapshot });
    expect(item.custody).toEqual({
      node: origin!.base,
      epoch: expect.any(String),
      sequence_number: said.sequence_number,
      version: said.version,
      hops,
    });
    expect(verifyChain(await readAll(node)).ok).toBe(true);
  }
  // Its place and organizer too: each node holds the same words.
  expect((await statements(reader!)).length).toBeGreaterThan(1);
  expect(await statements(reader!)).toEqual(await statements(relay!));
});

test("what the relay hides for itself stays with its readers, until the origin ends it", async () => {
  const uri = await publish({ name: "Hidden in between", startDate: "2026-06-01T20:00:00-04:00", endDate: "2026-06-01T22:00:00-04:00" });
  await pass();
  const local = await here(relay!, uri);
  const hidden = await relay!.asAdmin(`/api/v1/admin${new URL(local!).pathname}/state`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ state: "withdrawn", reason: "not for our readers" }),
  });
  expect(hidden.status).toBe(200);
  await pass();
  expect(await lastOf(relay!, uri)).toMatchObject({ action: "delete", custody: { withheld: true } });
  expect([await here(relay!, uri), await here(reader!, uri)]).toEqual([undefined, expect.stringContaining(reader!.base)]);

  const there = await here(reader!, uri);
  expect((await origin!.asAdmin(apiOf(uri), { method: "DELETE" })).status).toBeLessThan(300);
  await pass();
  expect(await here(reader!, uri)).toBeUndefined();
  const gone = await reader!.asAdmin(apiOf(there!));
  expect([gone.status, await gone.json()]).toEqual([410, (await lastOf(origin!, uri)).tombstone]);
  expect(await statements(reader!)).toEqual(await statements(relay!));
});
