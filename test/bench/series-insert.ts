/** Expanded occurrences going into the table: by the registry, against psql's \copy of the very same rows into the same table. */
import { join } from "node:path";
import { expandSeries } from "../../src/registry/expand-series.ts";
import { openServer } from "../../src/db/server.ts";
import { createMint } from "../../src/domain/iri.ts";
import type { Registry } from "../../src/registry/context.ts";
import type { Bench } from "./context.ts";
import { query, runTool } from "./database.ts";
import { interleave, type Ratio } from "./rounds.ts";

const SERIES = 100;
const DAY = 24 * 60 * 60 * 1000;

/** Series of a year and a half, most of them weekly, some daily: how many occurrences a second stand in the table. */
export async function insertingOccurrences({ server, folder, rounds }: Bench): Promise<Ratio[]> {
  const url = await server.fresh();
  await query(url, MADE, [SERIES]);
  await using database = openServer({ url, connections: 2 });
  const now = new Date("2026-06-01T00:00:00Z");
  const registry: Registry = {
    database,
    clock: () => now,
    mint: createMint(),
    base: "https://bench.example",
    horizonDays: 550,
    tzdata: "bench",
    enqueue: () => Promise.resolve(),
  };
  const ids = (await query<{ id: string }>(url, "select id from events order by id")).map((row) => row.id);
  const empty = async () => {
    await query(url, "truncate event_occurrences");
    await query(url, "update event_series set expanded_from = null, expanded_until = null");
  };
  const expanded = async () => {
    await empty();
    const started = process.hrtime.bigint();
    await database.transact((tx) => expandSeries(registry, tx, ids, { until: now.getTime() + 550 * DAY }));
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    const [counted] = await query<{ rows: number }>(url, "select count(*)::int as rows from event_occurrences");
    return counted!.rows / seconds;
  };
  await expanded();
  const [counted] = await query<{ rows: number }>(url, "select count(*)::int as rows from event_occurrences");
  const [columns] = await query<{ list: string }>(
    url,
    `select string_agg(quote_ident(column_name), ', ' order by ordinal_position) as list from information_schema.columns
     where table_name = 'event_occurrences' and is_generated = 'NEVER'`,
  );
  const file = join(folder, "occurrences");
  const psql = (script: string) => runTool("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", url], script);
  await psql(`\\copy (select ${columns!.list} from event_occurrences) to '${file}'\n`);
  const copied = async () => {
    await empty();
    const started = process.hrtime.bigint();
    await psql(`begin;\n\\copy event_occurrences (${columns!.list}) from '${file}'\ncommit;\n`);
    return counted!.rows / (Number(process.hrtime.bigint() - started) / 1e9);
  };
  return [
    {
      name: "occurrences",
      what: `occurrences/s of ${SERIES} series expanded, written and found by search ÷ rows/s of \\copy of the same rows alone`,
      unit: "rows/s",
      target: 0.4,
      rounds: await interleave(rounds, expanded, copied),
      note: `${counted!.rows} occurrences`,
    },
  ];
}

/** Made by SQL: what is measured begins where the series stand. */
const MADE = `
  with venue as (
    insert into places (id, name, match_key) values (gen_random_uuid(), 'Hall', 'hall') returning id
  ), made as (
    insert into events (id, name, lifecycle_state, primary_venue_id, license_status, dedup_key, content_hash)
    select gen_random_uuid(), 'Series ' || n, 'published', venue.id, 'cc0', 'x', 'x' from venue, generate_series(1, $1::int) n returning id
  )
  insert into event_series (event_id, position, timezone, dtstart, duration, rrule, first_start_at, first_end_at)
  select id, 0, 'America/Toronto', '2026-06-05T19:00:00', 'PT2H',
    case when row_number() over () % 5 = 0 then 'FREQ=DAILY' else 'FREQ=WEEKLY;BYDAY=MO,FR' end, '2026-06-05 23:00Z', '2026-06-06 01:00Z'
  from made`;
