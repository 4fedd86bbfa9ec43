/** The database as pg-boss wants it: in the pool, in PGlite, or inside a caller's transaction. */
import { fromKysely, fromPglite, type Db } from "pg-boss";
import type pg from "pg";
import type { Database } from "./database.ts";
import { kyselyOf, type Tx } from "./handle.ts";

export { fromPglite };

/** pg-boss on a pool that somebody else opens and closes. */
export function fromPg(pool: pg.Pool): Db {
  return {
    async executeSql(text, values) {
      const result = (await pool.query(text, values as unknown[])) as pg.QueryResult | pg.QueryResult[];
      return { rows: Array.isArray(result) ? result.flatMap((one) => one.rows) : result.rows };
    },
  };
}

/** Jobs of these queues that somebody has begun, and not ended. */
export async function jobsUnderWay({ jobs }: Pick<Database, "jobs">, queues: readonly string[]): Promise<{ queue: string; id: string }[]> {
  const query = "select name as queue, id from pgboss.job where state = 'active' and name = any($1::text[])";
  return (await jobs.executeSql(query, [queues])).rows;
}

/** pg-boss inside this transaction: a job that is sent through it exists if and only if the transaction commits. */
export function jobsWithin(tx: Tx): Db {
  return fromKysely(kyselyOf(tx) as never);
}
