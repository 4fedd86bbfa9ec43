/**
 * Where the texts and images of events stand, and how they are taken out: one statement a table, over all events at once.
 * What the log shows is not here: the feed redacts it itself (feed/redact.ts).
 */
import { sql } from "kysely";
import { PROTECTED_FIELDS } from "../domain/protected-fields.ts";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

const MEMBERS = [...PROTECTED_FIELDS];
const POINTERS = PROTECTED_FIELDS.map((field) => `/${field}`);

/** The event that this one leads to (itself, unless it was merged), and all that lead there, in order of id; undefined for an unknown id. */
export async function findMerged(on: Reader, eventId: string): Promise<{ keptId: string; ids: string[] } | undefined> {
  const { rows } = await sql<{ keptId: string; id: string }>`
    with kept as (select coalesce(merged_into_id, id) as id from events where id = ${eventId})
    select kept.id as "keptId", kept.id from kept union select kept.id, e.id from kept join events e on e.merged_into_id = kept.id order by 2`.execute(
    kyselyOf(on),
  );
  return rows[0] && { keptId: rows[0].keptId, ids: rows.map((row) => row.id) };
}

/** Events that were one with these once, by merges that were undone: their past may show what these say. */
export async function findOnceMerged(on: Reader, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with recursive met (id) as (
      select id from unnest(${[...ids]}::uuid[]) id
      union
      select step.id from met cross join lateral (
        select m.gone_id as id from entity_merges m where m.kept_id = met.id and m.kind = 'event'
        union all
        select m.kept_id from entity_merges m where m.gone_id = met.id and m.kind = 'event') step
    ) select id from met where id <> all (${[...ids]}::uuid[]) order by id`.execute(kyselyOf(on));
  return rows.map((row) => row.id);
}

/** Every text and image that was ever said of these events and is still here. */
export async function textsOf(on: Reader, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ text: string }>`
    select value #>> '{}' as text from field_provenance where event_id = any (${[...ids]}::uuid[]) and field = any (${POINTERS}::text[]) and jsonb_typeof(value) = 'string'
    union
    select f.value from event_sources r, jsonb_each_text(r.submission -> 'fields') f where r.event_id = any (${[...ids]}::uuid[]) and f.key = any (${MEMBERS}::text[])
    union
    select t from events e, unnest(array[e.description, e.image_url]) t where e.id = any (${[...ids]}::uuid[]) and t is not null
    union
    select f.value from event_changes c, jsonb_each_text(c.state) f where c.entity_kind = 'event' and c.entity_id = any (${[...ids]}::uuid[]) and f.key = any (${MEMBERS}::text[])
    order by 1`.execute(kyselyOf(on));
  return rows.map((row) => row.text);
}

/** Every text and image that the records of these events hold, past ones too: what their own sources say. */
export async function textsInRecords(on: Reader, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ text: string }>`
    select distinct f.value as text from event_sources r, jsonb_each_text(r.submission -> 'fields') f
    where r.event_id = any (${[...ids]}::uuid[]) and f.key = any (${MEMBERS}::text[])`.execute(kyselyOf(on));
  return new Set(rows.map((row) => row.text));
}

export interface ProtectedClaim {
  id: number;
  field: string;
  sourceId: string;
  value: unknown;
  present: boolean;
}

/** The claims on texts and images of these events, past ones too, that still hold their value. */
export async function protectedClaims(on: Reader, ids: readonly string[]): Promise<ProtectedClaim[]> {
  const { rows } = await sql<ProtectedClaim>`
    select id, field, source_id as "sourceId", value, upper_inf(recorded) as present from field_provenance
    where event_id = any (${[...ids]}::uuid[]) and field = any (${POINTERS}::text[]) and not (jsonb_typeof(value) = 'object' and value ? 'redacted')
    order by id`.execute(kyselyOf(on));
  return rows;
}

/** Ends these claims, where they still stand, and leaves of their values the hashes (hex): who claimed when is still told. */
export async function redactClaims(tx: Tx, claims: readonly { id: number; hash: string }[], now: Date): Promise<void> {
  if (claims.length === 0) return;
  const said = JSON.stringify(claims);
  // Of this very moment: never held, and an empty range says nothing (as in claims.sql).
  await sql`delete from field_provenance c using json_to_recordset(${said}::json) as r(id bigint) where c.id = r.id and lower(c.recorded) >= ${now}`.execute(
    kyselyOf(tx),
  );
  await sql`
    update field_provenance c set value = jsonb_build_object('redacted', r.hash), is_winner = false, updated_at = ${now},
      recorded = case when upper_inf(c.recorded) then tstzrange(lower(c.recorded), ${now}) else c.recorded end
    from json_to_recordset(${said}::json) as r(id bigint, hash text) where c.id = r.id`.execute(kyselyOf(tx));
}

/** Empties the bytes of every record of these events, past ones too, and takes texts out of what was read of them; returns how many. */
export async function redactRecords(tx: Tx, ids: readonly string[], now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    update event_sources set payload = '', submission = jsonb_set(submission, '{fields}', (submission -> 'fields') - ${MEMBERS}::text[]), updated_at = ${now}
    where event_id = any (${[...ids]}::uuid[]) and (payload <> '' or submission -> 'fields' ?| ${MEMBERS}::text[])`.execute(kyselyOf(tx));
  return Number(numAffectedRows ?? 0);
}

/** What refused items of these events say instead of their reasons, which may quote them. */
const TAKEN_DOWN = "Refused; what it said was taken down since.";

/**
 * Takes texts out of items of runs: those that wait, and those that were refused and whose bytes were kept. They are known by the event, or
 * by what the same source's records of it are known by; refused ones, which may never have been read, also by one of `texts` in their bytes.
 * Reads every item once, by hashed look-ups: a million of them may wait.
 */
export async function redactRunItems(tx: Tx, ids: readonly string[], texts: readonly string[], now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    with known as materialized (select id, source_id, record_key, match_key, payload_hash from event_sources where event_id = any (${[...ids]}::uuid[]))
    update ingest_items i set updated_at = ${now},
      -- One that waits is applied yet, and the record that comes of it is without bytes too.
      payload = case when i.outcome is null then ''::bytea end,
      submission = jsonb_set(i.submission, '{fields}', (i.submission -> 'fields') - ${MEMBERS}::text[]),
      problem = (i.problem - 'errors') || jsonb_build_object('detail', ${TAKEN_DOWN}::text)
    from ingest_runs u
    where u.id = i.run_id and (i.payload is not null or i.submission is not null) and (
      i.event_id = any (${[...ids]}::uuid[])
      or i.record_id in (select id from known)
      or (u.source_id, i.record_key) in (select source_id, record_key from known where record_key is not null)
      or (u.source_id, i.match_key) in (select source_id, match_key from known)
      or (u.source_id, i.payload_hash) in (select source_id, payload_hash from known)
      or i.outcome = 'rejected' and exists (select from unnest(${[...texts]}::text[]) t where position(convert_to(t, 'UTF8') in i.payload) > 0))`.execute(
    kyselyOf(tx),
  );
  return Number(numAffectedRows ?? 0);
}

/** Forgets kept answers about these events (by their ULIDs): a repeated request is then done again, which changes nothing. */
export async function forgetAnswers(tx: Tx, ulids: readonly string[]): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from idempotency_keys where exists (
      select from unnest(${[...ulids]}::text[]) u where position(convert_to(u, 'UTF8') in body) > 0 or headers ->> 'location' like '%' || u)`.execute(
    kyselyOf(tx),
  );
  return Number(numAffectedRows ?? 0);
}

/**
 * What was committed and not yet numbered. The caller holds the head, so that no sequencer has read it already. An origin's word with its
 * texts is dropped whole: what this transaction leaves of it is told instead.
 */
export async function redactOutbox(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`update change_outbox set state = state - ${[...MEMBERS, "statement"]}::text[]
    where entity_kind = 'event' and entity_id = any (${[...ids]}::uuid[]) and state ?| ${[...MEMBERS, "statement"]}::text[]`.execute(
    kyselyOf(tx),
  );
}

/** Puts the events under takedown, with the time of the first one; their search words and vectors follow at commit. */
export async function markTakenDown(tx: Tx, ids: readonly string[], reason: string, now: Date): Promise<void> {
  await sql`update events set description = null, image_url = null, takedown_at = coalesce(takedown_at, ${now}), takedown_reason = ${reason}, updated_at = ${now}
    where id = any (${[...ids]}::uuid[])`.execute(kyselyOf(tx));
  await sql`delete from event_embeddings where event_id = any (${[...ids]}::uuid[])`.execute(kyselyOf(tx));
  // Also where no word of the index changes: a text of stop words alone made its vector too.
  await sql`select queue_embeddings(${[...ids]}::uuid[])`.execute(kyselyOf(tx));
}

/** Those of these events whose texts were taken down. */
export async function takenDownOf(on: Reader, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    select id from events where id = any (${[...ids]}::uuid[]) and takedown_at is not null`.execute(kyselyOf(on));
  return rows.map((row) => row.id);
}

/**
 * Lets new texts in again. Records without bytes count as read by no decoder, and harvests as never answered, so that a source that
 * says the same again is read again.
 */
export async function unmarkTakenDown(tx: Tx, ids: readonly string[], now: Date): Promise<void> {
  await sql`update events set takedown_at = null, takedown_reason = null, updated_at = ${now} where id = any (${[...ids]}::uuid[])`.execute(
    kyselyOf(tx),
  );
  await sql`
    with reread as (
      update event_sources set decoder_version = 0, updated_at = ${now}
      where event_id = any (${[...ids]}::uuid[]) and superseded_at is null and payload = '' returning source_id
    )
    update source_harvests set etag = null, last_modified = null, body_hash = null, updated_at = ${now} where source_id in (select source_id from reread)`.execute(
    kyselyOf(tx),
  );
}

/** Notes beside events that are free in form: what the log of actions, review items and merges tell of them. */
export interface Note {
  table: "audit_log" | "review_items" | "entity_merges";
  id: string;
  said: unknown;
}

export async function notesAbout(on: Reader, ids: readonly string[]): Promise<Note[]> {
  const { rows } = await sql<Note>`
    select 'audit_log' as table, id::text, details as said from audit_log where entity_id = any (${[...ids]}::uuid[]) and details is not null
    union all
    select 'review_items', id::text, details from review_items where entity_id = any (${[...ids]}::uuid[]) or other_id = any (${[...ids]}::uuid[])
    union all
    select 'entity_merges', id::text, before from entity_merges where kept_id = any (${[...ids]}::uuid[]) or gone_id = any (${[...ids]}::uuid[])`.execute(
    kyselyOf(on),
  );
  return rows;
}

const NOTED_IN = { audit_log: ["details", "bigint"], review_items: ["details", "uuid"], entity_merges: ["before", "uuid"] } as const;

export async function rewriteNotes(tx: Tx, notes: readonly Note[]): Promise<void> {
  for (const [table, some] of Map.groupBy(notes, (note) => note.table)) {
    const [column, id] = NOTED_IN[table];
    await sql`update ${sql.table(table)} n set ${sql.ref(column)} = r.said from json_to_recordset(${JSON.stringify(some)}::json) as r(id ${sql.raw(id)}, said jsonb)
      where n.id = r.id`.execute(kyselyOf(tx));
  }
}

/** Jobs carry ids alone, but what a failed one left behind may quote a row: forgets such words. `texts` as they stand in JSON. */
export async function redactJobs(tx: Tx, texts: readonly string[]): Promise<void> {
  const { rows } = await sql<{ there: boolean }>`select to_regclass('pgboss.job') is not null as there`.execute(kyselyOf(tx));
  if (texts.length === 0 || !rows[0]!.there) return;
  await sql`
    update pgboss.job set output = case when exists (select from unnest(${[...texts]}::text[]) t where strpos(output::text, t) > 0) then null else output end,
      source_output = case when exists (select from unnest(${[...texts]}::text[]) t where strpos(source_output::text, t) > 0) then null else source_output end
    where exists (select from unnest(${[...texts]}::text[]) t where strpos(output::text, t) > 0 or strpos(source_output::text, t) > 0)`.execute(
    kyselyOf(tx),
  );
}
