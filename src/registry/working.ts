/** Events while items are applied to them, in memory, between being locked and being written. */
import { claimsOn, type ClaimChanges } from "../db/claims.ts";
import type { Tx } from "../db/database.ts";
import { lockEvents, type LockedEvent, type Origin } from "../db/events.ts";
import { recordsOf, type NewRecord, type StoredRecord } from "../db/records.ts";
import { withdrawalsOf, type Withdrawal } from "../db/withdrawals.ts";
import { goneAmong } from "../db/foreign-entities.ts";
import { DECODER_VERSION, type PreparedItem } from "./prepare.ts";
import { wordKey, type Settled, type EventRecord, type Standing, type StandingClaim } from "./settle.ts";

export type Outcome = "created" | "updated" | "merged" | "unchanged";

/** An event while items are applied to it. */
export interface Working {
  id: string;
  isNew: boolean;
  /** Its texts and images were taken down: new ones are not let in. */
  takenDown: boolean;
  /** It came from a peer. */
  isForeign: boolean;
  /** Whose it is, of a new one of a peer. */
  origin?: Origin | undefined;
  /** As it stood when this transaction locked it. */
  found: Standing;
  now: Standing;
  settled?: Settled | undefined;
  added: Map<string, NewRecord>;
  superseded: Set<string>;
  outcomes: Set<Outcome>;
}

/** Locks these events (merges followed) in the order of their ids, with all records and claims on them; unknown ids are absent. */
export async function loadWorkings(tx: Tx, eventIds: readonly string[]): Promise<Map<string, Working>> {
  const wanted = [...new Set(eventIds)];
  const locked = await lockEvents(tx, wanted);
  const heirs = await lockEvents(
    tx,
    [...locked.values()].map((event) => event.mergedIntoId).filter((id) => id !== null),
  );
  const standing = [...locked.values(), ...heirs.values()].filter((event) => event.mergedIntoId === null);
  const ids = standing.map((event) => event.id);
  const records = Map.groupBy(await recordsOf(tx, ids), (record) => record.eventId);
  const claims = Map.groupBy(await claimsOn(tx, ids), (claim) => claim.eventId);
  const gone = await goneAmong(
    tx,
    standing.filter((event) => event.isForeign).map((event) => event.id),
  );
  const withdrawals = Map.groupBy(await withdrawalsOf(tx, ids), (one) => one.eventId);
  const workings = new Map(
    standing.map((event) => [
      event.id,
      knownWorking(event, gone.has(event.id), records.get(event.id) ?? [], claims.get(event.id) ?? [], withdrawals.get(event.id) ?? []),
    ]),
  );
  for (const event of locked.values()) if (event.mergedIntoId !== null) workings.set(event.id, workings.get(event.mergedIntoId)!);
  return workings;
}

function knownWorking(
  event: LockedEvent,
  gone: boolean,
  records: readonly StoredRecord[],
  claims: readonly StandingClaim[],
  withdrawals: readonly Withdrawal[],
): Working {
  const found: Standing = {
    lifecycleState: event.lifecycleState,
    eventStatus: event.eventStatus,
    contentHash: event.contentHash,
    gone,
    claims,
    records: records.map((record) => {
      const { fields, revision, asserted } = record.submission;
      return { ...record, fields, revision, asserted };
    }),
    takenBack: new Set(withdrawals.map((one) => wordKey(one.sourceId, one.field.slice(1), one.valueHash))),
  };
  const { id, takenDown, isForeign } = event;
  return { id, isNew: false, takenDown, isForeign, found, now: found, ...nothingDone() };
}

/** One that is not there yet; with `origin` it is a peer's. */
export function newWorking(id: string, origin?: Origin): Working {
  const nothing: Standing = {
    lifecycleState: undefined,
    eventStatus: undefined,
    contentHash: undefined,
    records: [],
    claims: [],
    takenBack: new Set(),
  };
  return { id, isNew: true, takenDown: false, isForeign: origin !== undefined, origin, found: nothing, now: nothing, ...nothingDone() };
}

const nothingDone = (): Pick<Working, "added" | "superseded" | "outcomes"> => ({
  added: new Map(),
  superseded: new Set(),
  outcomes: new Set(),
});

/** The row of a record that an event has now. */
export function newRecord(eventId: string, record: EventRecord, item: PreparedItem): NewRecord {
  return {
    id: record.id,
    eventId,
    sourceId: record.sourceId,
    homeEventId: record.homeEventId,
    recordKey: item.recordKey,
    recordUri: item.recordUri,
    payload: item.payload,
    payloadHash: item.payloadHash,
    mediaType: item.mediaType,
    submission: { ...item.submission, fields: record.fields },
    decoderVersion: DECODER_VERSION,
    matchKey: item.matchKey,
    nameKey: item.nameKey,
    startKey: item.startKey,
    url: item.submission.fields.url,
    observedAt: record.observedAt,
  };
}

/** The difference between the claims as they were found and as they stand now. */
export function claimChanges(workings: readonly Working[]): ClaimChanges {
  const changes: ClaimChanges = { closed: [], reobserved: [], demoted: [], promoted: [], opened: [] };
  for (const { found, now } of workings) {
    const standing = new Map(now.claims.flatMap((claim) => (claim.id === undefined ? [] : [[claim.id, claim] as const])));
    for (const before of found.claims) {
      const after = standing.get(before.id!);
      if (after === undefined) changes.closed.push(before.id!);
      else {
        if (after.observedAt !== before.observedAt) changes.reobserved.push({ id: before.id!, observedAt: after.observedAt });
        if (before.isWinner && !after.isWinner) changes.demoted.push(before.id!);
        if (!before.isWinner && after.isWinner) changes.promoted.push(before.id!);
      }
    }
    changes.opened.push(...now.claims.filter((claim) => claim.id === undefined));
  }
  return changes;
}
