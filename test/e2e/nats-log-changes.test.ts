/** What was told is not what the log shows any more: a backup was restored, or texts were taken down. The stream follows. */
import { sql } from "kysely";
import { describe, expect, test, vi } from "vitest";
import { redactEntity } from "../../src/feed/redact.ts";
import { startBroker, type Broker, type Told } from "../support/broker.ts";
import { concert } from "../support/registry.ts";
import { change, expectMirrored, openEventLog, openLog, startRelay, WITHIN, type Log } from "../support/relay-log.ts";

describe("when the log itself goes back", () => {
  const restore = async ({ database }: Log, position: number, epoch: string) => {
    await change(database, sql`delete from event_changes where sequence_number > ${position}`);
    await change(
      database,
      sql`update feed_head set position = ${position}::bigint, epoch = ${epoch}, hash = (select hash from event_changes where sequence_number = ${position})`,
    );
  };
  /** What a reader holds after all of it: a message of a position takes the place of all from there on. */
  const held = (told: readonly Told[]): Told[] => {
    const all: Told[] = [];
    for (const message of told) {
      while ((all.at(-1)?.position ?? 0) >= message.position) all.pop();
      all.push(message);
    }
    return all;
  };
  const expectHeld = (log: Log, broker: Broker) =>
    vi.waitFor(async () => expect(held(await broker.told()).map(({ body }) => body)).toEqual(await log.items()), WITHIN);

  test("a new epoch that lost nothing goes on under new ids", async () => {
    await using log = await openLog();
    await using broker = await startBroker();
    await using _relay = startRelay(log, broker);
    await log.write(50);
    await expectMirrored(log, broker);
    await restore(log, 50, "01EPOCHTWO");
    await log.write(50);
    const told = await expectMirrored(log, broker);
    expect([told[49]!.id.endsWith(":50"), told[50]!.id]).toEqual([true, "01EPOCHTWO:51"]);
  });

  test("restored backups: readers who let a message replace all from its position on hold the log", async () => {
    await using log = await openLog();
    await using broker = await startBroker();
    await using _relay = startRelay(log, broker);
    await log.write(100);
    await expectMirrored(log, broker);
    await restore(log, 60, "01EPOCHTWO");
    await log.write(70);
    await expectHeld(log, broker);
    // Once more, to before what the second epoch began with.
    await restore(log, 30, "01EPOCHTHREE");
    await log.write(5);
    await expectHeld(log, broker);
    const told = await broker.told();
    expect(told).toHaveLength(100 + 70 + 5);
    expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
  });
});

describe("a takedown", () => {
  const tells = async (broker: Broker, words: string) => (await broker.told()).filter(({ body }) => body.includes(words)).length;
  const OTHER = { name: "Another evening", startDate: "2026-06-08T21:00:00-04:00", endDate: undefined, description: "Other words." };
  const THIRD = { name: "Third evening", startDate: "2026-07-08T21:00:00-04:00", endDate: undefined, description: "Somebody's own." };

  test("reaches messages that were told long ago, and the last one, before anything else is told", async () => {
    await using log = await openEventLog();
    await using broker = await startBroker();
    const takeDown = (eventId: string) => log.database.transact((tx) => redactEntity(tx, "event", eventId));
    const eventId = await log.say(concert({ description: "Words of somebody who wants them back." }));
    await log.say(concert(OTHER));
    await using relay = startRelay(log, broker);
    const both = async () => [await tells(broker, "somebody who wants"), await tells(broker, "Other words")];
    await vi.waitFor(async () => expect(await both()).toEqual([1, 1]), WITHIN);

    await takeDown(eventId);
    await vi.waitFor(async () => expect(await both()).toEqual([0, 1]), WITHIN);
    // It says so only when all are erased, and the broker shows each before.
    await vi.waitFor(() => expect(relay.said.some((line) => line.includes("takedown"))).toBe(true), WITHIN);

    // The newest message itself: what the log shows now is told in its place.
    const third = await log.say(concert(THIRD));
    await vi.waitFor(async () => expect(await tells(broker, "Somebody's own")).toBe(1), WITHIN);
    await takeDown(third);
    await vi.waitFor(async () => {
      const told = await broker.told();
      expect(told.filter(({ body }) => body.includes("Somebody's own"))).toEqual([]);
      expect(told.at(-1)).toMatchObject({ id: expect.stringMatching(/:redacted$/), body: expect.stringContaining("Third evening") });
    }, WITHIN);
  });

  test("reaches the stream although no relay ran when it happened", async () => {
    await using log = await openEventLog();
    await using broker = await startBroker();
    const eventId = await log.say(concert());
    const texts = () => tells(broker, "improvised");
    {
      await using _relay = startRelay(log, broker);
      await vi.waitFor(async () => expect(await texts()).toBe(1), WITHIN);
    }
    await log.database.transact((tx) => redactEntity(tx, "event", eventId));
    await using _relay = startRelay(log, broker);
    await vi.waitFor(async () => expect(await texts()).toBe(0), WITHIN);
  });
});
