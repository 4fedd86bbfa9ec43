/**
 * The write path: takes prepared items of one source into the registry, all in the caller's transaction. One item or
 * a thousand, it is the same code and the same number of statements.
 *
 * 1. Lock the identities spoken of, so that nobody else decides at the same time whether they exist.
 * 2. Find the source's earlier records, else our own @id, else an event of the same exact identity.
 * 3. Lock those events in the order of their ids; load all records and claims on them.
 * 4. In memory, item by item: replace the record, settle the event. A refused item leaves the event as it was.
 * 5. Write what changed: places and agents, events, records, claims, audit. What did not change is not written.
 * 6. Look for duplicates of what is new or says something else of what it is; merge what is surely the same.
 */
import { audit } from "../db/audit.ts";
import { writeClaims } from "../db/claims.ts";
import type { Tx } from "../db/database.ts";
import { lapseEvents } from "../db/events.ts";
import { replaceRecords, sawAgain, type StoredRecord } from "../db/records.ts";
import { inSequence } from "../domain/canonical.ts";
import { RegistryError, type Problem } from "../domain/errors.ts";
import { foldRecords } from "../domain/provenance.ts";
import type { EventSubmission } from "../domain/submission.ts";
import { attachOccurrences } from "./attach-occurrences.ts";
import type { Caller, Registry } from "./context.ts";
import { findDuplicates, type Duplicates } from "./find-duplicates.ts";
import { findEarlierRecords, findTargets, lockIdentitiesOf } from "./identify.ts";
import { DECODER_VERSION, problemOf, type PreparedItem } from "./prepare.ts";
import { raiseReviews } from "./raise-reviews.ts";
import { differs, isSettled, settle, type EventRecord, type Settled, type Speaker, type Standing } from "./settle.ts";
import { withoutTexts } from "./without-texts.ts";
import { claimChanges, loadWorkings, newRecord, newWorking, type Outcome, type Working } from "./working.ts";
import { writeSettled } from "./write-settled.ts";

export type { Outcome } from "./working.ts";
export type ItemResult =
  | { outcome: Outcome; eventId: string; /** Something that a person must look at came of it (ids of review items). */ reviews?: string[] }
  | { outcome: "rejected"; problem: Problem };

export interface ApplyOptions {
  /** When the source said it, milliseconds since 1970. */
  observedAt: number;
  /** The records that a run has matched beforehand, one per item; without it they are found here. */
  matched?: readonly (string | undefined)[];
}

export async function applyItems(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  speaker: Speaker,
  given: readonly PreparedItem[],
  options: ApplyOptions,
): Promise<ItemResult[]> {
  if (speaker.withdrawn)
    return given.map(() => rejected("forbidden", "", `The source ${speaker.name} was withdrawn here; ask the node's admin.`));
  await lockIdentitiesOf(tx, speaker, given);
  const items = await attachOccurrences(tx, speaker, given);
  const records = await findEarlierRecords(tx, speaker, items, options.matched);
  const targets = await findTargets(tx, items, records);
  const workings = await loadWorkings(tx, [...targets.values()]);
  // Items of this chunk that are new find each other by what they say they are.
  const fresh = new Map<string, Working>();
  const seenAgain: string[] = [];

  const results = items.map((item): ItemResult => {
    const target = targets.get(item);
    const said = item.recordKey === undefined ? undefined : fresh.get(`id ${item.recordKey}`);
    let working = target === undefined ? (said ?? fresh.get(item.matchKey)) : workings.get(target);
    if (target !== undefined && working === undefined)
      return rejected("not_found", "/@id", `@id: this node has no event ${item.submission.id ?? target}.`);
    if (working === undefined) {
      working = newWorking(registry.mint(registry.clock().getTime()));
      workings.set(working.id, working);
      fresh.set(item.matchKey, working);
    }
    if (item.recordKey !== undefined) fresh.set(`id ${item.recordKey}`, working);
    const home = target !== undefined && target !== working.id ? target : null;
    return applyOne(registry, working, item, { record: records.get(item), home, speaker, observedAt: options.observedAt, seenAgain });
  });

  const changed = [...new Set(workings.values())].filter((working) => working.added.size > 0);
  const shown = changed.filter((working) => working.settled !== undefined);
  const now = registry.clock();
  await writeSettled(
    registry,
    tx,
    shown.map((one) => ({ id: one.id, isNew: one.isNew, differs: differs(one.found, one.now), settled: one.settled! })),
    now,
  );
  await lapseEvents(
    tx,
    changed.flatMap(({ id, now: standing, settled }) =>
      settled === undefined ? [{ id, state: standing.lifecycleState!, hash: standing.contentHash! }] : [],
    ),
    now,
  );
  await replaceRecords(
    tx,
    changed.flatMap((one) => [...one.added.values()]),
    changed.flatMap((one) => [...one.superseded]),
    now,
  );
  await writeClaims(tx, claimChanges(changed), now);
  await sawAgain(tx, seenAgain, new Date(options.observedAt));
  await audit(
    tx,
    changed.flatMap((one) =>
      [...one.outcomes].map((outcome) => ({
        actor: caller.actor,
        onBehalfOf: caller.onBehalfOf,
        action: `event.${outcome}`,
        entityKind: "event" as const,
        entityId: one.id,
        requestId: caller.requestId,
      })),
    ),
    now,
  );
  const reviews = await raiseReviews(registry, tx, changed, now);
  const found = await findDuplicates(registry, tx, shown, now);
  return results.map((result) => told(result, reviews, found));
}

/** The result with what came of it after all items were applied: merged into another, or something to look at. */
function told(result: ItemResult, reviews: ReadonlyMap<string, string[]>, found: Duplicates): ItemResult {
  if (result.outcome === "rejected") return result;
  const { eventId } = result;
  const raised = [...(reviews.get(eventId) ?? []), ...(found.reviews.get(eventId) ?? [])];
  const keptId = found.mergedInto.get(eventId);
  return {
    eventId: keptId ?? eventId,
    outcome: keptId !== undefined && result.outcome === "created" ? "merged" : result.outcome,
    ...(raised.length > 0 && result.outcome !== "unchanged" && { reviews: raised }),
  };
}

interface OneItem {
  /** What the source said of it before. */
  record: StoredRecord | undefined;
  /** The event that it is taken for, where that was merged into another. */
  home: string | null;
  speaker: Speaker;
  observedAt: number;
  seenAgain: string[];
}

function applyOne(
  registry: Registry,
  working: Working,
  received: PreparedItem,
  { record, home, speaker, observedAt, seenAgain }: OneItem,
): ItemResult {
  const item = working.takenDown ? withoutTexts(received) : received;
  if (working.now.lifecycleState === "deleted")
    return rejected("gone", "", "This event was deleted here, and a deleted event stays deleted.");
  const own = working.now.records.filter((one) => one.sourceId === speaker.id);
  // What was first said of another event, before a merge, stays that one's word; a source that spoke only of that one corrects it.
  const here = own.filter((one) => (one.homeEventId ?? working.id) === (home ?? working.id));
  const sameKey = (one: EventRecord) => one.recordKey !== null && one.recordKey === item.recordKey;
  const replaced =
    item.ownEventId === undefined
      ? own.filter((one) => one.id === record?.id || sameKey(one))
      : here.length > 0 || speaker.pinned
        ? own.filter((one) => here.includes(one) || sameKey(one))
        : own;
  const same = own.find(
    (one) => one.payloadHash === item.payloadHash && (record === undefined || record.decoderVersion === DECODER_VERSION),
  );
  if (same !== undefined || replaced.some((one) => one.observedAt > observedAt || isOlder(item.submission.revision, one.revision))) {
    if (same !== undefined && !working.added.has(same.id)) seenAgain.push(same.id);
    return { outcome: "unchanged", eventId: working.id };
  }
  let next: Settled | Standing;
  let mine: EventRecord;
  try {
    mine = {
      id: registry.mint(observedAt),
      sourceId: speaker.id,
      recordKey: item.recordKey ?? null,
      recordUri: item.recordUri ?? null,
      payloadHash: item.payloadHash,
      observedAt,
      homeEventId: replaced[0]?.homeEventId ?? record?.homeEventId ?? home,
      revision: item.submission.revision,
      fields: replaced.length === 0 ? item.submission.fields : inSequence(foldRecords(replaced).fields, item.submission.fields),
    };
    const records = [...working.now.records.filter((one) => !replaced.includes(one)), mine];
    next = settle(working.id, working.now, records, speaker);
  } catch (error) {
    return { outcome: "rejected", problem: problemOf(error) };
  }
  const outcome =
    working.now.contentHash === undefined
      ? "created"
      : replaced.length === 0
        ? "merged"
        : differs(working.now, next)
          ? "updated"
          : "unchanged";
  for (const one of replaced) if (!working.added.delete(one.id)) working.superseded.add(one.id);
  working.added.set(mine.id, newRecord(working.id, mine, item));
  working.settled = isSettled(next) ? next : undefined;
  working.now = next;
  if (outcome !== "unchanged") working.outcomes.add(outcome);
  return { outcome, eventId: working.id };
}

/** An edition that its source has replaced before it came here (RFC 5546 §2.1.5: by SEQUENCE, then by when it was made). */
function isOlder(one: EventSubmission["revision"], standing: EventSubmission["revision"]): boolean {
  if (one === undefined || standing === undefined) return false;
  if (one.sequence !== standing.sequence) return one.sequence < standing.sequence;
  return one.modifiedAt !== undefined && standing.modifiedAt !== undefined && one.modifiedAt < standing.modifiedAt;
}

const rejected = (code: "gone" | "not_found" | "forbidden", pointer: string, detail: string): ItemResult => ({
  outcome: "rejected",
  problem: new RegistryError(code, { detail, pointer }).problem,
});
