/** Makes the search index of a loaded corpus with the registry's own function, by two sessions, its GIN indexes made afterwards. */
import pg from "pg";
import { query } from "../database.ts";
import { withoutIndexes } from "./indexes.ts";

/** Events of one call, and of one transaction. */
const CHUNK = 2_000;
const SESSIONS = 2;
/** What index_events writes. */
const TABLES = ["event_search", "search_words", "embedding_queue"];

/** Indexes every event anew; what an earlier run left is taken away first. */
export async function loadIndex(url: string): Promise<void> {
  await query(url, `truncate ${TABLES.join(", ")}`);
  const ids = (await query<{ id: string }>(url, "select id from events order by id")).map((row) => row.id);
  await withoutIndexes(url, TABLES, async () => {
    let next = 0;
    const session = async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        await client.query("set synchronous_commit = off");
        while (next < ids.length) {
          const chunk = ids.slice(next, (next += CHUNK));
          await client.query("select index_events($1::uuid[])", [chunk]);
        }
      } finally {
        await client.end();
      }
    };
    await Promise.all(Array.from({ length: SESSIONS }, session));
  });
  await query(url, "select count_words()");
}
