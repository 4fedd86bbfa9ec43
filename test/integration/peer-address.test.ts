/** A peer may live at a private address where a person meant that one; its own DNS cannot lead this node there later. */
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createPeerClient } from "../../src/federation/peer/client.ts";
import { findPeer } from "../../src/federation/peer/find-peer.ts";
import { meetNewPeer } from "../../src/federation/peer/meet.ts";
import { addPeer, readPeer } from "../../src/registry/peers.ts";
import { openTestRegistry } from "../support/registry.ts";

const INSIDE = [{ address: "127.0.0.1", family: 4 }];
const PUBLIC = [{ address: "93.184.215.14", family: 4 }];
const caller = { actor: "operator", role: "admin" } as const;

/** Something that answers on this machine, under whatever name leads there. */
async function openInside(host = "events.city.example"): Promise<{ base: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    response
      .setHeader("content-type", "application/json")
      .end(JSON.stringify({ profile: "https://sel.events/profiles/interop", version: "0.1.0", node: base, name: "City" }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const base = `http://${host}:${(server.address() as AddressInfo).port}`;
  return { base, asked };
}

const clients = (resolve: () => Promise<typeof INSIDE>) => createPeerClient({ allow: [], userAgent: "Calends", resolve });

test("a name that was public when it was added is not dialled when it leads inside later", async () => {
  const { base, asked } = await openInside();
  const client = clients(async () => INSIDE)({ base, accessKey: null, privateAddress: false });
  await expect(client.get(`${base}/latest/meta-data`)).rejects.toThrow("127.0.0.1 is not dialled: loopback");
  await expect(client.open(`${base}/latest/meta-data`)).rejects.toThrow("127.0.0.1 is not dialled: loopback");
  expect(asked).toEqual([]);
});

test("what was private when it was added goes on being asked, and so does an address or localhost", async () => {
  const { base } = await openInside();
  expect((await clients(async () => INSIDE)({ base, accessKey: null, privateAddress: true }).get(base)).status).toBe(200);
  for (const host of ["127.0.0.1", "localhost"]) {
    const here = await openInside(host);
    expect((await clients(async () => INSIDE)({ base: here.base, accessKey: null }).get(here.base)).status).toBe(200);
  }
});

test("whoever names a private node makes it a peer with a private address, and that is kept", async () => {
  const { base } = await openInside();
  const node = await openTestRegistry();
  onTestFinished(() => node[Symbol.asyncDispose]());
  const { peer } = await meetNewPeer(
    clients(async () => INSIDE),
    { url: base },
    undefined,
    async () => INSIDE,
  );
  expect(peer.privateAddress).toBe(true);
  const added = await node.registry.database.transact((tx) => addPeer(node.registry, caller, tx, peer), caller);
  expect((await node.registry.database.read((on) => readPeer(on, added.id)))?.privateAddress).toBe(true);

  const other = { base: "https://events.town.example", name: "Town", dialect: "calends", profile: null } as const;
  const [plain, local] = await node.registry.database.transact(
    async (tx) => [
      await addPeer(node.registry, caller, tx, other),
      await addPeer(node.registry, caller, tx, { ...other, base: "http://localhost:9" }),
    ],
    caller,
  );
  expect([plain!.privateAddress, local!.privateAddress]).toEqual([false, true]);
});

test("one private address among public ones is how a name attacks: it is not met, nor taken for a private one", async () => {
  const { base, asked } = await openInside();
  const both = async () => [...PUBLIC, ...INSIDE];
  await expect(meetNewPeer(clients(both), { url: base }, undefined, both)).rejects.toThrow("127.0.0.1 is not dialled");
  expect((await findPeer(base, both)).privateAddress).toBe(false);
  expect(asked).toEqual([]);
});

test("what is met is what was judged: a name is looked up once", async () => {
  let lookups = 0;
  const turning = async () => (lookups++ === 0 ? INSIDE : PUBLIC);
  const found = await findPeer("https://events.city.example", turning);
  expect([found.privateAddress, await found.resolveAgain("events.city.example"), lookups]).toEqual([true, INSIDE, 1]);
  expect(await found.resolveAgain("elsewhere.example")).toEqual(PUBLIC);
});
