/** kill -9 of a node in the middle of telling: the next one goes on, and the receiver hears every change in order. */
import { sql } from "kysely";
import { expect, inject, test } from "vitest";
import { kyselyOf } from "../../src/db/handle.ts";
import { openTestDatabase } from "../support/db.ts";
import { jsonOf } from "../support/http.ts";
import { NODE_ADMIN_KEY, startNode, within, type NodeProcess } from "../support/process.ts";
import { openWebhookReceiver } from "../support/webhook-receiver.ts";

const PATH = "/api/v1/admin/feed-subscriptions";
const KILLS = 3;
const PLACES = 300;

/** The embedded database has one process; kill -9 of that begins a new epoch. */
const testOnAServer = inject("database").kind === "server" ? test : test.skip;

const ask = (node: NodeProcess, path: string, body?: object, method = body === undefined ? "GET" : "POST") =>
  fetch(node.url + path, {
    method,
    headers: { authorization: `Bearer ${NODE_ADMIN_KEY}`, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });

testOnAServer(`a node that is killed ${KILLS} times while it tells leaves nothing out`, async () => {
  await using opened = await openTestDatabase();
  await using receiver = await openWebhookReceiver();
  const start = () =>
    startNode({ DATABASE_URL: opened.url!, NODE_URL: "https://node.example", FETCH_ALLOW: receiver.host, LOG_LEVEL: "warn" });
  const addPlaces = () =>
    opened.database.transact((tx) =>
      sql`insert into places (id, match_key, name) select gen_random_uuid(), gen_random_uuid()::text::bytea, 'Old Mill ' || n from generate_series(1, ${PLACES}::int) n`.execute(
        kyselyOf(tx),
      ),
    );

  let node = await start();
  const { id } = await jsonOf(ask(node, PATH, { name: "all", url: `${receiver.url}/all`, payload: "changes" }));
  for (let kill = 0; kill < KILLS; kill++) {
    const before = receiver.received.length;
    const second = Promise.withResolvers<void>();
    // Its second message of this round is heard, and never answered for.
    receiver.onRequest = () => {
      if (receiver.received.length !== before + 2) return;
      node.process.kill("SIGKILL");
      second.resolve();
    };
    await addPlaces();
    await within(60_000, "the second message", second.promise);
    await node.process.ended;
    node = await start();
    // What the dead one held would be anybody's after two minutes.
    await ask(node, `${PATH}/${id}/resume`, undefined, "POST");
  }
  receiver.onRequest = () => undefined;
  await expect.poll(async () => (await jsonOf(ask(node, `${PATH}/${id}`))).position, { timeout: 60_000 }).toBe(KILLS * PLACES);
  await node.stop();

  const messages = receiver.received.map(({ headers, body }) => ({
    id: headers["webhook-id"] as string,
    positions: (JSON.parse(body) as { data: { changes: { sequence_number: number }[] } }).data.changes.map(
      (change) => change.sequence_number,
    ),
  }));
  // A message that came twice came as it was.
  const once = new Map(messages.map(({ id: name, positions }) => [name, positions]));
  for (const { id: name, positions } of messages) expect(positions).toEqual(once.get(name));
  expect(messages.length).toBeGreaterThan(once.size);
  expect([...once.values()].flat()).toEqual(Array.from({ length: KILLS * PLACES }, (_, n) => n + 1));
});
