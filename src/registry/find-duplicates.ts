/**
 * Looks for events that are one (data.md, "Identity and duplicates"): in the submit path for what has just been said,
 * and as a scan for what is there already. Only events that share a key are compared, so that the cost of a submission
 * does not grow with what is stored. What is surely the same is merged; what may be the same is for a person to decide,
 * and stays in public meanwhile.
 */
import type { Tx } from "../db/database.ts";
import { findByKeys, markScanned, readNotDuplicates, scanAgain, waitingFor, type Pair } from "../db/duplicate-keys.ts";
import { readEventLikeness } from "../db/event-likeness.ts";
import { closeReviewsExcept, openPairsOf, openReviews, pairTopic, type NewReview } from "../db/reviews.ts";
import { takenDownOf } from "../db/takedowns.ts";
import { RegistryError } from "../domain/errors.ts";
import { compareEvents, eventProbes, type Comparison } from "../domain/duplicates.ts";
import { isPublic, type LifecycleState } from "../domain/lifecycle.ts";
import type { EventLikeness } from "../domain/likeness.ts";
import type { Caller, Registry } from "./context.ts";
import { keepEventKeys } from "./event-keys.ts";
import { mergeEvents } from "./merge-events.ts";
import { differs } from "./settle.ts";
import type { Working } from "./working.ts";

/** At most so many others are compared with an event, those that share most keys first. */
const MOST = 40;
/** Events of one transaction of the scan. */
const CHUNK = 200;

export interface Duplicates {
  /** Event -> the older one that took it in. */
  mergedInto: ReadonlyMap<string, string>;
  /** Event -> ids of the review items that are new. */
  reviews: ReadonlyMap<string, string[]>;
}

/** Finds duplicates of the events that are new or that show something else than before. */
export async function findDuplicates(registry: Registry, tx: Tx, workings: readonly Working[], now: Date): Promise<Duplicates> {
  const ids = workings.filter(({ isNew, found, now: standing }) => isNew || differs(found, standing)).map(({ id }) => id);
  return compareWithOthers(registry, tx, ids, now);
}

/** Compares these events with all that they share a key with. */
export async function compareWithOthers(registry: Registry, tx: Tx, eventIds: readonly string[], now: Date): Promise<Duplicates> {
  const likenesses = await keepEventKeys(tx, eventIds, now);
  const found = await findByKeys(
    tx,
    "event",
    likenesses.map((one) => ({ entityId: one.id, probes: eventProbes(one) })),
    MOST,
  );
  // What is open is compared again too, whichever of the two finds the other.
  const alike = await alikeOf(tx, likenesses, [...found, ...(await openPairsOf(tx, "event", eventIds))]);
  const apart = new Set((await readNotDuplicates(tx, "event", alike)).map(topicOf));
  const open = alike.filter((one) => !apart.has(topicOf(one)));
  const sure = await withoutTakenDown(tx, open);
  const mergedInto = await mergeSame(registry, tx, sure);
  const reviews = await raise(registry, tx, likenesses, sure, mergedInto, now);
  return { mergedInto, reviews };
}

/**
 * Compares events that have not been since they last changed: what was here before duplicates were looked for, and what
 * two writers said at the same moment, neither seeing the other. Each chunk is a transaction.
 */
export async function scanEvents(registry: Registry): Promise<{ scanned: number; merged: number; candidates: number }> {
  const counts = { scanned: 0, merged: 0, candidates: 0 };
  for (;;) {
    const now = registry.clock();
    const found = await registry.database.transact(
      async (tx) => {
        const ids = await waitingFor(tx, "event", CHUNK);
        const duplicates = await compareWithOthers(registry, tx, ids, now);
        const again = new Set(duplicates.mergedInto.values());
        await markScanned(
          tx,
          ids.filter((id) => !again.has(id)),
          now,
        );
        return { ids, ...duplicates };
      },
      { actor: "job:scan-duplicates" },
    );
    if (found.ids.length === 0) return counts;
    counts.scanned += found.ids.length;
    counts.merged += found.mergedInto.size;
    counts.candidates += new Set([...found.reviews.values()].flat()).size;
  }
}

interface Alike extends Pair {
  comparison: Comparison;
}

const topicOf = ({ entityId, otherId }: Pair) => pairTopic("event", entityId, otherId);

/** The pairs that are the same or may be, each once, the most alike first. */
async function alikeOf(tx: Tx, likenesses: readonly EventLikeness[], pairs: readonly Pair[]): Promise<Alike[]> {
  const known = new Map(likenesses.map((one) => [one.id, one]));
  const others = new Set(pairs.flatMap((pair) => [pair.entityId, pair.otherId]).filter((id) => !known.has(id)));
  for (const one of await readEventLikeness(tx, [...others])) known.set(one.id, one);
  const distinct = new Map(pairs.map((pair) => [topicOf(pair), pair]));
  return [...distinct.values()]
    .flatMap((pair): Alike[] => {
      const [one, other] = [known.get(pair.entityId), known.get(pair.otherId)];
      if (one === undefined || other === undefined) return [];
      const comparison = neverForeign(one, other, neverHiding(one, other, compareEvents(one, other)));
      return comparison.verdict === "different" ? [] : [{ ...pair, comparison }];
    })
    .toSorted((a, b) => b.comparison.score - a.comparison.score || (topicOf(a) < topicOf(b) ? -1 : 1));
}

/** Texts that were taken down do not come back by way of a merge: such a pair is for a person. */
async function withoutTakenDown(tx: Tx, alike: readonly Alike[]): Promise<Alike[]> {
  const same = alike.filter((one) => one.comparison.verdict === "same");
  const takenDown = new Set(await takenDownOf(tx, [...new Set(same.flatMap((one) => [one.entityId, one.otherId]))]));
  return alike.map((one) =>
    takenDown.has(one.entityId) === takenDown.has(one.otherId) ? one : { ...one, comparison: { ...one.comparison, verdict: "candidate" } },
  );
}

/** What is in public is not merged into what is hidden, nor the other way round: that is for a person to decide. */
function neverHiding(one: EventLikeness, other: EventLikeness, found: Comparison): Comparison {
  const [here, there] = [one, other].map(({ lifecycleState }) => isPublic(lifecycleState as LifecycleState));
  if (found.verdict !== "same" || here === there) return found;
  return { ...found, verdict: "candidate", contradictions: [...found.contradictions, "visibility"] };
}

/** What a peer says is never merged by a rule: its URI is its origin's, and a person decides what to show instead. */
function neverForeign(one: EventLikeness, other: EventLikeness, found: Comparison): Comparison {
  return found.verdict === "same" && (one.origin ?? other.origin) !== undefined ? { ...found, verdict: "candidate" } : found;
}

/** Merges pair by pair; an event that has just been merged waits for the scan, when it is compared as what it is then. */
async function mergeSame(registry: Registry, tx: Tx, alike: readonly Alike[]): Promise<Map<string, string>> {
  const mergedInto = new Map<string, string>();
  const touched = new Set<string>();
  for (const { entityId, otherId, comparison } of alike) {
    if (comparison.verdict !== "same" || touched.has(entityId) || touched.has(otherId)) continue;
    const merge = await mergeEvents(registry, FINDER, tx, { ids: [entityId, otherId], rule: comparison.rule }).catch((error: unknown) => {
      // Somebody has deleted, merged or taken down one of the two since we looked; nothing was written by then.
      if (error instanceof RegistryError && ["gone", "conflict", "not_found"].includes(error.code)) return undefined;
      throw error;
    });
    if (merge === undefined) continue;
    const { keptId, goneId } = merge;
    mergedInto.set(goneId, keptId);
    touched.add(entityId).add(otherId);
  }
  await scanAgain(tx, [...mergedInto.values()]);
  return mergedInto;
}

const FINDER: Caller = { actor: "registry:duplicates", role: "admin" };

async function raise(
  registry: Registry,
  tx: Tx,
  compared: readonly EventLikeness[],
  alike: readonly Alike[],
  mergedInto: ReadonlyMap<string, string>,
  now: Date,
): Promise<Map<string, string[]>> {
  const candidates = alike.filter(
    ({ entityId, otherId, comparison }) => comparison.verdict === "candidate" && !mergedInto.has(entityId) && !mergedInto.has(otherId),
  );
  const items = candidates.map((pair): NewReview => {
    const { rule, score, features, contradictions } = pair.comparison;
    const [low, high] = pair.entityId < pair.otherId ? [pair.entityId, pair.otherId] : [pair.otherId, pair.entityId];
    return {
      id: registry.mint(now.getTime()),
      kind: "duplicate",
      topic: topicOf(pair),
      entityKind: "event",
      entityId: low,
      otherId: high,
      details: { rule, score, features, contradictions },
    };
  });
  const raised = new Map<string, string[]>();
  const added = new Map((await openReviews(tx, items, now)).map((item) => [item.topic, item.id]));
  for (const pair of candidates) {
    const id = added.get(topicOf(pair));
    if (id !== undefined) for (const eventId of [pair.entityId, pair.otherId]) raised.set(eventId, [...(raised.get(eventId) ?? []), id]);
  }
  await closeReviewsExcept(
    tx,
    { kind: "duplicate", entityIds: compared.map((one) => one.id), topics: items.map((item) => item.topic) },
    { state: "resolved", resolution: "no longer alike", decidedBy: FINDER.actor },
    now,
  );
  return raised;
}
