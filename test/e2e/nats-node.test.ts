/** A whole node that relays: the program as an operator starts it, with a broker that works and with one that does not. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { startBroker } from "../support/broker.ts";
import { makeKey } from "../support/crash.ts";
import { NODE_ADMIN_KEY, startNode, within } from "../support/process.ts";
import { BASE, concert } from "../support/registry.ts";
import { openLog, WITHIN } from "../support/relay-log.ts";

async function startRelayingNode(env: Record<string, string>) {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "calends-relay-"));
  opened.defer(() => rm(folder, { recursive: true }));
  const log = opened.use(await openLog());
  const node = opened.use(await startNode({ DATA_DIR: folder, DATABASE_URL: log.url ?? "", NODE_URL: BASE, ...env }));
  const closing = opened.move();
  return { ...node, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

test("relays where NATS_URL says so, and says in /metrics how far", { timeout: 600_000 }, async () => {
  await using broker = await startBroker();
  await using node = await startRelayingNode({ NATS_URL: broker.url, NATS_STREAM: "CITY", NATS_SUBJECT_PREFIX: "city.events" });
  const key = await makeKey(node.url, NODE_ADMIN_KEY, "City");
  const answer = await fetch(`${node.url}/api/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/ld+json" },
    // An event that is over would be completed within the hour, by a change that comes between what is compared here.
    body: JSON.stringify(concert({ startDate: "2096-05-08T21:00:00-04:00", endDate: undefined })),
  });
  expect(answer.status).toBe(201);
  await vi.waitFor(
    async () => expect((await broker.told("CITY")).map(({ subject }) => subject)).toContain("city.events.event.music.create"),
    WITHIN,
  );
  const page = (await (await fetch(`${node.url}/api/v1/feeds/changes`)).json()) as { changes: unknown[] };
  await vi.waitFor(async () => expect((await broker.told("CITY")).map(({ body }) => JSON.parse(body))).toEqual(page.changes), WITHIN);
  await vi.waitFor(async () => {
    const metrics = await (await fetch(`${node.url}/metrics`)).text();
    expect(metrics).toContain(`calends_relay_position{stream="CITY"} ${page.changes.length}`);
    expect(metrics).toContain('calends_relay_lag_positions{stream="CITY"} 0');
    expect(metrics).toContain('calends_relay_blocked{stream="CITY"} 0');
  }, WITHIN);
  await node.stop();
});

test("whose broker accepts connections and never speaks still ends when it is asked to", { timeout: 600_000 }, async () => {
  const sockets = new Set<Socket>();
  const mute = createServer((socket) => void sockets.add(socket.on("error", () => undefined).resume())).listen(0, "127.0.0.1");
  await once(mute, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    mute.close();
  });
  await using node = await startRelayingNode({ NATS_URL: `nats://127.0.0.1:${(mute.address() as AddressInfo).port}` });
  await vi.waitFor(() => expect(sockets.size).toBeGreaterThanOrEqual(2), WITHIN);
  await within(120_000, "the end of the node", node.stop());
});
