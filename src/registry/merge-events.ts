/**
 * Two events that are one: the newer leads on to the older from then on, and everything said of it is said of the older.
 *
 * A merge moves records and decides anew; it copies nothing. Each moved record remembers the event that it was first
 * taken for (`homeEventId`), so an undo moves it back and decides both anew: exactly what they would be, had the two
 * never been merged, also after their sources have said more.
 */
import { audit } from "../db/audit.ts";
import { claimsOn, writeClaims } from "../db/claims.ts";
import type { Tx } from "../db/database.ts";
import { dropKeys, rememberApart } from "../db/duplicate-keys.ts";
import { setState } from "../db/events.ts";
import { endOfChain, insertMerge, leadOn, membersOf, moveRecords, moveRecordsBack, readMerge, undone } from "../db/merges.ts";
import { closeReviews, closeReviewsOf, pairTopic } from "../db/reviews.ts";
import { stateOf } from "../domain/canonical.ts";
import { RegistryError } from "../domain/errors.ts";
import { isPublic, type LifecycleState } from "../domain/lifecycle.ts";
import type { Caller, Registry } from "./context.ts";
import { keepEventKeys } from "./event-keys.ts";
import { resettleEvents } from "./resettle.ts";
import { suffices } from "./settle.ts";
import { loadWorkings, type Working } from "./working.ts";

export interface MergeRequest {
  ids: readonly [string, string];
  reason?: string | undefined;
  /** The rule that found them to be one, where it was no person. */
  rule?: string | undefined;
}

/** What an undo must know: the states that a hand or a job had set. */
interface Before {
  kept?: LifecycleState;
  gone?: LifecycleState;
}

/** Keeps our own before a peer's, then the older one. Throws `not_found`, `gone` for an event that is deleted here or at its origin, `conflict` where the two lead to one already. */
export async function mergeEvents(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  { ids, reason, rule }: MergeRequest,
): Promise<{ mergeId: string; keptId: string; goneId: string }> {
  const now = registry.clock();
  const workings = await loadWorkings(tx, ids);
  const both = ids.map((id) => workings.get(id));
  if (both.includes(undefined)) throw new RegistryError("not_found", { detail: "ids: this node has no such event." });
  const [kept, gone] = both.map((one) => one!).toSorted((a, b) => Number(a.isForeign) - Number(b.isForeign) || (a.id < b.id ? -1 : 1));
  if (kept === undefined || gone === undefined || kept === gone)
    throw new RegistryError("conflict", { detail: "ids: the two are one event already." });
  if ([kept, gone].some((one) => one.found.lifecycleState === "deleted"))
    throw new RegistryError("gone", { detail: "ids: a deleted event stays deleted and cannot be merged." });
  if ([kept, gone].some((one) => one.found.gone))
    throw new RegistryError("gone", { detail: "ids: the origin of one of the two says that it is no more." });
  // The texts of the one would come to stand where those of the other were taken away.
  if (kept.takenDown !== gone.takenDown)
    throw new RegistryError("conflict", { detail: "ids: the texts of one of the two were taken down; take the other's down first." });

  await moveRecords(tx, gone.id, kept.id, now);
  const closed = gone.found.claims.map((claim) => claim.id!);
  await writeClaims(tx, { closed, reobserved: [], demoted: [], promoted: [], opened: [] }, now);
  await leadOn(tx, "event", gone.id, kept.id, now);
  await resettleEvents(registry, tx, [kept.id], now);
  await dropKeys(tx, [gone.id]);
  await keepEventKeys(tx, [kept.id], now);

  const mergeId = registry.mint(now.getTime());
  const before: Before = {
    ...(isByHand(kept) && { kept: kept.found.lifecycleState! }),
    ...(isByHand(gone) && { gone: gone.found.lifecycleState! }),
  };
  await insertMerge(tx, { id: mergeId, kind: "event", keptId: kept.id, goneId: gone.id, rule, actor: caller.actor, reason, before }, now);
  const decision = { state: "resolved", resolution: "merged", decidedBy: caller.actor, reason } as const;
  await closeReviews(tx, [pairTopic("event", kept.id, gone.id)], decision, now);
  await closeReviewsOf(tx, gone.id, decision, now);
  await audit(
    tx,
    [
      {
        actor: caller.actor,
        onBehalfOf: caller.onBehalfOf,
        action: "event.merged_into",
        entityKind: "event",
        entityId: gone.id,
        reason,
        requestId: caller.requestId,
        details: { keptId: kept.id, mergeId, ...(rule !== undefined && { rule }) },
      },
    ],
    now,
  );
  return { mergeId, keptId: kept.id, goneId: gone.id };
}

/** Takes a merge back and remembers the two as two. Throws `not_found`, and `conflict` where it was undone already. */
export async function undoMerge(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  { mergeId, reason }: { mergeId: string; reason?: string | undefined },
): Promise<{ keptId: string; goneId: string }> {
  const now = registry.clock();
  const merge = await readMerge(tx, mergeId);
  if (merge === undefined || merge.kind !== "event") throw new RegistryError("not_found", { detail: "There is no such merge of events." });
  const { goneId } = merge;
  const keptId = await endOfChain(tx, "event", merge.keptId);
  // Whoever merges or settles one of them meanwhile waits here, and then sees what we did.
  await loadWorkings(tx, [keptId, goneId]);
  if (!(await undone(tx, mergeId, { actor: caller.actor, reason }, now)))
    throw new RegistryError("conflict", { detail: "This merge was undone already." });

  const members = await membersOf(tx, goneId);
  await leadOn(tx, "event", goneId, null, now);
  for (const member of members) if (member !== goneId) await leadOn(tx, "event", member, goneId, now);
  await moveRecordsBack(tx, members, goneId, now);
  await closeStrayClaims(tx, goneId, now);
  await resettleEvents(registry, tx, [keptId, goneId], now);
  const before = merge.before as Before;
  await restoreByHand(tx, keptId, before.kept, now);
  await restoreByHand(tx, goneId, before.gone, now);
  await keepEventKeys(tx, [keptId, goneId], now);
  await rememberApart(tx, "event", { entityId: merge.keptId, otherId: goneId }, { actor: caller.actor, reason }, now);
  await audit(
    tx,
    [
      {
        actor: caller.actor,
        onBehalfOf: caller.onBehalfOf,
        action: "event.unmerged",
        entityKind: "event",
        entityId: goneId,
        reason,
        requestId: caller.requestId,
        details: { keptId, mergeId },
      },
    ],
    now,
  );
  return { keptId, goneId };
}

/** A merged event has no claims of its own. */
async function closeStrayClaims(tx: Tx, eventId: string, now: Date): Promise<void> {
  const closed = (await claimsOn(tx, [eventId])).map((claim) => claim.id);
  await writeClaims(tx, { closed, reobserved: [], demoted: [], promoted: [], opened: [] }, now);
}

/** True for a state that does not follow from what is said; one that nobody speaks for is out of sight for that alone. */
const isByHand = ({ found }: Working): boolean => suffices(found.claims) && found.lifecycleState !== stateOf(found.eventStatus);

/** A state that was set by hand before the merge holds again, unless a hand has set another one since. */
async function restoreByHand(tx: Tx, eventId: string, state: LifecycleState | undefined, now: Date): Promise<void> {
  if (state === undefined) return;
  const { found } = (await loadWorkings(tx, [eventId])).get(eventId)!;
  const settled = found.lifecycleState === stateOf(found.eventStatus);
  if (settled && isPublic(found.lifecycleState!)) await setState(tx, eventId, state, now);
}
