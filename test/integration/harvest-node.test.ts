/** A whole node visits its sources by its jobs: what is due is planned, several visits run at once, and a slow source holds nobody up. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, vi } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { listHarvests, setHarvest } from "../../src/registry/harvests.ts";
import { ensureSource } from "../../src/registry/sources.ts";
import { createNode, type CalendsNode } from "../../src/node.ts";
import { openTestDatabase } from "../support/db.ts";
import { ADMIN, programmeOf } from "../support/harvest.ts";

/** A server on a port, and so for the node a host, of its own. */
async function openSite(answer: (response: ServerResponse) => void) {
  const server = createServer((request, response) => {
    if (request.url === "/robots.txt") response.writeHead(404).end();
    else answer(response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    [Symbol.dispose]: () => void (server.closeAllConnections(), server.close()),
  };
}

async function visited(node: CalendsNode, name: string, url: string): Promise<void> {
  await node.database.transact(async (tx) => {
    await ensureSource(node.registry, tx, { name, type: "scraper", licenseStatus: "cc0" });
    await setHarvest(node.registry, ADMIN, tx, { name, url, format: "json-ld" }, { whyNotTarget: () => undefined });
  });
}

const outcomes = async (node: CalendsNode) =>
  Object.fromEntries((await node.database.read(listHarvests)).map(({ source, lastOutcome }) => [source, lastOutcome]));
const allowed = (roles: "worker" | "sequencer") => ({
  ...parseConfig({ LOG_LEVEL: "fatal", NODE_URL: "https://events.example", FETCH_ALLOW: "127.0.0.1", DEFAULT_TIMEZONE: "America/Toronto" }),
  port: 0,
  roles: new Set([roles] as const),
});

test("the plan queues what is due, and its events stand in the feed", { timeout: 180_000 }, async () => {
  await using test = await openTestDatabase();
  using site = await openSite((response) => response.end(JSON.stringify([programmeOf("North")(1)])));
  await using node = await createNode(allowed("sequencer"), { database: test.database });
  await visited(node, "North", site.url);
  await node.processAll();
  expect(await outcomes(node)).toEqual({ North: "taken" });
  const { rows } = await node.database.jobs.executeSql("select count(*)::int as n from event_changes where entity_kind = 'event'");
  expect(rows).toEqual([{ n: 1 }]);
});

test("sources that never answer leave room for one that does", { timeout: 180_000 }, async () => {
  await using test = await openTestDatabase();
  const hanging: ServerResponse[] = [];
  await using sites = new AsyncDisposableStack();
  const slow = await Promise.all([1, 2, 3].map(async () => sites.use(await openSite((response) => void hanging.push(response)))));
  const quick = sites.use(await openSite((response) => response.end(JSON.stringify([programmeOf("South")(1)]))));
  await using node = await createNode(allowed("worker"), { database: test.database });
  for (const [n, { url }] of slow.entries()) await visited(node, `Slow ${n}`, url);
  await node.database.transact((tx) => node.registry.enqueue(tx, { queue: "plan-harvests" }));
  await vi.waitFor(() => expect(hanging).toHaveLength(3), { timeout: 60_000, interval: 50 });
  await visited(node, "South", quick.url);
  await node.database.transact((tx) => node.registry.enqueue(tx, { queue: "plan-harvests" }));
  await vi.waitFor(
    async () => expect(await outcomes(node)).toMatchObject({ South: "taken", "Slow 0": null, "Slow 1": null, "Slow 2": null }),
    {
      timeout: 60_000,
      interval: 50,
    },
  );
});
