/** Which sources the node visits itself, how, and when next (table source_harvests). */
import { sql } from "kysely";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

/** What is served there: a calendar (RFC 5545), schema.org events as JSON-LD, a page with such events in it, another node's export. */
export const HARVEST_FORMATS = ["ics", "json-ld", "html", "export"] as const;
export type HarvestFormat = (typeof HARVEST_FORMATS)[number];

export interface HarvestSettings {
  format: HarvestFormat;
  url: string;
  everyMinutes: number;
  /** Visits in a row that do not show a record, after which it counts no more. */
  missingAfter: number;
  enabled: boolean;
}

export interface HarvestRow extends HarvestSettings {
  sourceId: string;
  source: string;
  etag: string | null;
  lastModified: string | null;
  /** Hex; of the last body that was taken in. */
  bodyHash: string | null;
  decoderVersion: number | null;
  takenAt: Date | null;
  mostlyRead: boolean;
  nextVisitAt: Date;
  failures: number;
  missingAcceptedAt: Date | null;
}

const COLUMNS =
  sql.raw(`h.source_id as "sourceId", s.name as source, h.format, h.url, h.every_minutes as "everyMinutes", h.missing_after as "missingAfter",
  h.enabled, h.etag, h.last_modified as "lastModified", encode(h.body_hash, 'hex') as "bodyHash", h.decoder_version as "decoderVersion",
  h.taken_at as "takenAt", h.mostly_read as "mostlyRead", h.next_visit_at as "nextVisitAt", h.failures, h.missing_accepted_at as "missingAcceptedAt"`);

export async function readHarvest(on: Reader, sourceId: string): Promise<HarvestRow | undefined> {
  const { rows } = await sql<HarvestRow>`
    select ${COLUMNS} from source_harvests h join sources s on s.id = h.source_id where h.source_id = ${sourceId}`.execute(kyselyOf(on));
  return rows[0];
}

/** Keeps the settings. Whatever is new about where or how to look makes what is known of the last answer worthless, and the source due. */
export async function putHarvest(tx: Tx, sourceId: string, { format, url, ...rest }: HarvestSettings, now: Date): Promise<void> {
  await sql`
    insert into source_harvests as h (source_id, format, url, every_minutes, missing_after, enabled, next_visit_at, created_at, updated_at)
    values (${sourceId}, ${format}, ${url}, ${rest.everyMinutes}, ${rest.missingAfter}, ${rest.enabled}, ${now}, ${now}, ${now})
    on conflict (source_id) do update set format = excluded.format, url = excluded.url, every_minutes = excluded.every_minutes,
      missing_after = excluded.missing_after, enabled = excluded.enabled, updated_at = excluded.updated_at,
      next_visit_at = case when (h.format, h.url, h.every_minutes, h.enabled) = (excluded.format, excluded.url, excluded.every_minutes, excluded.enabled)
        then h.next_visit_at else excluded.next_visit_at end,
      failures = case when (h.format, h.url) = (excluded.format, excluded.url) then h.failures else 0 end,
      etag = case when (h.format, h.url) = (excluded.format, excluded.url) then h.etag end,
      last_modified = case when (h.format, h.url) = (excluded.format, excluded.url) then h.last_modified end,
      body_hash = case when (h.format, h.url) = (excluded.format, excluded.url) then h.body_hash end`.execute(kyselyOf(tx));
}

/** False where there was none. */
export async function deleteHarvest(tx: Tx, sourceId: string): Promise<boolean> {
  const { rows } = await sql`delete from source_harvests where source_id = ${sourceId} returning source_id`.execute(kyselyOf(tx));
  return rows.length > 0;
}

export interface ListedHarvest extends HarvestSettings {
  sourceId: string;
  source: string;
  nextVisitAt: Date;
  failures: number;
  /** The last visit that has ended. */
  lastVisitAt: Date | null;
  lastOutcome: string | null;
  lastTrouble: string | null;
}

/** Every source that is visited, by name, with what became of its last visit. */
export async function listHarvestRows(on: Reader): Promise<ListedHarvest[]> {
  const { rows } = await sql<ListedHarvest>`
    select h.source_id as "sourceId", s.name as source, h.format, h.url, h.every_minutes as "everyMinutes", h.missing_after as "missingAfter", h.enabled,
      h.next_visit_at as "nextVisitAt", h.failures, v.started_at as "lastVisitAt", v.outcome as "lastOutcome", v.trouble as "lastTrouble"
    from source_harvests h join sources s on s.id = h.source_id
    left join lateral (
      select * from harvest_visits where source_id = h.source_id and finished_at is not null order by started_at desc, id desc limit 1) v on true
    order by s.name`.execute(kyselyOf(on));
  return rows;
}

export interface DueSource {
  sourceId: string;
  url: string;
}

const DUE = sql.raw("h.enabled and s.withdrawn_at is null");

/** Sources whose time has come and that nobody visits now, the longest waiting first. */
/** Sources of one host in one planning: a crowded or resting host takes no place from the others. */
const A_HOSTS_MOST = 60;

export async function dueSources(on: Reader, now: Date, limit: number): Promise<DueSource[]> {
  const { rows } = await sql<DueSource>`
    select "sourceId", url from (
      select h.source_id as "sourceId", h.url, h.next_visit_at,
        row_number() over (partition by a.host order by h.next_visit_at, h.source_id) as turn
      from source_harvests h join sources s on s.id = h.source_id
      cross join lateral (select lower(substring(h.url from '^[^:]+://([^/?#]*)')) as host) a
      left join harvest_hosts t on t.host = a.host
      where ${DUE} and h.next_visit_at <= ${now} and (h.visiting_until is null or h.visiting_until <= ${now})
        and (t.next_request_at is null or t.next_request_at <= ${now}::timestamptz + interval '1 minute')
    ) due where turn <= ${A_HOSTS_MOST} order by next_visit_at, "sourceId" limit ${limit}`.execute(kyselyOf(on));
  return rows;
}

/** This caller's to visit until then; undefined where nothing is to be done now: it is not due (unless that is no matter), or visited already. */
export async function takeDueSource(
  tx: Tx,
  sourceId: string,
  { now, until, early }: { now: Date; until: Date; early: boolean },
): Promise<HarvestRow | undefined> {
  const { rows } = await sql<HarvestRow>`
    update source_harvests h set visiting_until = ${until}, updated_at = ${now} from sources s
    where h.source_id = ${sourceId} and s.id = h.source_id and (h.visiting_until is null or h.visiting_until <= ${now})
      and s.withdrawn_at is null and (${early} or (${DUE} and h.next_visit_at <= ${now}))
    returning ${COLUMNS}`.execute(kyselyOf(tx));
  return rows[0];
}

/** What is kept of an answer that was taken in, to ask for what is newer. */
export interface TakenBody {
  etag: string | null;
  lastModified: string | null;
  /** Hex. */
  bodyHash: string;
  decoderVersion: number;
  takenAt: Date;
  mostlyRead: boolean;
}

/** When the next visit is due, and what is known of the answer. `ended`: whose visit ends by it; where the source is looked for elsewhere by now, only its lease ends. */
export async function scheduleNext(
  tx: Tx,
  sourceId: string,
  { nextVisitAt, failures, taken, ended }: { nextVisitAt: Date; failures?: number; taken?: TakenBody | undefined; ended?: HarvestSettings },
  now: Date,
): Promise<void> {
  const known = taken
    ? sql`, etag = ${taken.etag}, last_modified = ${taken.lastModified}, body_hash = decode(${taken.bodyHash}, 'hex'),
        decoder_version = ${taken.decoderVersion}, taken_at = ${taken.takenAt}, mostly_read = ${taken.mostlyRead}`
    : sql``;
  if (ended !== undefined)
    await sql`update source_harvests set visiting_until = null, updated_at = ${now} where source_id = ${sourceId}`.execute(kyselyOf(tx));
  const stillThere = ended === undefined ? sql`true` : sql`(format, url) = (${ended.format}::text, ${ended.url}::text)`;
  await sql`
    update source_harvests set next_visit_at = ${nextVisitAt}, failures = coalesce(${failures ?? null}, failures),
      updated_at = ${now} ${known}
    where source_id = ${sourceId} and ${stillThere}`.execute(kyselyOf(tx));
}

/** Whether what is missing may count although it is much: since when, or not (null). False for a source that is not visited. */
export async function acceptMissing(tx: Tx, sourceId: string, at: Date | null, now: Date): Promise<boolean> {
  const { rows } = await sql`
    update source_harvests set missing_accepted_at = ${at}, updated_at = ${now} where source_id = ${sourceId} returning source_id`.execute(
    kyselyOf(tx),
  );
  return rows.length > 0;
}
