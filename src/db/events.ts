/** Events, their occurrences and performers: written set-wise, a chunk at a time. */
import { sql } from "kysely";
import type { CanonicalEvent, CanonicalOccurrence } from "../domain/canonical.ts";
import type { LifecycleState } from "../domain/lifecycle.ts";
import type { EventStatus, LicenseStatus } from "../domain/vocabulary.ts";
import { kyselyOf, pgTyped, type Reader, type Tx } from "./handle.ts";
import * as queries from "./queries/events.queries.ts";

export interface LockedEvent {
  id: string;
  lifecycleState: LifecycleState;
  mergedIntoId: string | null;
  contentHash: string;
  version: number;
  /** The status that it was last settled with. */
  eventStatus: EventStatus | undefined;
  takenDown: boolean;
  /** It came from a peer. */
  isForeign: boolean;
}

/** Locks these events in the order of their ids and returns what is decided upon; unknown ids are absent. */
export async function lockEvents(tx: Tx, ids: readonly string[]): Promise<Map<string, LockedEvent>> {
  if (ids.length === 0) return new Map();
  const rows = await queries.lockEvents.run({ ids: [...ids] }, pgTyped(tx));
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        lifecycleState: row.lifecycle_state as LifecycleState,
        mergedIntoId: row.merged_into_id,
        version: row.version,
        contentHash: row.content_hash.toString("hex"),
        eventStatus: (row.event_status ?? undefined) as EventStatus | undefined,
        takenDown: row.takedown_at !== null,
        isForeign: row.origin_node_id !== null,
      },
    ]),
  );
}

/** Exact identity (hex) -> the oldest event of our own that has it; one that was merged stands for the one that took it in. */
export async function findByIdentity(on: Reader, keys: readonly string[]): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map();
  const rows = await queries.findByIdentity.run({ keys: [...keys] }, pgTyped(on));
  return new Map(rows.map((row) => [row.dedup_key.toString("hex"), row.id]));
}

/**
 * Until this transaction ends nobody else decides whether an event with one of these names exists. The buckets are few,
 * so that a chunk of a thousand events cannot fill the server's lock table.
 */
export async function lockIdentities(tx: Tx, buckets: readonly number[]): Promise<void> {
  await queries.lockIdentities.run({ space: IDENTITY_LOCKS, buckets: [...new Set(buckets)] }, pgTyped(tx));
}
const IDENTITY_LOCKS = 0x0ca1;
export const IDENTITY_BUCKETS = 1024;

/** Whose an event is that came from a peer: its @id, and the node that minted it. */
export interface Origin {
  federationUri: string;
  originNodeId: string;
}

export interface EventRow {
  id: string;
  isNew: boolean;
  /** Of a new event of a peer. */
  origin?: Origin | undefined;
  canonical: CanonicalEvent;
  lifecycleState: LifecycleState;
  venueId: string | undefined;
  organizerId: string | undefined;
  organizerPersonId: string | undefined;
  performers: { organizationId?: string; personId?: string }[];
  license: { url?: string; status: LicenseStatus };
  dedupKey: string;
  contentHash: string;
  /** Ids for occurrences that are not there yet, one for each. */
  occurrenceIds: string[];
}

/** Inserts the new events and updates the changed ones, with their occurrences and performers. */
export async function writeEvents(tx: Tx, events: readonly EventRow[], now: Date): Promise<void> {
  if (events.length === 0) return;
  const ordered = events.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  await upsertRows(
    tx,
    ordered.filter((event) => event.isNew),
    ordered.filter((event) => !event.isNew),
    now,
  );
  await writeOccurrences(tx, ordered, now);
  await writePerformers(tx, ordered, now);
}

async function upsertRows(tx: Tx, added: readonly EventRow[], changed: readonly EventRow[], now: Date): Promise<void> {
  const input = (rows: readonly EventRow[]) => JSON.stringify(rows.map((row) => asInput(row, now)));
  if (added.length > 0) await queries.insertEvents.run({ events: input(added) }, pgTyped(tx));
  if (changed.length > 0) await queries.updateEvents.run({ events: input(changed) }, pgTyped(tx));
}

function asInput({ canonical, ...event }: EventRow, now: Date) {
  const { fields } = canonical;
  return {
    id: event.id,
    ...event.origin,
    name: fields.name,
    type: fields.type,
    description: fields.description,
    lifecycleState: event.lifecycleState,
    eventStatus: fields.eventStatus,
    attendanceMode: fields.eventAttendanceMode,
    organizerId: event.organizerId,
    organizerPersonId: event.organizerPersonId,
    venueId: event.venueId,
    image: fields.image,
    url: fields.url,
    virtualUrl: fields.virtualLocation?.url,
    keywords: fields.keywords,
    inLanguage: fields.inLanguage,
    isAccessibleForFree: fields.isAccessibleForFree,
    accessibilityFeature: fields.accessibilityFeature,
    domain: canonical.domain,
    sameAs: fields.sameAs,
    eventSchedule: fields.eventSchedule,
    offers: fields.offers,
    priceLow: canonical.prices.low,
    priceHigh: canonical.prices.high,
    priceCurrency: canonical.prices.currency,
    licenseUrl: event.license.url,
    licenseStatus: event.license.status,
    confidence: canonical.confidence,
    dedupKey: event.dedupKey,
    contentHash: event.contentHash,
    at: now.toISOString(),
  };
}

async function writeOccurrences(tx: Tx, events: readonly EventRow[], now: Date): Promise<void> {
  const rows = events.flatMap((event) =>
    event.canonical.occurrences.map((occurrence, n) => ({ id: event.occurrenceIds[n], eventId: event.id, n, ...instants(occurrence) })),
  );
  const counts = events.filter((event) => !event.isNew).map((event) => ({ id: event.id, count: event.canonical.occurrences.length }));
  if (counts.length > 0) await queries.trimOccurrences.run({ counts: JSON.stringify(counts) }, pgTyped(tx));
  await queries.upsertOccurrences.run({ occurrences: JSON.stringify(rows), now }, pgTyped(tx));
}

function instants(occurrence: CanonicalOccurrence) {
  const iso = (milliseconds: number | undefined) => (milliseconds === undefined ? undefined : new Date(milliseconds).toISOString());
  return {
    ...occurrence,
    startAt: iso(occurrence.startAt),
    endAt: iso(occurrence.endAt),
    doorAt: iso(occurrence.doorAt),
    previousStartAt: iso(occurrence.previousStartAt),
  };
}

async function writePerformers(tx: Tx, events: readonly EventRow[], now: Date): Promise<void> {
  const rows = events.flatMap((event) => event.performers.map((performer, position) => ({ eventId: event.id, position, ...performer })));
  const counts = events.filter((event) => !event.isNew).map((event) => ({ id: event.id, count: event.performers.length }));
  if (counts.length > 0) await queries.trimPerformers.run({ counts: JSON.stringify(counts) }, pgTyped(tx));
  if (rows.length > 0) await queries.upsertPerformers.run({ performers: JSON.stringify(rows), now }, pgTyped(tx));
}

/** Moves an event to another state of its lifecycle; the caller has locked it and checked the transition. */
export async function setState(tx: Tx, id: string, state: LifecycleState, now: Date): Promise<void> {
  await kyselyOf(tx)
    .updateTable("events")
    .set({ lifecycle_state: state, deleted_at: state === "deleted" ? now : null, updated_at: now })
    .where("id", "=", id)
    .execute();
}

/**
 * Nobody speaks for these events any more: they go to the given state, and texts and images that no license lets out now go
 * from those that stay in sight. The hash (hex) is no content's, so that whatever is said next differs.
 */
export async function lapseEvents(
  tx: Tx,
  events: readonly { id: string; state: LifecycleState; hash: string }[],
  now: Date,
): Promise<void> {
  if (events.length === 0) return;
  await sql`
    update events e set lifecycle_state = r.state, description = null, image_url = null, content_hash = decode(r.hash, 'hex'), updated_at = ${now}
    from json_to_recordset(${JSON.stringify(events)}::json) as r(id uuid, state text, hash text)
    where e.id = r.id and (e.lifecycle_state <> r.state or e.content_hash <> decode(r.hash, 'hex'))`.execute(kyselyOf(tx));
}
