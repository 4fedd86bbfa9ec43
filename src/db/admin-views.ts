/** What the admin pages and lists show beside the rows themselves: names, contradictions, sources at a glance. */
import { sql } from "kysely";
import type { EntityKind, LicenseStatus, SourceType } from "../domain/vocabulary.ts";
import { kyselyOf, type Reader } from "./handle.ts";

export interface NamedEntity {
  kind: EntityKind;
  id: string;
  name: string;
  /** Of events: the first start, as RFC 3339 or a plain date. */
  start: string | null;
}

/** By id; unknown ids are absent. */
export async function namesOf(on: Reader, ids: readonly string[]): Promise<Map<string, NamedEntity>> {
  if (ids.length === 0) return new Map();
  const wanted = sql`any (${[...new Set(ids)]}::uuid[])`;
  const { rows } = await sql<NamedEntity>`
    select 'event' as kind, e.id, e.name, time_point(o.start_at, o.timezone, o.start_is_date) as start
    from events e left join lateral (select t.* from event_times t where t.event_id = e.id offset 0) o on true where e.id = ${wanted}
    union all select 'place', id, name, null from places where id = ${wanted}
    union all select 'organization', id, name, null from organizations where id = ${wanted}
    union all select 'person', id, name, null from persons where id = ${wanted}`.execute(kyselyOf(on));
  return new Map(rows.map((row) => [row.id, row]));
}

/**
 * Events of which sources say different things (view field_conflicts), in the order of their ids: looks at the `window`
 * events after `after` and no further, so that a page costs the same where contradictions are rare. `last` is the last
 * event looked at; undefined at the end.
 */
export async function conflictedEvents(
  on: Reader,
  { after, window, limit }: { after?: string | undefined; window: number; limit: number },
): Promise<{ conflicts: { eventId: string; fields: string[] }[]; last?: string | undefined }> {
  const { rows } = await sql<{ id: string }>`
    select id from events where ${after ?? null}::uuid is null or id > ${after ?? null}::uuid order by id limit ${window}`.execute(
    kyselyOf(on),
  );
  const ids = rows.map((row) => row.id);
  if (ids.length === 0) return { conflicts: [] };
  const { rows: conflicts } = await sql<{ eventId: string; fields: string[] }>`
    select event_id as "eventId", jsonb_agg(field order by field) as fields from field_conflicts
    where event_id = any (${ids}::uuid[]) group by event_id order by event_id limit ${limit + 1}`.execute(kyselyOf(on));
  if (conflicts.length > limit) return { conflicts: conflicts.slice(0, limit), last: conflicts[limit - 1]!.eventId };
  return { conflicts, last: ids.length === window ? ids.at(-1) : undefined };
}

export interface SourceOverview {
  id: string;
  name: string;
  type: SourceType;
  baseUrl: string | null;
  trustLevel: number;
  licenseUrl: string | null;
  licenseStatus: LicenseStatus;
  timezone: string | null;
  contact: string | null;
  withdrawnAt: Date | null;
  withdrawnReason: string | null;
  /** Where and how often the node visits it, where it does. */
  harvest: { format: string; url: string; everyMinutes: number; enabled: boolean; nextVisitAt: string; failures: number } | null;
  lastVisit: VisitOverview | null;
  openItems: number;
}

export interface VisitOverview {
  startedAt: string;
  outcome: string | null;
  httpStatus: number | null;
  trouble: string | null;
  found: number;
  created: number;
  updated: number;
  rejected: number;
  missing: number;
}

const VISIT =
  sql.raw(`jsonb_build_object('startedAt', utc(v.started_at), 'outcome', v.outcome, 'httpStatus', v.http_status, 'trouble', v.trouble,
  'found', v.found, 'created', v.created, 'updated', v.updated, 'rejected', v.rejected, 'missing', v.missing)`);

/** Up to `limit` sources by name after `after`, or the one of `name`. */
export async function overviewSources(
  on: Reader,
  { after, name, limit }: { after?: string | undefined; name?: string | undefined; limit: number },
): Promise<SourceOverview[]> {
  const { rows } = await sql<SourceOverview>`
    select s.id, s.name, s.type, s.base_url as "baseUrl", s.trust_level as "trustLevel", s.license_url as "licenseUrl",
      s.license_status as "licenseStatus", s.timezone, s.contact, s.withdrawn_at as "withdrawnAt", s.withdrawn_reason as "withdrawnReason",
      (select jsonb_build_object('format', h.format, 'url', h.url, 'everyMinutes', h.every_minutes, 'enabled', h.enabled,
        'nextVisitAt', utc(h.next_visit_at), 'failures', h.failures) from source_harvests h where h.source_id = s.id) as harvest,
      (select ${VISIT} from harvest_visits v where v.source_id = s.id order by v.started_at desc limit 1) as "lastVisit",
      (select count(*)::int from review_items r where r.source_id = s.id and r.state = 'open') as "openItems"
    from sources s
    where (${after ?? null}::text is null or s.name > ${after ?? null}) and (${name ?? null}::text is null or s.name = ${name ?? null})
    order by s.name limit ${limit}`.execute(kyselyOf(on));
  return rows;
}

/** Why items of the source's last run with rejects were rejected; up to `limit`, in the order of the input. */
export async function lastRejects(on: Reader, sourceId: string, limit: number): Promise<{ position: number; detail: string }[]> {
  const { rows } = await sql<{ position: number; detail: string }>`
    select i.position, coalesce(i.problem ->> 'detail', i.problem ->> 'title') as detail from ingest_items i
    where i.outcome = 'rejected' and i.run_id = (
      select r.id from ingest_runs r where r.source_id = ${sourceId}
        and exists (select from ingest_items x where x.run_id = r.id and x.outcome = 'rejected')
      order by r.created_at desc limit 1)
    order by i.position limit ${limit}`.execute(kyselyOf(on));
  return rows;
}

/** The newest first. */
export async function lastVisits(on: Reader, sourceId: string, limit: number): Promise<VisitOverview[]> {
  const { rows } = await sql<{ visit: VisitOverview }>`
    select ${VISIT} as visit from harvest_visits v where v.source_id = ${sourceId} order by v.started_at desc limit ${limit}`.execute(
    kyselyOf(on),
  );
  return rows.map((row) => row.visit);
}
