/** What a peer must not change: a checksum, table by table, of all that is ours or belongs to origins whom it does not speak for. */
import { sql, type RawBuilder } from "kysely";
import type { Database } from "../../src/db/database.ts";
import { kyselyOf } from "../../src/db/handle.ts";

const KINDS = ["events", "places", "organizations", "persons"];
const OF_EVENTS = [
  "event_times",
  "event_occurrences",
  "event_series",
  "occurrence_overrides",
  "event_performers",
  "event_sources",
  "field_provenance",
  "field_conflicts",
  "event_search",
];

/** table -> "rows hash". `origins` are the nodes that are guarded; what has no origin is ours. */
export async function guardedChecksum(database: Database, origins: readonly string[]): Promise<Record<string, string>> {
  const guardedNode = sql`any (${[...origins]}::uuid[])`;
  const ofEntity = (column: string) => sql`${sql.ref(column)} in (select id from guarded)`;
  const of = (table: string, where: RawBuilder<unknown>) =>
    [table, sql`select t::text as line from ${sql.table(table)} t where ${where}`] as const;
  const parts = [
    ...KINDS.map((table) => of(table, sql`origin_node_id is null or origin_node_id = ${guardedNode}`)),
    ...OF_EVENTS.map((table) => of(table, ofEntity("event_id"))),
    of("change_outbox", ofEntity("entity_id")),
    of("event_changes", ofEntity("entity_id")),
    of("federation_statements", sql`origin_node_id = ${guardedNode}`),
    of("federation_nodes", sql`id = ${guardedNode}`),
    of("sources", sql`type <> 'federation' or id in (select source_id from federation_nodes where id = ${guardedNode})`),
    of("entity_merges", sql`true`),
    of("not_duplicates", sql`true`),
    of("review_items", sql`${ofEntity("entity_id")} and (other_id is null or ${ofEntity("other_id")})`),
    of("audit_log", ofEntity("entity_id")),
  ];
  const guarded = KINDS.map(
    (table) => sql`select id from ${sql.table(table)} where origin_node_id is null or origin_node_id = ${guardedNode}`,
  );
  const sums = parts.map(
    ([table, part]) =>
      sql`select ${table} as name, count(*) || ' ' || md5(coalesce(string_agg(line, e'\n' order by line), '')) as sum from (${part}) x`,
  );
  return database.read(async (on) => {
    const { rows } = await sql<{ name: string; sum: string }>`
      with guarded as materialized (${sql.join(guarded, sql` union all `)}) ${sql.join(sums, sql` union all `)}`.execute(kyselyOf(on));
    return Object.fromEntries(rows.map(({ name, sum }) => [name, sum]));
  });
}

/** Events that lean on an entity of another origin than their own, or on one of ours where they are not ours: there must be none. */
export function crossedLinks(database: Database): Promise<string[]> {
  const crossed = (table: string, column: string, of = "events", id = "id") => sql`
    select ${column} || ' ' || e.id as link from events e join ${sql.table(of)} l on l.${sql.ref(id)} = e.id
    join ${sql.table(table)} x on x.id = l.${sql.ref(column)} where x.origin_node_id is distinct from e.origin_node_id`;
  return database.read(async (on) => {
    const { rows } = await sql<{ link: string }>`
      ${crossed("places", "primary_venue_id")}
      union all ${crossed("organizations", "organizer_id")}
      union all ${crossed("persons", "organizer_person_id")}
      union all ${crossed("events", "continues_id")}
      union all ${crossed("events", "merged_into_id")}
      union all ${crossed("places", "venue_id", "event_occurrences", "event_id")}
      union all ${crossed("organizations", "organization_id", "event_performers", "event_id")}
      union all ${crossed("persons", "person_id", "event_performers", "event_id")}
      union all select 'merged ' || a.id from places a join places b on b.id = a.merged_into_id
        where a.origin_node_id is distinct from b.origin_node_id`.execute(kyselyOf(on));
    return rows.map(({ link }) => link);
  });
}
