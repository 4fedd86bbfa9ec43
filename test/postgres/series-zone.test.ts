/** The same rule gives the same instants whatever zone the database is set to. */
import { expect, test } from "vitest";
import { readState } from "../../src/db/entities.ts";
import { openServer } from "../../src/db/server.ts";
import { readOccurrences } from "../../src/db/occurrences.ts";
import type { EventState } from "../../src/domain/state.ts";
import { expandDue } from "../../src/registry/expand-series.ts";
import { kyselyOf } from "../../src/db/handle.ts";
import { sql } from "kysely";
import { openTestRegistry, concert } from "../support/registry.ts";

const SERIES = concert({
  identifier: "fridays",
  eventSchedule: {
    "@type": "Schedule",
    repeatFrequency: "P1W",
    byDay: "Friday",
    startTime: "21:00",
    duration: "PT2H30M",
    scheduleTimezone: "America/Toronto",
  },
});

async function startsUnder(zone: string): Promise<{ zone: string; starts: string[]; shown: string }> {
  await using open = await openTestRegistry();
  const name = await open.registry.database.read(
    async (on) => (await sql<{ name: string }>`select current_database() as name`.execute(kyselyOf(on))).rows[0]!.name,
  );
  await open.registry.database.transact((tx) =>
    sql`alter database ${sql.ref(name)} set timezone to ${sql.lit(zone)}`.execute(kyselyOf(tx)),
  );
  const url = Object.assign(new URL(process.env["DATABASE_URL"]!), { pathname: `/${name}` }).href;
  await using database = openServer({ url, connections: 1 });
  const registry = { ...open.registry, database };
  const city = await open.source("City calendar");
  const { eventId } = await open.submit(city, SERIES);
  await expandDue(registry);
  const rows = (await database.read((on) => readOccurrences(on, [eventId]))).get(eventId)!;
  const [set] = await database.read(
    async (on) => (await sql<{ zone: string }>`select current_setting('timezone') as zone`.execute(kyselyOf(on))).rows,
  );
  const state = (await database.read((on) => readState(on, "event", eventId))) as EventState;
  return {
    zone: set!.zone,
    starts: [...rows.values()].map((row) => new Date(row.startAt).toISOString()).toSorted(),
    shown: JSON.stringify([state.series, state.startDate]),
  };
}

test("a series is at the same instants in databases of three zones", async () => {
  const [utc, apia, tehran] = [await startsUnder("UTC"), await startsUnder("Pacific/Apia"), await startsUnder("Asia/Tehran")];
  expect([apia.zone, tehran.zone]).toEqual(["Pacific/Apia", "Asia/Tehran"]);
  expect(utc.starts.length).toBeGreaterThan(70);
  expect(apia.starts).toEqual(utc.starts);
  expect(tehran.starts).toEqual(utc.starts);
  expect([apia.shown, tehran.shown]).toEqual([utc.shown, utc.shown]);
});
