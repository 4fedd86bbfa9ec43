/**
 * Looks for places, organizations and persons that are one (data.md, "Identity and duplicates"), among those that are new
 * or described anew. What is surely the same is merged; what may be the same is for a person to decide.
 */
import type { Tx } from "../db/database.ts";
import { findByKeys, keepKeys, markScanned, readNotDuplicates, scanAgain, type Pair } from "../db/duplicate-keys.ts";
import type { MentionKind } from "../db/mentions.ts";
import { lockMerges } from "../db/merge-others.ts";
import { othersWaiting, readAgentLikeness, readPlaceLikeness } from "../db/other-likeness.ts";
import { closeReviewsExcept, openReviews, pairTopic, type NewReview } from "../db/reviews.ts";
import {
  agentKeys,
  agentProbes,
  compareAgents,
  comparePlaces,
  placeKeys,
  placeProbes,
  type AgentLikeness,
  type Comparison,
  type PlaceLikeness,
} from "../domain/duplicates.ts";
import type { Caller, Registry } from "./context.ts";
import { mergeOthers } from "./merge-others.ts";

/** At most so many others are compared with one, those that share most keys first. */
const MOST = 50;
/** Entities of one transaction. */
const CHUNK = 200;
const SCANNER: Caller = { actor: "job:scan-duplicates", role: "admin" };

export interface Scanned {
  scanned: number;
  /** Review items that are new. */
  candidates: number;
  merged: number;
}

/**
 * Compares what has not been compared since it was last described, at most `limit` of them. Each chunk is a transaction,
 * so that a scan that is cut off goes on where it stopped; one with nothing new to compare does nothing.
 */
export async function scanOthers(registry: Registry, kind: MentionKind, { limit = Infinity }: { limit?: number } = {}): Promise<Scanned> {
  const counts: Scanned = { scanned: 0, candidates: 0, merged: 0 };
  let after: string | undefined;
  let mergedBefore = 0;
  while (counts.scanned < limit) {
    const found = await registry.database.transact((tx) => scanChunk(registry, tx, kind, after, Math.min(CHUNK, limit - counts.scanned)), {
      actor: SCANNER.actor,
    });
    if (found.last === undefined) {
      // What took another one in waits to be compared with the rest.
      if (counts.merged === mergedBefore) break;
      mergedBefore = counts.merged;
    }
    after = found.last;
    counts.scanned += found.scanned;
    counts.candidates += found.candidates;
    counts.merged += found.merged;
  }
  return counts;
}

async function scanChunk(
  registry: Registry,
  tx: Tx,
  kind: MentionKind,
  after: string | undefined,
  most: number,
): Promise<Scanned & { last: string | undefined }> {
  const now = registry.clock();
  // Before anything else, as mergeOthers takes it: two scans, or a scan and a person, then wait and never in a circle.
  await lockMerges(tx, kind);
  const ids = await othersWaiting(tx, kind, after, most);
  const { likenesses, pairs } = await likeThose(tx, kind, ids, now);
  const apart = new Set((await readNotDuplicates(tx, kind, pairs)).map((pair) => pairTopic(kind, pair.entityId, pair.otherId)));
  const open = pairs.filter((pair) => !apart.has(pairTopic(kind, pair.entityId, pair.otherId)));

  const { kept, gone } = await mergeSame(registry, tx, kind, open);
  const doubtful = open.filter((one) => one.comparison.verdict === "candidate" && !gone.has(one.entityId) && !gone.has(one.otherId));
  const opened = await openReviews(
    tx,
    doubtful.map((pair) => reviewOf(registry, kind, pair, now)),
    now,
  );
  await closeReviewsExcept(
    tx,
    {
      kind: "duplicate",
      entityIds: likenesses.map((one) => one.id),
      topics: open.map((pair) => pairTopic(kind, pair.entityId, pair.otherId)),
    },
    { state: "resolved", resolution: "no longer alike", decidedBy: SCANNER.actor },
    now,
  );
  await markScanned(tx, ids, now);
  await scanAgain(tx, [...kept]);
  return { scanned: ids.length, candidates: opened.length, merged: gone.size, last: ids.at(-1) };
}

interface Alike extends Pair {
  comparison: Comparison;
}

/** Keeps the keys of these, and finds what else may be one with each: every pair once, the most alike first. */
async function likeThose(
  tx: Tx,
  kind: MentionKind,
  ids: readonly string[],
  now: Date,
): Promise<{ likenesses: { id: string }[]; pairs: Alike[] }> {
  if (kind === "place") return likeThoseBy(tx, kind, ids, { ...PLACES, read: readPlaceLikeness }, now);
  return likeThoseBy(tx, kind, ids, { ...AGENTS, read: (on, some) => readAgentLikeness(on, kind, some) }, now);
}

/** How one kind is read, keyed and compared. */
interface Comparing<T> {
  read: (on: Tx, ids: readonly string[]) => Promise<T[]>;
  keys: (one: T) => bigint[];
  probes: (one: T) => bigint[];
  compare: (a: T, b: T) => Comparison;
}
const PLACES: Omit<Comparing<PlaceLikeness>, "read"> = { keys: placeKeys, probes: placeProbes, compare: comparePlaces };
const AGENTS: Omit<Comparing<AgentLikeness>, "read"> = { keys: agentKeys, probes: agentProbes, compare: compareAgents };

async function likeThoseBy<T extends { id: string; origin?: string }>(
  tx: Tx,
  kind: MentionKind,
  ids: readonly string[],
  { read, keys, probes, compare }: Comparing<T>,
  now: Date,
): Promise<{ likenesses: T[]; pairs: Alike[] }> {
  const likenesses = await read(tx, ids);
  await keepKeys(
    tx,
    likenesses.map((one) => ({ entityId: one.id, kind, keys: keys(one) })),
    now,
  );
  const found = await findByKeys(
    tx,
    kind,
    likenesses.map((one) => ({ entityId: one.id, probes: probes(one) })),
    MOST,
  );
  const known = new Map(likenesses.map((one) => [one.id, one]));
  const others = new Set(found.map((pair) => pair.otherId).filter((id) => !known.has(id)));
  for (const one of await read(tx, [...others])) known.set(one.id, one);
  const distinct = new Map(found.map((pair) => [pairTopic(kind, pair.entityId, pair.otherId), pair]));
  const pairs = [...distinct].flatMap(([topic, pair]) => {
    const [one, other] = [known.get(pair.entityId), known.get(pair.otherId)];
    if (one === undefined || other === undefined) return [];
    const comparison = neverForeign(one, other, compare(one, other));
    return comparison.verdict === "different" ? [] : [{ ...pair, topic, comparison }];
  });
  return { likenesses, pairs: pairs.toSorted((a, b) => b.comparison.score - a.comparison.score || (a.topic < b.topic ? -1 : 1)) };
}

/** What a peer says is never merged by a rule: that is for a person to decide. */
function neverForeign(one: { origin?: string }, other: { origin?: string }, found: Comparison): Comparison {
  return found.verdict === "same" && (one.origin ?? other.origin) !== undefined ? { ...found, verdict: "candidate" } : found;
}

/** Merges pair by pair; one that has just been merged waits for the next look, when it is compared as what it is then. */
async function mergeSame(
  registry: Registry,
  tx: Tx,
  kind: MentionKind,
  pairs: readonly Alike[],
): Promise<{ kept: Set<string>; gone: Set<string> }> {
  const [kept, gone] = [new Set<string>(), new Set<string>()];
  for (const { entityId, otherId, comparison } of pairs) {
    const touched = [entityId, otherId].some((id) => kept.has(id) || gone.has(id));
    if (comparison.verdict !== "same" || touched) continue;
    const merge = await mergeOthers(registry, SCANNER, tx, { kind, ids: [entityId, otherId], rule: comparison.rule });
    kept.add(merge.keptId);
    gone.add(merge.goneId);
  }
  return { kept, gone };
}

function reviewOf(registry: Registry, kind: MentionKind, { entityId, otherId, comparison }: Alike, now: Date): NewReview {
  const { rule, score, features, contradictions } = comparison;
  const [low, high] = entityId < otherId ? [entityId, otherId] : [otherId, entityId];
  return {
    id: registry.mint(now.getTime()),
    kind: "duplicate",
    topic: pairTopic(kind, low, high),
    entityKind: kind,
    entityId: low,
    otherId: high,
    details: { rule, score, features, contradictions },
  };
}
