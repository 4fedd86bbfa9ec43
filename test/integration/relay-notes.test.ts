/** What keeps the relay from telling is kept for doctor and /metrics, also where the database was away when it began. */
import { expect, test } from "vitest";
import type { Database } from "../../src/db/database.ts";
import { listStreamRelays } from "../../src/db/stream-relays.ts";
import { createFeedSignal } from "../../src/feed/signal.ts";
import { runRelay } from "../../src/federation/nats/relay.ts";
import { openTestDatabase } from "../support/db.ts";
import { BASE } from "../support/registry.ts";

test("the same trouble is told once, but kept as soon as the database answers again, with its beginning", async () => {
  await using opened = await openTestDatabase();
  const { database } = opened;
  let away = 2;
  const flaky: Database = {
    ...database,
    read: (work) => (away-- > 0 ? Promise.reject(new Error("the database is away")) : database.read(work)),
  };
  const [began, said] = [Date.parse("2026-05-01T12:00:00Z"), [] as string[]];
  let now = began;
  const tries = Promise.withResolvers<void>();
  let tried = 0;
  const say = (_facts: object, message: string) => void said.push(message);
  const signal = createFeedSignal({ database, log: { info: () => undefined, warn: () => undefined } });
  const relay = runRelay({
    registry: { database: flaky, base: BASE, clock: () => new Date(now) },
    to: { url: "nats://broker.example", stream: "CALENDS", prefix: "calends" },
    signal,
    log: { info: say, warn: say, error: say },
    random: () => 0,
    wait: async (_milliseconds, stopping) => {
      now += 60_000;
      tried += 1;
      if (tried === 5) tries.resolve();
      if (tried >= 5) await new Promise((_done, failed) => stopping.addEventListener("abort", failed, { once: true }));
    },
    open: () => Promise.reject(new Error("nobody answers")),
  });
  await tries.promise;
  const [kept] = await database.read((on) => listStreamRelays(on));
  await relay[Symbol.asyncDispose]();
  await signal[Symbol.asyncDispose]();
  expect(kept).toMatchObject({
    stream: "CALENDS",
    blockedBy: "the broker cannot be reached: nobody answers",
    blockedSince: new Date(began),
  });
  expect(said).toEqual([
    "relay: nothing can be told to the stream now; trying again, nothing is lost",
    "relay: its state could not be kept",
  ]);
});
