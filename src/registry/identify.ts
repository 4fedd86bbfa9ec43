/** What the items of one source speak of: their earlier records, else our own @id, else an event of the same exact identity. */
import { findByIdentity, IDENTITY_BUCKETS, lockIdentities } from "../db/events.ts";
import { findByMatchKey } from "../db/mentions.ts";
import { findLapsed, findRecords, type StoredRecord } from "../db/records.ts";
import type { Tx } from "../db/database.ts";
import { identityKey, keyOf, placeKey, whereKey } from "../domain/similarity.ts";
import { matchRecords } from "./match.ts";
import type { PreparedItem } from "./prepare.ts";
import type { Speaker } from "./settle.ts";

/** Until the transaction ends nobody else decides whether an event of these names, or a record of these ids, exists. */
export async function lockIdentitiesOf(tx: Tx, speaker: Speaker, items: readonly PreparedItem[]): Promise<void> {
  await lockIdentities(
    tx,
    items.flatMap((item) => bucketsOf(speaker, item)),
  );
}

function bucketsOf(speaker: Speaker, item: PreparedItem): number[] {
  const bucket = (key: Buffer) => key.readUInt32BE(0) % IDENTITY_BUCKETS;
  const identity = bucket(keyOf(item.nameKey, item.startKey));
  return item.recordKey === undefined ? [identity] : [identity, bucket(keyOf(speaker.id, item.recordKey))];
}

/** The present record that each item replaces; `matched` names those that a run has found beforehand, one per item. */
export async function findEarlierRecords(
  tx: Tx,
  speaker: Speaker,
  items: readonly PreparedItem[],
  matched: readonly (string | undefined)[] | undefined,
): Promise<Map<PreparedItem, StoredRecord>> {
  const recordKeys = items.map((item) => item.recordKey).filter((key) => key !== undefined);
  if (matched === undefined) {
    const records = await findRecords(tx, speaker.id, {
      recordKeys,
      ids: [],
      payloadHashes: items.map((item) => item.payloadHash),
      matchKeys: items.map((item) => item.matchKey),
    });
    return matchRecords(items, records);
  }
  // A run has looked at everything; what it matched may have been replaced since, and an id never names two records.
  const ids = matched.filter((id) => id !== undefined);
  const present = await findRecords(tx, speaker.id, { recordKeys, ids, payloadHashes: [], matchKeys: [] });
  const records = [...(await findLapsed(tx, ids)), ...present];
  const byId = new Map(records.map((record) => [record.id, record]));
  const byKey = new Map(records.map((record) => [record.recordKey, record]));
  return new Map(
    items.flatMap((item, n) => {
      const record = byId.get(matched[n] ?? "") ?? (item.recordKey === undefined ? undefined : byKey.get(item.recordKey));
      return record === undefined ? [] : [[item, record] as const];
    }),
  );
}

/** The event that each item speaks of; none for one that is new. */
export async function findTargets(
  tx: Tx,
  items: readonly PreparedItem[],
  records: ReadonlyMap<PreparedItem, StoredRecord>,
): Promise<Map<PreparedItem, string>> {
  const targets = new Map<PreparedItem, string>();
  for (const item of items) {
    const target = item.ownEventId ?? records.get(item)?.eventId ?? item.seriesEventId;
    if (target !== undefined) targets.set(item, target);
  }
  const unknown = items.filter((item) => !targets.has(item));
  const keyOfPlace = (item: PreparedItem) => item.submission.fields.location && placeKey(item.submission.fields.location);
  const places = await findByMatchKey(
    tx,
    "place",
    unknown.map(keyOfPlace).filter((key) => key !== undefined),
  );
  const identities = new Map(
    unknown.flatMap((item) => {
      const place = keyOfPlace(item)?.toString("hex");
      if (place !== undefined && !places.has(place)) return []; // nothing has ever happened there
      const { fields } = item.submission;
      return [[item, identityKey(fields, whereKey(fields, place && places.get(place))).toString("hex")] as const];
    }),
  );
  const known = await findByIdentity(tx, [...new Set(identities.values())]);
  for (const [item, identity] of identities) {
    const event = known.get(identity);
    if (event !== undefined) targets.set(item, event);
  }
  return targets;
}
