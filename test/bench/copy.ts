/** The rows of an imported database as files for psql's \copy, in transactions of the size that the import's have. */
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { query, runTool } from "./database.ts";

/** Events of one transaction, as in registry/apply-run.ts. */
const CHUNK = 500;

/** In the order of their foreign keys. `whole`: the few rows that come before every chunk; `by`: an event's chunk, for each row. */
const TABLES: readonly { table: string; whole?: true; by?: string }[] = [
  { table: "sources", whole: true },
  { table: "ingest_runs", whole: true },
  { table: "ingest_items", by: "select t.*, c.chunk from ingest_items t join chunks c using (event_id)" },
  {
    table: "places",
    by: "select t.*, x.chunk from places t join (select e.primary_venue_id as id, min(c.chunk) as chunk from chunks c join events e on e.id = c.event_id group by 1) x on x.id = t.id",
  },
  {
    table: "organizations",
    by: `select t.*, x.chunk from organizations t join (select o.id, min(c.chunk) as chunk from (
      select organizer_id as id, id as event_id from events union all select organization_id, event_id from event_performers) o join chunks c using (event_id) group by 1) x on x.id = t.id`,
  },
  {
    table: "persons",
    by: `select t.*, x.chunk from persons t join (select o.id, min(c.chunk) as chunk from (
      select organizer_person_id as id, id as event_id from events union all select person_id, event_id from event_performers) o join chunks c using (event_id) group by 1) x on x.id = t.id`,
  },
  { table: "events", by: "select t.*, c.chunk from events t join chunks c on c.event_id = t.id" },
  { table: "event_occurrences", by: "select t.*, c.chunk from event_occurrences t join chunks c using (event_id)" },
  { table: "event_performers", by: "select t.*, c.chunk from event_performers t join chunks c using (event_id)" },
  { table: "event_sources", by: "select t.*, c.chunk from event_sources t join chunks c using (event_id)" },
  { table: "field_provenance", by: "select t.*, c.chunk from field_provenance t join chunks c using (event_id)" },
  { table: "audit_log", by: "select t.*, c.chunk from audit_log t join chunks c on c.event_id = t.entity_id" },
];

const CHUNKS = `chunks as (select id as event_id, (row_number() over (order by id) - 1) / ${CHUNK} as chunk from events)`;

/** Writes one file a table and chunk; returns the psql script that copies them all in. */
export async function dumpForCopy(url: string, folder: string): Promise<string> {
  await mkdir(folder);
  const [counted] = await query<{ chunks: number }>(url, `select ceil(count(*) / ${CHUNK}.0)::int as chunks from events`);
  const columns = new Map(
    (
      await query<{ table_name: string; columns: string }>(
        url,
        `select table_name::text, string_agg(quote_ident(column_name), ', ' order by ordinal_position) as columns
    from information_schema.columns where table_schema = 'public' and is_generated = 'NEVER' group by 1`,
      )
    ).map((row) => [row.table_name, row.columns]),
  );
  const out: string[] = [];
  const transactions: string[][] = Array.from({ length: counted!.chunks + 1 }, () => []);
  for (const { table, whole, by } of TABLES) {
    const list = columns.get(table)!;
    const take = (name: string, rows: string, chunk: number) => {
      const file = join(folder, name);
      out.push(`\\copy (${rows.replace(/\s+/g, " ")}) to '${file}'`);
      transactions[chunk]!.push(`\\copy ${table} (${list}) from '${file}'`);
    };
    if (whole) take(table, `select ${list} from ${table}`, 0);
    else
      for (let n = 0; n < counted!.chunks; n++)
        take(`${table}.${n}`, `with ${CHUNKS} select ${list} from (${by}) rows where chunk = ${n}`, n + 1);
  }
  await runTool("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", url], `${out.join("\n")}\n`);
  // What is empty (no performers in a chunk) is no round trip of ours.
  const script: string[] = [];
  for (const copies of transactions) {
    const filled: string[] = [];
    for (const copy of copies) if ((await stat(copy.slice(copy.indexOf("'") + 1, -1))).size > 0) filled.push(copy);
    script.push("begin;", ...filled, "commit;");
  }
  const file = join(folder, "copy.sql");
  await writeFile(file, `${script.join("\n")}\n`);
  return file;
}

/** Copies everything in; returns the seconds that took. */
export async function copyIn(url: string, script: string): Promise<number> {
  const started = process.hrtime.bigint();
  await runTool("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", script, url]);
  return Number(process.hrtime.bigint() - started) / 1e9;
}
