/**
 * Two places, organizations or persons that are one: the newer leads on to the older from then on, and whatever points at
 * it points at the older. What events say stays as it is; so an undo finds by their words what belongs to which of the
 * two, also of what has come since.
 */
import { audit, type AuditEntry } from "../db/audit.ts";
import type { Tx } from "../db/database.ts";
import { dropKeys, readNotDuplicates, rememberApart, scanAgain } from "../db/duplicate-keys.ts";
import { foreignAmong } from "../db/foreign-entities.ts";
import type { MentionKind } from "../db/mentions.ts";
import {
  gatherNames,
  leadTo,
  lockLed,
  lockMerges,
  openPairTopics,
  readFollowing,
  readOwnNames,
  restoreOwnNames,
  type Led,
} from "../db/merge-others.ts";
import { endOfChain, insertMerge, readMerge, undone } from "../db/merges.ts";
import { closeReviews } from "../db/reviews.ts";
import { lockStanding, moveAll, type NamedOccurrence } from "../db/standing.ts";
import { RegistryError } from "../domain/errors.ts";
import type { Caller, Registry } from "./context.ts";
import { giveBack, rekeyEvents } from "./give-back.ts";

export interface OthersMergeRequest {
  kind: MentionKind;
  ids: readonly [string, string];
  reason?: string | undefined;
  /** The rule that found them to be one, where it was no person. */
  rule?: string | undefined;
}

/** What an undo cannot find out from the words of today. */
export interface BeforeOthersMerge {
  /** Of an organization or person: the alternate names that were the kept one's own. */
  alternateNames?: string[];
  /** Events that were moved though no claim says where they belong (of withdrawn sources, merged or deleted). */
  unspoken?: string[];
  /** Occurrences with a venue of their own that were moved. */
  occurrences?: string[];
  overrides?: NamedOccurrence[];
}

/**
 * Keeps our own before a peer's, then the older one; ids that were merged before stand for the end of their chain. Throws `not_found`, `gone` for a
 * deleted one, and `conflict` where the two are one already or, for a rule, where a person has said that they are two.
 */
export async function mergeOthers(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  { kind, ids, reason, rule }: OthersMergeRequest,
): Promise<{ mergeId: string; keptId: string; goneId: string }> {
  const now = registry.clock();
  await lockMerges(tx, kind);
  const [keptId, goneId] = await endsOf(tx, kind, ids);
  if (rule !== undefined && (await readNotDuplicates(tx, kind, [{ entityId: keptId, otherId: goneId }])).length > 0)
    throw new RegistryError("conflict", { detail: `ids: these ${kind}s are remembered as two, and only a person may merge them.` });
  // A place that takes another in is not changed itself; an agent gets another name, which touches its own events too.
  await lockStanding(tx, kind, kind === "place" ? [goneId] : [keptId, goneId]);
  const led = await lockLed(tx, kind, [keptId, goneId]);
  assertThere(kind, led, [keptId, goneId]);

  const moved = await moveAll(tx, kind, { from: goneId, to: keptId }, now);
  const before: BeforeOthersMerge = {
    ...(kind !== "place" && { alternateNames: await readOwnNames(tx, kind, keptId) }),
    ...(moved.unspoken.length > 0 && { unspoken: moved.unspoken }),
    ...(moved.occurrences.length > 0 && { occurrences: moved.occurrences }),
    ...(moved.overrides.length > 0 && { overrides: moved.overrides }),
  };
  const mergeId = registry.mint(now.getTime());
  await insertMerge(tx, { id: mergeId, kind, keptId, goneId, rule, actor: caller.actor, reason, before }, now);
  const following = led.filter((one) => one.endId === goneId).map((one) => one.id);
  await leadTo(tx, kind, following, keptId, now);
  if (kind !== "place") await gatherNames(tx, kind, [keptId], now);
  await eventsMoved(registry, tx, kind, moved.events);

  await dropKeys(tx, following);
  const topics = await openPairTopics(
    tx,
    kind,
    led.map((one) => one.id),
  );
  await closeReviews(tx, topics, { state: "resolved", resolution: "merged", decidedBy: caller.actor, reason }, now);
  const details = { keptId, mergeId, ...(rule !== undefined && { rule }) };
  await audit(tx, [entry(caller, `${kind}.merged_into`, kind, goneId, reason, details)], now);
  return { mergeId, keptId, goneId };
}

/**
 * Takes a merge back, with every event whose winning word names the one that was gone, or one that led to it; and
 * remembers the two as two. Throws `not_found`, and `conflict` where it was undone already.
 */
export async function undoOthersMerge(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  { mergeId, reason }: { mergeId: string; reason?: string | undefined },
): Promise<{ keptId: string; goneId: string }> {
  const now = registry.clock();
  const merge = await readMerge(tx, mergeId);
  if (merge === undefined || merge.kind === "event")
    throw new RegistryError("not_found", { detail: "There is no such merge of places, organizations or persons." });
  const { kind, keptId, goneId } = merge;
  const before = merge.before as BeforeOthersMerge;
  await lockMerges(tx, kind);
  if (!(await undone(tx, mergeId, { actor: caller.actor, reason }, now)))
    throw new RegistryError("conflict", { detail: "This merge was undone already." });

  const endId = await endOfChain(tx, kind, keptId);
  await lockStanding(tx, kind, [endId]);
  const led = await lockLed(tx, kind, [endId]);
  const following = await readFollowing(tx, kind, goneId);
  await leadTo(
    tx,
    kind,
    following.map((one) => one.id),
    goneId,
    now,
  );
  const keys = new Set(following.map((one) => one.key));
  const moved = await giveBack(tx, { kind, from: endId, to: goneId, keys, ...before }, now);
  if (kind !== "place") {
    await restoreOwnNames(tx, kind, keptId, before.alternateNames ?? [], now);
    await gatherNames(tx, kind, [endId, goneId], now);
  }
  await eventsMoved(registry, tx, kind, moved);

  await rememberApart(tx, kind, { entityId: keptId, otherId: goneId }, { actor: caller.actor, reason }, now);
  // Which of the two resembles a third one is a question anew.
  await scanAgain(
    tx,
    led.map((one) => one.id),
  );
  await audit(tx, [entry(caller, `${kind}.unmerged`, kind, goneId, reason, { keptId, mergeId })], now);
  return { keptId, goneId };
}

/** The ends of both chains, that one first which is kept. */
async function endsOf(tx: Tx, kind: MentionKind, [a, b]: readonly [string, string]): Promise<[string, string]> {
  const [one, other] = [await endOfChain(tx, kind, a), await endOfChain(tx, kind, b)];
  if (one === other && a !== b) throw new RegistryError("conflict", { detail: `ids: the two are one ${kind} already.` });
  if (one === other) throw new RegistryError("conflict", { detail: `ids: two different ${kind}s are needed, and this is one.` });
  const foreign = await foreignAmong(tx, kind, [one, other]);
  if (foreign.has(one) !== foreign.has(other)) return foreign.has(one) ? [other, one] : [one, other];
  return one < other ? [one, other] : [other, one];
}

function assertThere(kind: MentionKind, led: readonly Led[], ids: readonly string[]): void {
  const found = new Map(led.map((one) => [one.id, one]));
  if (ids.some((id) => !found.has(id))) throw new RegistryError("not_found", { detail: `ids: this node has no such ${kind}.` });
  if (ids.some((id) => found.get(id)!.deleted))
    throw new RegistryError("gone", { detail: `ids: a deleted ${kind} stays deleted and cannot be merged.` });
}

/** Events that stand elsewhere now have another identity, may resemble other events, and read otherwise. */
async function eventsMoved(registry: Registry, tx: Tx, kind: MentionKind, eventIds: readonly string[]): Promise<void> {
  if (eventIds.length === 0) return;
  if (kind === "place") await rekeyEvents(tx, eventIds);
  await scanAgain(tx, eventIds);
  await registry.enqueue(tx, { queue: "embed-events" });
}

const entry = (
  caller: Caller,
  action: string,
  kind: MentionKind,
  entityId: string,
  reason: string | undefined,
  details: object,
): AuditEntry => ({
  actor: caller.actor,
  onBehalfOf: caller.onBehalfOf,
  action,
  entityKind: kind,
  entityId,
  reason,
  requestId: caller.requestId,
  details,
});
