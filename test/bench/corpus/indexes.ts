/** Bulk loading: secondary indexes are dropped before it and made again after it, as any big restore does. */
import pg from "pg";
import { query } from "../database.ts";

/** Runs `work` while these tables have only the indexes of their constraints. */
export async function withoutIndexes(url: string, tables: readonly string[], work: () => Promise<void>): Promise<void> {
  const dropped = await query<{ name: string; definition: string }>(
    url,
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
    from pg_index i join pg_class c on c.oid = i.indrelid
    where c.relname = any ($1) and c.relnamespace = 'public'::regnamespace and not i.indisunique
      and not exists (select from pg_constraint x where x.conindid = i.indexrelid)`,
    [tables],
  );
  for (const { name } of dropped) await query(url, `drop index ${name}`);
  await work();
  await makeIndexes(
    url,
    dropped.map(({ definition }) => definition),
  );
}

/** Makes indexes with the memory and the workers of a maintenance window. */
export async function makeIndexes(url: string, definitions: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("set maintenance_work_mem = '2GB'; set max_parallel_maintenance_workers = 2; set synchronous_commit = off");
    for (const definition of definitions) await client.query(definition);
  } finally {
    await client.end();
  }
}
