/** Saved searches and what their webhooks were told of (tables saved_searches, saved_search_matches). */
import { sql } from "kysely";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";
import { readSecrets, storedSecrets, type PreviousSecret, type StoredSecrets } from "./previous-secrets.ts";

export type SavedSearchStatus = "active" | "paused" | "failed";

export interface SavedSearchRow {
  id: string;
  name: string;
  /** The search as a canonical query string. */
  query: string;
  ownerKeyId: string | null;
  webhookUrl: string | null;
  webhookSecret: Buffer | null;
  /** The newest first; some may have ended. */
  previousSecrets: PreviousSecret[];
  status: SavedSearchStatus;
  /** Position of the feed up to which matches were looked for. */
  seen: number;
  /** Attempts of the webhook that failed since the last that did not. */
  failures: number;
  lastError: string | null;
  createdAt: Date;
  updatedAt: Date;
}

/** As the columns have it. */
type SavedSearchRecord = Omit<SavedSearchRow, "previousSecrets"> & { previousSecrets: StoredSecrets };

const rowOf = (record: SavedSearchRecord): SavedSearchRow => ({ ...record, previousSecrets: readSecrets(record.previousSecrets) });

const COLUMNS = sql.raw(`s.id, s.name, s.query, s.owner_key_id as "ownerKeyId", s.webhook_url as "webhookUrl",
  s.webhook_secret as "webhookSecret", s.previous_secrets as "previousSecrets",
  s.status, s.seen, s.failures, s.last_error as "lastError", s.created_at as "createdAt", s.updated_at as "updatedAt"`);

/** One that was removed is not found. With `lock`, nobody else changes it before the transaction ends. */
export async function findSavedSearch(
  on: Reader,
  id: string,
  { lock = false }: { lock?: boolean } = {},
): Promise<SavedSearchRow | undefined> {
  const { rows } = await sql<SavedSearchRecord>`
    select ${COLUMNS} from saved_searches s where s.id = ${id}::uuid and s.deleted_at is null ${sql.raw(lock ? "for update" : "")}`.execute(
    kyselyOf(on),
  );
  return rows[0] && rowOf(rows[0]);
}

/** Those of one key, or all; the newest first, those after (older than) the id `after`. */
export async function listSavedSearches(
  on: Reader,
  { ownerKeyId, after, limit }: { ownerKeyId: string | undefined; after?: string | undefined; limit: number },
): Promise<SavedSearchRow[]> {
  const { rows } = await sql<SavedSearchRecord>`
    select ${COLUMNS} from saved_searches s
    where s.deleted_at is null and (${ownerKeyId ?? null}::uuid is null or s.owner_key_id = ${ownerKeyId ?? null}::uuid)
      and (${after ?? null}::uuid is null or s.id < ${after ?? null}::uuid)
    order by s.id desc limit ${limit}`.execute(kyselyOf(on));
  return rows.map(rowOf);
}

export async function countSavedSearches(on: Reader, ownerKeyId: string): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select count(*)::int as count from saved_searches where owner_key_id = ${ownerKeyId}::uuid and deleted_at is null`.execute(
    kyselyOf(on),
  );
  return rows[0]!.count;
}

export type NewSavedSearch = Pick<SavedSearchRow, "id" | "name" | "query" | "ownerKeyId" | "webhookUrl" | "webhookSecret">;

/** What matches already is not news: it begins at the head of the feed. */
export async function insertSavedSearch(tx: Tx, search: NewSavedSearch, now: Date): Promise<void> {
  await sql`
    insert into saved_searches (id, name, query, owner_key_id, webhook_url, webhook_secret, seen, created_at, updated_at)
    values (${search.id}, ${search.name}, ${search.query}, ${search.ownerKeyId}, ${search.webhookUrl}, ${search.webhookSecret},
      coalesce((select position from feed_head), 0), ${now}, ${now})`.execute(kyselyOf(tx));
}

export type SavedSearchChange = Partial<
  Pick<SavedSearchRow, "name" | "webhookUrl" | "webhookSecret" | "previousSecrets" | "status" | "failures" | "lastError">
>;

/** Writes these members and no others; false when there is no such search. */
export async function changeSavedSearch(tx: Tx, id: string, change: SavedSearchChange, now: Date): Promise<boolean> {
  const columns = {
    name: "name",
    webhookUrl: "webhook_url",
    webhookSecret: "webhook_secret",
    previousSecrets: "previous_secrets",
    status: "status",
    failures: "failures",
    lastError: "last_error",
  } as const satisfies Record<keyof SavedSearchChange, string>;
  const written = { ...change, ...(change.previousSecrets && { previousSecrets: storedSecrets(change.previousSecrets) }) };
  const set = Object.entries(written).map(([member, value]) => sql`${sql.ref(columns[member as keyof SavedSearchChange])} = ${value}`);
  const { rows } = await sql`
    update saved_searches set ${sql.join([...set, sql`updated_at = ${now}`])} where id = ${id}::uuid and deleted_at is null returning id`.execute(
    kyselyOf(tx),
  );
  return rows.length > 0;
}

/** Takes it away with its secrets, and what waited to be told; false when there is no such search. */
export async function removeSavedSearch(tx: Tx, id: string, now: Date): Promise<boolean> {
  const { rows } = await sql`
    update saved_searches set deleted_at = ${now}, updated_at = ${now}, webhook_url = null, webhook_secret = null,
      previous_secrets = '[]'
    where id = ${id}::uuid and deleted_at is null returning id`.execute(kyselyOf(tx));
  if (rows.length === 0) return false;
  await sql`delete from saved_search_matches where search_id = ${id}::uuid`.execute(kyselyOf(tx));
  await sql`delete from webhook_deliveries where search_id = ${id}::uuid`.execute(kyselyOf(tx));
  return true;
}

/** Active ones with a webhook that have not seen all of the feed, by id, those after the id `after`. */
export async function findSearchesToMatch(on: Reader, after: string | undefined, limit: number): Promise<SavedSearchRow[]> {
  const { rows } = await sql<SavedSearchRecord>`
    select ${COLUMNS} from saved_searches s
    where s.deleted_at is null and s.status = 'active' and s.webhook_url is not null
      and s.seen < (select position from feed_head) and (${after ?? null}::uuid is null or s.id > ${after ?? null}::uuid)
    order by s.id limit ${limit}`.execute(kyselyOf(on));
  return rows.map(rowOf);
}

/** Moves the watermark; false when another has moved it, or the search is not to be looked at any more. */
export async function advanceSavedSearch(tx: Tx, id: string, { from, to }: { from: number; to: number }, now: Date): Promise<boolean> {
  const { rows } = await sql`
    update saved_searches set seen = ${to}, updated_at = ${now}
    where id = ${id}::uuid and seen = ${from} and deleted_at is null and status = 'active' and webhook_url is not null
    returning id`.execute(kyselyOf(tx));
  return rows.length > 0;
}

/** Remembers that these events were told of; returns those that are new to this search, in the order given. */
export async function noteMatches(tx: Tx, searchId: string, eventIds: readonly string[], now: Date): Promise<string[]> {
  if (eventIds.length === 0) return [];
  const { rows } = await sql<{ event_id: string }>`
    insert into saved_search_matches (search_id, event_id, created_at, updated_at)
    select ${searchId}::uuid, e.id, ${now}, ${now} from (select distinct unnest(${[...eventIds]}::uuid[]) as id) e order by e.id
    on conflict do nothing returning event_id`.execute(kyselyOf(tx));
  const fresh = new Set(rows.map((row) => row.event_id));
  return eventIds.filter((id) => fresh.delete(id));
}

/**
 * The events that changed at the `limit` positions of the feed after `since` and are still shown, each once, and the
 * last position that was looked at. Positions that retention has dropped are passed over.
 */
export async function findChangedEvents(on: Reader, since: number, limit: number): Promise<{ eventIds: string[]; watermark: number }> {
  const { rows } = await sql<{ eventIds: string[] | null; watermark: number | null }>`
    with looked as (
      select sequence_number, entity_kind, entity_id from event_changes
      where sequence_number > ${since} and sequence_number <= (select position from feed_head)
      order by sequence_number limit ${limit}
    ), changed as (select entity_id, min(sequence_number) as first from looked where entity_kind = 'event' group by entity_id)
    select (select max(sequence_number) from looked) as watermark,
      (select jsonb_agg(c.entity_id order by c.first) from changed c join events e on e.id = c.entity_id
       where e.merged_into_id is null and e.lifecycle_state <> 'deleted') as "eventIds"`.execute(kyselyOf(on));
  return { eventIds: rows[0]!.eventIds ?? [], watermark: rows[0]!.watermark ?? since };
}
