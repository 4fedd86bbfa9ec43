/** Whatever happens to the broker, its disk or the relay: the stream is the log again afterwards. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { DiscardPolicy } from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import { describe, expect, inject, test, vi } from "vitest";
import { startBroker } from "../support/broker.ts";
import { BASE } from "../support/registry.ts";
import { expectMirrored, noted, openLog, startRelay, WITHIN } from "../support/relay-log.ts";

test("kill -9 of the broker in mid-stream, again and again, with an outage longer than its window for doubles", async () => {
  await using log = await openLog();
  await using broker = await startBroker();
  await broker.makeStream({ duplicate_window: nanos(100) });
  await using relay = startRelay(log, broker);
  for (let round = 1; round <= 4; round++) {
    const before = (await broker.extent()).messages;
    const writing = log.write(300);
    await vi.waitFor(async () => expect((await broker.extent()).messages).toBeGreaterThan(before), { ...WITHIN, interval: 5 });
    const tried = relay.said.length;
    await broker.kill();
    await writing;
    await log.write(30);
    // It notices, and waits out an outage that is longer than the window.
    await vi.waitFor(() => expect(relay.said.length).toBeGreaterThan(tried), WITHIN);
    await vi.waitFor(async () => expect((await noted(log))?.blockedBy).toContain("broker"), WITHIN);
    await broker.start();
  }
  await expectMirrored(log, broker);
  await vi.waitFor(async () => expect(await noted(log)).toMatchObject({ lag: 0, blockedBy: null }), WITHIN);
});

test("a full stream, and then a full disk: the relay waits and says why, and goes on where there is room", async () => {
  await using log = await openLog();
  await using broker = await startBroker();
  await broker.makeStream({ max_bytes: 60_000, discard: DiscardPolicy.New });
  await using relay = startRelay(log, broker);
  await log.write(300);
  const blocked = async () => (await noted(log))?.blockedBy;
  await vi.waitFor(async () => expect(await blocked()).toContain("maximum bytes exceeded"), WITHIN);
  expect(relay.said.filter((line) => line.includes("maximum bytes"))).toHaveLength(1);
  const told = await broker.told();
  expect(told.length).toBeGreaterThan(10);
  expect(told.map(({ body }) => body)).toEqual((await log.items()).slice(0, told.length));
  await broker.manage((manager) => manager.streams.update("CALENDS", { max_bytes: -1 }));
  await expectMirrored(log, broker);

  await broker.kill();
  const { bytes } = (await broker.start(2_000_000).then(() => broker.manage((manager) => manager.streams.info("CALENDS")))).state;
  await broker.kill();
  await broker.start(bytes + 100_000);
  await log.write(500);
  await vi.waitFor(async () => expect(await blocked()).toMatch(/^the broker says: .*(resource|storage)/), WITHIN);
  await broker.kill();
  await broker.start();
  await expectMirrored(log, broker);
});

test("two relays at once, with a broker that dies: nothing twice", async () => {
  await using log = await openLog();
  await using broker = await startBroker();
  await using _one = startRelay(log, broker);
  await using _two = startRelay(log, broker);
  for (let round = 1; round <= 4; round++) {
    await log.write(100);
    if (round === 2) {
      await broker.kill();
      await broker.start();
    }
  }
  expect(await expectMirrored(log, broker)).toHaveLength(400);
});

const describeWhereAServerIsGiven = inject("database").kind === "server" ? describe : describe.skip;

describeWhereAServerIsGiven("kill -9 of the relay (needs DATABASE_URL)", () => {
  test("in mid-stream, again and again: the next one goes on where it was", async () => {
    await using log = await openLog();
    await using broker = await startBroker();
    await broker.makeStream({ duplicate_window: nanos(100) });
    const program = fileURLToPath(new URL("../support/relay-child.ts", import.meta.url));
    for (let round = 1; round <= 4; round++) {
      await log.write(300);
      const before = (await broker.extent()).messages;
      const relay = fork(program, [log.url!, BASE, broker.url], { stdio: ["ignore", "ignore", "inherit", "ipc"], execArgv: [] });
      await vi.waitFor(async () => expect((await broker.extent()).messages).toBeGreaterThan(before), { ...WITHIN, interval: 5 });
      relay.kill("SIGKILL");
      await once(relay, "exit");
    }
    await using _last = startRelay(log, broker);
    await expectMirrored(log, broker);
  });
});
