/** The relay against a real NATS server: the stream is the log, every item once, in order, byte for byte. */
import { sql } from "kysely";
import { expect, test, vi } from "vitest";
import { readChangesAfter } from "../../src/db/stream-relays.ts";
import { startBroker } from "../support/broker.ts";
import { BASE, concert } from "../support/registry.ts";
import { change, clock, expectMirrored, noted, number, openEventLog, openLog, startRelay, WITHIN } from "../support/relay-log.ts";

test("has each change once: subject by kind, domain and action; epoch and position as its id; the item as its body", async () => {
  await using log = await openEventLog();
  await using broker = await startBroker();
  const { database, epoch } = log;
  const eventId = await log.say(concert());
  await change(database, sql`update events set lifecycle_state = 'withdrawn' where id = ${eventId}`);
  await number(database);

  await using _relay = startRelay(log, broker);
  const { changes } = await database.read((on) => readChangesAfter(on, 0, 100));
  await vi.waitFor(async () => expect(await broker.told()).toHaveLength(changes.length), WITHIN);
  const told = await broker.told();
  expect(told.map(({ body }) => body)).toEqual(changes.map(({ item }) => item));
  expect(told.map(({ id }) => id)).toEqual(changes.map(({ position }) => `${epoch}:${position}`));
  // Whoever listens for music hears of its end too.
  expect(told.map(({ subject }) => subject).filter((subject) => subject.includes(".event."))).toEqual([
    "calends.event.music.create",
    "calends.event.music.delete",
  ]);
  expect(told.map(({ subject }) => subject)).toContain("calends.place.-.create");
  await vi.waitFor(
    async () => expect(await noted(log)).toMatchObject({ stream: "CALENDS", epoch, position: changes.length, lag: 0, blockedBy: null }),
    WITHIN,
  );
});

test("of another node's log, or one that does not take these subjects, is left alone, and the relay says what to do", async () => {
  await using log = await openLog();
  await using broker = await startBroker();
  await log.write(3);
  await broker.makeStream({ subjects: ["other.>"] });
  {
    await using _relay = startRelay(log, broker);
    await vi.waitFor(async () => expect((await noted(log))?.blockedBy).toContain("not calends.>"), WITHIN);
    expect((await broker.manage((manager) => manager.streams.info("CALENDS"))).config.subjects).toEqual(["other.>"]);
    await broker.manage((manager) => manager.streams.update("CALENDS", { subjects: ["calends.>"] }));
    await expectMirrored(log, broker);
  }
  await using other = startRelay(log, broker, { registry: { database: log.database, base: "https://other.example", clock } });
  await vi.waitFor(() => expect(other.said.join("\n")).toContain(`has the log of ${BASE}`), WITHIN);
  await expectMirrored(log, broker);
});

test("that is deleted is made anew and filled from the beginning, also while nothing is written", async () => {
  await using log = await openLog();
  await using broker = await startBroker();
  await using _relay = startRelay(log, broker);
  await log.write(150);
  await expectMirrored(log, broker);
  await broker.manage((manager) => manager.streams.delete("CALENDS"));
  await vi.waitFor(() => broker.manage((manager) => manager.streams.info("CALENDS")), WITHIN);
  await expectMirrored(log, broker);
  await log.write(100);
  await vi.waitFor(async () => expect((await broker.extent()).messages).toBeGreaterThan(160), WITHIN);
  await broker.manage((manager) => manager.streams.delete("CALENDS"));
  await log.write(20);
  await expectMirrored(log, broker);
});

test("that its operator deletes to make it anew with other settings is the operator's", async () => {
  await using log = await openLog();
  await using broker = await startBroker();
  await using _relay = startRelay(log, broker);
  await log.write(30);
  await expectMirrored(log, broker);
  await broker.manage((manager) => manager.streams.delete("CALENDS"));
  await broker.makeStream({ description: "for the city's screens" });
  await expectMirrored(log, broker);
  expect((await broker.manage((manager) => manager.streams.info("CALENDS"))).config.description).toBe("for the city's screens");
});

test("that its own limits have emptied goes on where it was", async () => {
  await using log = await openLog();
  await using broker = await startBroker();
  {
    await using _relay = startRelay(log, broker);
    await log.write(100);
    await expectMirrored(log, broker);
    await vi.waitFor(async () => expect((await noted(log))?.lag).toBe(0), WITHIN);
  }
  await broker.manage((manager) => manager.streams.purge("CALENDS"));
  await log.write(30);
  await using _relay = startRelay(log, broker);
  await vi.waitFor(async () => expect(await broker.told()).toHaveLength(30), WITHIN);
  expect((await broker.told()).map(({ position }) => position)).toEqual(Array.from({ length: 30 }, (_, n) => 101 + n));
});
