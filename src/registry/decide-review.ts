/** A person decides what the queue asks of them: does it, closes the item, and leaves a line in the audit log. */
import { audit } from "../db/audit.ts";
import type { Tx } from "../db/database.ts";
import { closeReviewsOf, decideLocked, lockReview, readReview, type ReviewItem, type ReviewKind, type ReviewState } from "../db/reviews.ts";
import { RegistryError } from "../domain/errors.ts";
import { ulidOf } from "../domain/iri.ts";
import { claimedValue, sourceNamed } from "./claimed-value.ts";
import type { Caller, Registry } from "./context.ts";
import { acceptEmpty } from "./harvests.ts";
import { keepApart } from "./keep-apart.ts";
import { mergeAny } from "./merge-any.ts";
import { pinField } from "./pin-field.ts";
import { retractEvent } from "./retract-event.ts";
import { withdrawClaim } from "./withdraw-claim.ts";

export const REVIEW_ACTIONS = ["merge", "apart", "pin", "withdraw", "retract", "accept", "dismiss"] as const;
export type ReviewAction = (typeof REVIEW_ACTIONS)[number];

/** What can be done about which kind of item. */
export const ACTIONS_OF_KIND = {
  duplicate: ["merge", "apart", "dismiss"],
  conflict: ["pin", "withdraw", "retract", "dismiss"],
  withdrawn: ["accept", "retract", "dismiss"],
  silent: ["accept", "dismiss"],
  empty: ["accept", "dismiss"],
  rejects: ["accept", "dismiss"],
} as const satisfies Record<ReviewKind, readonly ReviewAction[]>;

export interface ReviewDecision {
  id: string;
  action: ReviewAction;
  /** pin, withdraw: the field, by its schema.org term. */
  field?: string | undefined;
  /** pin: the value itself, or … */
  value?: unknown;
  /** … the source whose value it is; withdraw: the source whose claim is taken back. */
  source?: string | undefined;
  reason?: string | undefined;
}

/** What came of it: the item as it is then, and what an undo needs. */
export interface Decided {
  item: ReviewItem;
  mergeId?: string;
  withdrawalId?: string;
}

type Done = Omit<Decided, "item"> & { resolution: string; state?: Exclude<ReviewState, "open"> };

/** Throws `not_found`, `conflict` for an item that was decided already, `invalid_body` for an action that it does not have. */
export async function decideReview(registry: Registry, caller: Caller, tx: Tx, decision: ReviewDecision): Promise<Decided> {
  const { id, action, reason } = decision;
  const item = await lockReview(tx, id);
  if (item === undefined) throw new RegistryError("not_found", { detail: "There is no such review item." });
  if (item.state !== "open")
    throw new RegistryError("conflict", { detail: `This was decided already, by ${item.decidedBy}: ${item.resolution}.` });
  const possible: readonly ReviewAction[] = ACTIONS_OF_KIND[item.kind];
  if (!possible.includes(action)) throw invalid("action", `expected ${possible.join(", ")} for an item of kind ${item.kind}`);

  const now = registry.clock();
  const { resolution, state = "resolved", ...undoable } = await act(registry, caller, tx, item, decision);
  // A conflict of several fields stays open until the last of them is settled.
  const settled =
    item.kind !== "conflict" || state === "dismissed" || resolution === "retracted" || (await readReview(tx, id))?.state !== "open";
  if (settled) await decideLocked(tx, id, { state, resolution, decidedBy: caller.actor, reason }, now);
  await audit(
    tx,
    [
      {
        actor: caller.actor,
        onBehalfOf: caller.onBehalfOf,
        action: `review.${resolution}`,
        ...(item.entityKind !== null && item.entityId !== null && { entityKind: item.entityKind, entityId: item.entityId }),
        ...(item.entityId === null && item.sourceId !== null && { entityKind: "source" as const, entityId: item.sourceId }),
        reason,
        requestId: caller.requestId,
        details: { review: ulidOf(id), kind: item.kind, ...(decision.field !== undefined && { field: decision.field }) },
      },
    ],
    now,
  );
  return { item: (await readReview(tx, id))!, ...undoable };
}

async function act(registry: Registry, caller: Caller, tx: Tx, item: ReviewItem, decision: ReviewDecision): Promise<Done> {
  const { reason } = decision;
  switch (decision.action) {
    case "merge": {
      const { mergeId } = await mergeAny(registry, caller, tx, { ...pairOf(item), reason });
      return { resolution: "merged", mergeId };
    }
    case "apart":
      await keepApart(registry, caller, tx, { ...pairOf(item), reason });
      return { resolution: "apart" };
    case "pin": {
      const [eventId, field] = [item.entityId!, wanted(decision.field, "field")];
      const { source } = decision;
      if ((source === undefined) === (decision.value === undefined))
        throw invalid("value", "expected either a value, or the source whose value is to stand");
      const value = source === undefined ? decision.value : await claimedValue(tx, { eventId, field, source });
      await pinField(registry, caller, tx, { eventId, field, value, reason });
      return { resolution: "pinned" };
    }
    case "withdraw": {
      const [eventId, field] = [item.entityId!, wanted(decision.field, "field")];
      const { id: sourceId } = await sourceNamed(tx, wanted(decision.source, "source"));
      const { withdrawalId } = await withdrawClaim(registry, caller, tx, { eventId, sourceId, field, reason });
      return { resolution: "claim_withdrawn", withdrawalId };
    }
    case "retract": {
      const eventId = item.entityId!;
      await retractEvent(registry, { ...caller, sourceId: undefined }, tx, { eventId, reason });
      const all = { state: "resolved", resolution: "retracted", decidedBy: caller.actor, reason } as const;
      await closeReviewsOf(tx, eventId, all, registry.clock());
      return { resolution: "retracted" };
    }
    case "accept":
      if (item.kind === "empty") await acceptEmpty(registry, caller, tx, { sourceId: item.sourceId!, reason });
      return { resolution: "accepted" };
    case "dismiss":
      return { resolution: "dismissed", state: "dismissed" };
  }
}

/** A duplicate's pair; the table has no such item without one. */
function pairOf({ entityKind, entityId, otherId }: ReviewItem) {
  return { kind: entityKind!, ids: [entityId!, otherId!] as const };
}

function wanted(value: string | undefined, name: string): string {
  if (value === undefined) throw invalid(name, "expected one for this action");
  return value;
}

const invalid = (name: string, detail: string) => new RegistryError("invalid_body", { detail: `${name}: ${detail}.`, pointer: `/${name}` });
