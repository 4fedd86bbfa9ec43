/** The tests of the relay can fail: relays that do less than ours leave a stream that is not the log. */
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { expect, test, vi } from "vitest";
import { readChangesAfter } from "../../src/db/stream-relays.ts";
import { messageOf, type Message } from "../../src/federation/nats/message.ts";
import type { RelayParts } from "../../src/federation/nats/relay.ts";
import { openStream } from "../../src/federation/nats/stream.ts";
import { startBroker, type Broker } from "../support/broker.ts";
import { BASE } from "../support/registry.ts";
import { openLog, startRelay, WITHIN, type Log } from "../support/relay-log.ts";

/** A relay that keeps its own place, and publishes without ids and expectations. */
async function tellNaively(log: Log, broker: Broker, from: number, to: number): Promise<void> {
  const { head, changes } = await log.database.read((on) => readChangesAfter(on, from, to - from));
  const connection = await connect({ servers: broker.url, reconnect: false });
  const js = jetstream(connection);
  for (const change of changes) {
    const { subject, body } = messageOf(change, { node: BASE, prefix: "calends", head });
    await js.publish(subject, body);
  }
  await connection.close();
}

test("a relay that dies between the broker's answer and its own note, and tells the same again without ids, is noticed", async () => {
  await using log = await openLog();
  await using broker = await startBroker();
  await broker.makeStream({});
  await log.write(40);
  await tellNaively(log, broker, 0, 30);
  await tellNaively(log, broker, 20, 40);
  const told = (await broker.told()).map(({ body }) => body);
  expect(told).not.toEqual(await log.items());
  expect(told).toHaveLength(50);
});

test("two of our own relays that would not say what they expect are noticed", async () => {
  await using log = await openLog();
  await using broker = await startBroker();
  await log.write(40);
  const connection = await connect({ servers: broker.url, reconnect: false });
  const both = Promise.withResolvers<void>();
  let asked = 0;
  const open: RelayParts["open"] = async (options) =>
    Object.assign(await openStream(options), {
      async append(messages: readonly Message[]) {
        asked += 1;
        if (asked === 2) both.resolve();
        await both.promise;
        for (const { subject, body } of messages) await jetstream(connection).publish(subject, body);
        return { stored: messages.length };
      },
    });
  {
    await using _one = startRelay(log, broker, { open, window: 40 });
    await using _two = startRelay(log, broker, { open, window: 40 });
    await vi.waitFor(async () => expect((await broker.extent()).messages).toBeGreaterThanOrEqual(80), WITHIN);
  }
  await connection.close();
  expect((await broker.told()).map(({ body }) => body)).not.toEqual(await log.items());
});
