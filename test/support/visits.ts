/** Sources that a test says were visited: rows of harvest_visits as a harvest would leave them. */
import { NOTHING_FOUND, type VisitOutcome } from "../../src/db/harvest-visits.ts";
import { ensureSource } from "../../src/registry/sources.ts";
import type { Registry } from "../../src/registry/context.ts";

export interface Visit {
  /** When it ended; it began a minute before. With the outcome null it is under way. */
  at: Date;
  outcome?: VisitOutcome | null;
  /** The answer was "as before", so that nothing was read. */
  asBefore?: boolean;
  found?: number;
  created?: number;
  updated?: number;
  unchanged?: number;
  rejected?: number;
  missing?: number;
  httpStatus?: number;
  trouble?: string;
}

/** A source that the node visits; resolves with its id. */
export async function visitedSource(registry: Registry, name: string): Promise<string> {
  const { database } = registry;
  const { id } = await database.transact((tx) => ensureSource(registry, tx, { name, type: "scraper" }));
  await database.jobs.executeSql(
    `insert into source_harvests (source_id, format, url, next_visit_at) values ($1, 'ics', 'https://source.example/calendar.ics', $2)`,
    [id, registry.clock()],
  );
  return id;
}

/** Writes down visits of a source. Without an outcome they were taken; of a suspicious one the body was read unless it is `asBefore`. */
export async function visit({ database, mint }: Registry, sourceId: string, visits: readonly Visit[]): Promise<void> {
  const rows = visits.map(({ at, outcome = "taken", asBefore = false, httpStatus, ...counts }) => {
    const startedAt = new Date(at.getTime() - 60_000);
    const [id, runId] = [mint(startedAt.getTime()), mint(startedAt.getTime())];
    const read = outcome === "taken" || (outcome === "suspicious" && !asBefore);
    const times = { started_at: startedAt, finished_at: outcome && at, http_status: httpStatus };
    return { id, source_id: sourceId, outcome, ...times, ...NOTHING_FOUND, ...counts, run_id: read ? runId : null };
  });
  await database.jobs.executeSql(
    `with visits as (select * from json_populate_recordset(null::harvest_visits, $1::json)),
     runs as (
       insert into ingest_runs (id, kind, source_id, input_hash, actor, state, observed_at)
       select run_id, 'harvest', source_id, '', 'test', 'done', started_at from visits where run_id is not null)
     insert into harvest_visits (id, source_id, started_at, finished_at, outcome, http_status, trouble, run_id, ${COUNTS})
     select id, source_id, started_at, finished_at, outcome, http_status, trouble, run_id, ${COUNTS} from visits`,
    [JSON.stringify(rows)],
  );
}

const COUNTS = Object.keys(NOTHING_FOUND).join(", ");
