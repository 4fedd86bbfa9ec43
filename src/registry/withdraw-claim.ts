/** One word taken back: the next best claim on that field wins, until the source says something else or the word is let in again. */
import { audit } from "../db/audit.ts";
import { claimsOn } from "../db/claims.ts";
import type { Tx } from "../db/database.ts";
import { recordsOf } from "../db/records.ts";
import { insertWithdrawal, liftedWithdrawal } from "../db/withdrawals.ts";
import { partsOf } from "../domain/canonical-series.ts";
import { foldRecords } from "../domain/provenance.ts";
import { RegistryError } from "../domain/errors.ts";
import { eventFields, occurrenceOverride, type EventFields, type FieldName } from "../domain/submission.ts";
import type { Caller, Registry } from "./context.ts";
import { resettleEvents } from "./resettle.ts";
import { suffices, valueHash } from "./settle.ts";
import { loadWorkings } from "./working.ts";

export interface WithdrawnWord {
  eventId: string;
  sourceId: string;
  /** A schema.org term such as "name"; of one occurrence "subEvent/20260508T190000/name". */
  field: string;
  reason?: string | undefined;
}

/**
 * Throws `invalid_body` for an unknown field, `not_found` where the source claims no such field, `conflict` where the event
 * would be left without a name, a start or a place, and `forbidden` where another source than the caller's is named.
 */
export async function withdrawClaim(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  { eventId: given, sourceId, field, reason }: WithdrawnWord,
): Promise<{ withdrawalId: string }> {
  assertWord(field);
  if (caller.role !== "admin" && caller.sourceId !== sourceId)
    throw new RegistryError("forbidden", { detail: "source: this key may only take back what its own source said." });
  const now = registry.clock();
  const event = (await loadWorkings(tx, [given])).get(given);
  if (event === undefined) throw new RegistryError("not_found", { detail: "There is no such event." });
  const claims = await claimsOn(tx, [event.id]);
  const claim = claims.find((one) => one.sourceId === sourceId && one.field === field);
  if (claim === undefined) throw new RegistryError("not_found", { detail: `field: this source claims no ${field} of this event.` });
  if (!suffices(claims.filter((one) => one !== claim)))
    throw new RegistryError("conflict", {
      detail: `field: nobody else says a ${field} of this event; pin another value first, or retract the event.`,
      pointer: "/field",
    });

  const withdrawalId = registry.mint(now.getTime());
  await insertWithdrawal(tx, {
    id: withdrawalId,
    eventId: await homeOf(tx, event.id, sourceId, field, claim.value),
    sourceId,
    field: `/${field}`,
    valueHash: valueHash(claim.value),
    actor: caller.actor,
    reason: reason ?? null,
    withdrawnAt: now,
  });
  await resettleEvents(registry, tx, [event.id], now);
  await audited(tx, caller, "claim.withdrawn", event.id, { withdrawalId, sourceId, field }, reason, now);
  return { withdrawalId };
}

/** Throws `invalid_body` for what no claim is about; what single occurrences have of their own is said word by word. */
function assertWord(field: string): void {
  const term = partsOf(field)?.term;
  if (term === undefined ? field in eventFields.shape && field !== "overrides" : term in occurrenceOverride.shape) return;
  const fields = Object.keys(eventFields.shape).filter((name) => name !== "overrides");
  throw new RegistryError("invalid_body", {
    detail: `field: "${field.slice(0, 100)}" is no field of an event; expected one of ${fields.join(", ")}, or of one occurrence subEvent/20260508T190000/ and one of ${Object.keys(occurrenceOverride.shape).join(", ")}.`,
    pointer: "/field",
  });
}

/** The event that the word was said of before any merge, so that an undo takes the withdrawal along. */
async function homeOf(tx: Tx, eventId: string, sourceId: string, field: string, value: unknown): Promise<string> {
  const own = (await recordsOf(tx, [eventId])).filter((record) => record.sourceId === sourceId);
  const homes = [...Map.groupBy(own, (record) => record.homeEventId ?? eventId)];
  const said = homes.find(([, records]) => {
    const { fields } = foldRecords(records.map((record) => ({ ...record, fields: record.submission.fields })));
    return valueHash(wordIn(fields, field)) === valueHash(value);
  });
  return said?.[0] ?? eventId;
}

function wordIn(fields: Partial<EventFields>, field: string): unknown {
  const parts = partsOf(field);
  return parts === undefined ? fields[field as FieldName] : fields.overrides?.[parts.recurrenceId]?.[parts.term];
}

/** The word counts again, where the source still says it. Throws `not_found`. */
export async function liftWithdrawal(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  { withdrawalId, reason }: { withdrawalId: string; reason?: string | undefined },
): Promise<{ eventId: string }> {
  const now = registry.clock();
  const lifted = await liftedWithdrawal(tx, withdrawalId, caller.actor, now);
  if (lifted === undefined) throw new RegistryError("not_found", { detail: "There is no such withdrawal, or it was lifted already." });
  if (caller.role !== "admin" && caller.sourceId !== lifted.sourceId)
    throw new RegistryError("forbidden", { detail: "source: this key may only speak for its own source." });
  const { eventId, sourceId, field } = lifted;
  await resettleEvents(registry, tx, [eventId], now);
  await audited(tx, caller, "claim.reinstated", eventId, { withdrawalId, sourceId, field: field.slice(1) }, reason, now);
  return { eventId };
}

async function audited(
  tx: Tx,
  caller: Caller,
  action: string,
  entityId: string,
  details: object,
  reason: string | undefined,
  now: Date,
): Promise<void> {
  const { actor, onBehalfOf, requestId } = caller;
  await audit(tx, [{ actor, onBehalfOf, action, entityKind: "event", entityId, reason, requestId, details }], now);
}
