/**
 * How PostgreSQL goes about lists by local time, on made events of which some recur daily or weekly for a year. A plan that
 * reads all occurrences or events row by row is a fault; and what a page touches must not grow with the table: the same lists are
 * asked of a database of four times the size, and may read hardly more.
 */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { listEvents, type EventFilters, type EventPageRequest } from "../../src/db/lists.ts";
import { openServer } from "../../src/db/server.ts";
import { SESSION } from "../../src/db/session.ts";
import { isPublic, LIFECYCLE_STATES } from "../../src/domain/lifecycle.ts";
import { loadBase } from "../bench/corpus/load-base.ts";
import { query } from "../bench/database.ts";
import { openTestDatabase, type TestDatabase } from "../support/db.ts";

const SIZES = { small: 6_000, large: 24_000 } as const;
const NOW = Date.parse("2026-05-22T12:00:00Z");
const LARGE = /Seq Scan on (events|event_occurrences|event_series|places|organizations|persons)\b/;

type Asked = Partial<EventFilters> & Partial<Pick<EventPageRequest, "per" | "descending">>;
const LISTS: Record<string, Asked> = {
  "what comes next": { starts: { from: NOW } },
  "what comes next, one row an occurrence": { starts: { from: NOW }, per: "occurrence" },
  "Friday evenings": { starts: { from: NOW }, days: [5], hours: { from: 17 * 60, until: 23 * 60 } },
  "Friday evenings, one row an occurrence": {
    starts: { from: NOW },
    days: [5],
    hours: { from: 17 * 60, until: 23 * 60 },
    per: "occurrence",
  },
  "Tuesdays before noon": { starts: { from: NOW }, days: [2], hours: { from: 10 * 60, until: 11 * 60 + 59 } },
  weekends: { starts: { from: NOW }, days: [6, 7] },
  "the days of a week": { startDate: "2026-05-22", endDate: "2026-05-28" },
  "Friday evenings in a city": { starts: { from: NOW }, days: [5], hours: { from: 17 * 60, until: 23 * 60 }, city: "Toronto" },
  "latest first": { starts: { until: NOW }, descending: true },
  "what is on now": { on: NOW },
};

const made = new Map<keyof typeof SIZES, TestDatabase>();
beforeAll(async () => {
  for (const [name, events] of Object.entries(SIZES) as [keyof typeof SIZES, number][]) {
    const test = await openTestDatabase();
    made.set(name, test);
    await loadBase(test.url!, { events, seed: 7 });
    await addSeries(test.url!, events / 50);
    await query(test.url!, "vacuum analyze");
  }
}, 300_000);
afterAll(async () => {
  for (const test of made.values()) await test[Symbol.asyncDispose]();
});

/** So many events happen daily or weekly for a year to come. */
async function addSeries(url: string, count: number): Promise<void> {
  await query(
    url,
    `insert into event_occurrences (id, event_id, sequence_number, recurrence_id, start_at, end_at, timezone)
     select gen_random_uuid(), e.event_id, null, to_char(at, 'YYYYMMDD"T"HH24MISS'), at, at + interval '2 hours', 'America/Toronto'
     from (select event_id, row_number() over (order by event_id) as n from event_occurrences where sequence_number = 0 order by event_id limit ${count}) e,
       generate_series(timestamptz '2026-05-01 14:00Z' + e.n * interval '7 minutes', timestamptz '2027-05-01Z', case when e.n % 2 = 0 then interval '1 day' else interval '7 days' end) at`,
  );
}

describe.skipIf(inject("database").kind !== "server")("the plan of a list by local time (needs a server)", () => {
  test.each(Object.keys(LISTS))("%s: by indexes, and no more rows for a larger table", async (name) => {
    const small = await planOf("small", LISTS[name]!);
    const large = await planOf("large", LISTS[name]!);
    expect(large.scans.filter((line) => LARGE.test(line))).toEqual([]);
    expect(large.rows).toBeLessThan(2 * small.rows + 500);
  });

  test("what is on grows with what is on, and with nothing else", async () => {
    const { rows, found } = await planOf("large", LISTS["what is on now"]!);
    expect(rows).toBeLessThan(20 * found + 500);
  });

  test("without its index the list is found out (the control)", async () => {
    const url = made.get("large")!.url!;
    await query(url, "drop index event_occurrences_hours; drop index event_occurrences_start");
    const { rows } = await planOf("large", LISTS["Tuesdays before noon"]!);
    expect(rows).toBeGreaterThan(5_000);
  });
});

/** Of the statement that finds a page: its scans, how many rows all of them read (and threw away), and how many the page has. */
async function planOf(
  size: keyof typeof SIZES,
  { per = "event", descending = false, ...filters }: Asked,
): Promise<{ scans: string[]; rows: number; found: number }> {
  const { url } = made.get(size)!;
  await using database = openServer({ url: url!, connections: 1 });
  const asked = vi.spyOn(pg.Client.prototype, "query");
  const page = await database.read((on) =>
    listEvents(on, { states: LIFECYCLE_STATES.filter(isPublic), ...filters }, { sort: "start", descending, limit: 20, per }),
  );
  const statements = asked.mock.calls.map((call) => statementOf(call as unknown[])).filter(({ text }) => text.includes("with page as"));
  asked.mockRestore();
  expect(statements).toHaveLength(1);
  const { text, values } = statements[0]!;
  // The states are rendered by a function; what finds the page is the common table before it.
  const finding = /with page as materialized \((.*)\)\s*select page\.id/s.exec(text)![1]!;
  const used = Math.max(0, ...[...finding.matchAll(/\$(\d+)/g)].map(([, n]) => Number(n)));
  const lines = (
    await query<{ "QUERY PLAN": string }>(sessionUrl(url!), `explain (analyze, costs off, timing off) ${finding}`, values.slice(0, used))
  ).map((row) => row["QUERY PLAN"]);
  return { scans: lines.filter((line) => / Scan /.test(line)), rows: rowsRead(lines), found: page.rows.length };
}

function rowsRead(lines: readonly string[]): number {
  let sum = 0;
  for (const [at, line] of lines.entries()) {
    const [, rows, loops] = /Scan .*\(actual rows=([\d.]+) loops=(\d+)\)/.exec(line) ?? [];
    if (rows === undefined || line.includes("Bitmap Index")) continue;
    const removed = lines
      .slice(at + 1, at + 5)
      .find((next, n, all) => /Rows Removed by (Filter|Index Recheck)/.test(next) && !all.slice(0, n).some((one) => one.includes("->")));
    sum += (Number(rows) + Number(/: (\d+)/.exec(removed ?? "")?.[1] ?? 0)) * Number(loops);
  }
  return Math.round(sum);
}

function statementOf([first, second]: unknown[]): { text: string; values: unknown[] } {
  if (typeof first === "string") return { text: first, values: Array.isArray(second) ? second : [] };
  const { text, values } = first as { text: string; values?: unknown[] };
  return { text, values: values ?? (Array.isArray(second) ? second : []) };
}

/** With the settings that the node gives each session. */
function sessionUrl(url: string): string {
  const with_ = new URL(url);
  with_.searchParams.set("options", [...SESSION, "max_parallel_workers_per_gather=0"].map((setting) => `-c ${setting}`).join(" "));
  return with_.href;
}
