/** A whole node: what a request leaves for later is done by its jobs and told by its feed, and two nodes keep apart. */
import { expect, test } from "vitest";
import { createNode } from "../../src/node.ts";
import { parseConfig } from "../../src/config.ts";
import { openTestDatabase } from "../support/db.ts";
import { createNetwork } from "../support/network.ts";

const event = (name: string) => ({
  "@context": "https://schema.org",
  "@type": "Event",
  name,
  startDate: "2026-07-01T20:00:00-04:00",
  location: { "@type": "Place", name: "High Park", address: "1873 Bloor St W, Toronto" },
});

test(
  "a batch is answered at once, applied by its job, and then stands in the feed of its own node only",
  { timeout: 180_000 },
  async () => {
    await using network = await createNetwork({ nodes: 2 });
    const [first, second] = network.nodes;
    const sent = await first!.asAdmin("/api/v1/events:batch", {
      method: "POST",
      headers: { "content-type": "application/ld+json" },
      body: JSON.stringify([event("Summer concert"), { ...event("No start"), startDate: undefined }, event("Winter concert")]),
    });
    expect(sent.status).toBe(202);
    const job = sent.headers.get("location")!;
    await network.processAll();
    const done = (await (await first!.asAdmin(new URL(job).pathname)).json()) as { items: { status: string }[] };
    expect(done.items.map(({ status }) => status)).toEqual(["accepted", "rejected", "accepted"]);

    const feedOf = async (url: string) =>
      ((await (await fetch(`${url}/api/v1/feeds/changes?kind=event`)).json()) as { changes: { snapshot: { name: string } }[] }).changes;
    expect((await feedOf(first!.url)).map(({ snapshot }) => snapshot.name).toSorted()).toEqual(["Summer concert", "Winter concert"]);
    expect(await feedOf(second!.url)).toEqual([]);
    expect(first!.base).not.toBe(second!.base);
  },
);

test("a node keeps the base of its first start, makes one admin's key, and refuses another base", { timeout: 180_000 }, async () => {
  await using test = await openTestDatabase();
  const { database } = test;
  const config = { ...parseConfig({ LOG_LEVEL: "fatal", NODE_URL: "https://events.example" }), port: 0, roles: new Set(["api"] as const) };
  {
    await using node = await createNode(config, { database });
    expect(node.base).toBe("https://events.example");
    expect(node.firstAdminKey).toMatch(/^cal_admin_/);
    const sources = await fetch(`${node.url}/api/v1/admin/sources`, { headers: { authorization: `Bearer ${node.firstAdminKey}` } });
    expect(sources.status).toBe(200);
  }
  {
    const { nodeUrl: _, ...unnamed } = config;
    await using again = await createNode(unnamed, { database });
    expect([again.base, again.firstAdminKey]).toEqual(["https://events.example", undefined]);
  }
  await expect(createNode({ ...config, nodeUrl: "https://other.example" }, { database })).rejects.toThrow(
    /NODE_URL is https:\/\/other\.example, but this database was begun as https:\/\/events\.example/,
  );
});

test("a stop ends the feed's streams and waits for nothing else", { timeout: 180_000 }, async () => {
  await using test = await openTestDatabase();
  const node = await createNode(
    { ...parseConfig({ LOG_LEVEL: "fatal" }), port: 0 },
    { database: test.database, secrets: { adminKey: "test-admin-key-of-32-characters!" } },
  );
  const stream = await fetch(`${node.url}/api/v1/feeds/changes/stream`);
  expect(stream.headers.get("content-type")).toMatch(/^text\/event-stream/);
  const read = stream.text();
  await node[Symbol.asyncDispose]();
  expect(await read).not.toContain("event: change");
  await expect(fetch(`${node.url}/healthz`)).rejects.toThrow("fetch failed");
});
