/** A source takes back what it said; when nobody else speaks for the event, the event is deleted. An admin deletes outright. */
import { audit } from "../db/audit.ts";
import { claimsOn, writeClaims } from "../db/claims.ts";
import type { Tx } from "../db/database.ts";
import { lockEvents, setState } from "../db/events.ts";
import { recordsOf, replaceRecords } from "../db/records.ts";
import { assertTransition } from "../domain/lifecycle.ts";
import type { Caller, Registry } from "./context.ts";
import { lockForRevision, notYours } from "./revise-event.ts";
import { conclude, differs, suffices, type Standing } from "./settle.ts";
import { speakerOf } from "./speaker.ts";
import { writeSettled } from "./write-settled.ts";

export interface Retraction {
  eventId: string;
  ifMatch?: string | undefined;
  reason?: string | undefined;
}

/** Throws `not_found`, `gone`, `forbidden`, `precondition_failed`. */
export async function retractEvent(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  { eventId, ifMatch, reason }: Retraction,
): Promise<{ outcome: "deleted" | "withdrawn_claims"; eventId: string }> {
  const now = registry.clock();
  const speaker = await speakerOf(registry, caller, tx);
  const state = await lockForRevision(tx, eventId, ifMatch);
  const records = await recordsOf(tx, [eventId]);
  const own = records.filter((record) => record.sourceId === speaker.id);
  const outright = caller.role === "admin" && caller.sourceId === undefined;
  if (own.length === 0 && !outright) throw notYours(speaker);

  const others = (await claimsOn(tx, [eventId])).filter((claim) => claim.sourceId !== speaker.id);
  const outcome = outright || !suffices(others) ? "deleted" : "withdrawn_claims";
  if (outcome === "deleted") {
    assertTransition(state.lifecycleState, "deleted");
    await setState(tx, eventId, "deleted", now);
  }
  if (!outright) await withdraw(registry, tx, eventId, speaker.id, records, outcome === "withdrawn_claims", now);
  await audit(
    tx,
    [
      {
        actor: caller.actor,
        onBehalfOf: caller.onBehalfOf,
        action: `event.${outcome}`,
        entityKind: "event",
        entityId: eventId,
        reason,
        requestId: caller.requestId,
      },
    ],
    now,
  );
  return { outcome, eventId };
}

/** Closes one source's records and claims; where the event lives on, the next best claims win. */
async function withdraw(
  registry: Registry,
  tx: Tx,
  eventId: string,
  sourceId: string,
  records: Awaited<ReturnType<typeof recordsOf>>,
  livesOn: boolean,
  now: Date,
): Promise<void> {
  const claims = await claimsOn(tx, [eventId]);
  const rest = claims.filter((claim) => claim.sourceId !== sourceId);
  await replaceRecords(
    tx,
    [],
    records.filter((record) => record.sourceId === sourceId).map((record) => record.id),
    now,
  );
  const closed = claims.filter((claim) => claim.sourceId === sourceId).map((claim) => claim.id);
  if (!livesOn) return writeClaims(tx, { closed, reobserved: [], demoted: [], promoted: [], opened: [] }, now);

  const locked = (await lockEvents(tx, [eventId])).get(eventId)!;
  const standing = records
    .filter((record) => record.sourceId !== sourceId)
    .map((record) => ({ ...record, fields: record.submission.fields }));
  const before: Standing = { ...locked, records: standing, claims };
  const settled = conclude(before, standing, rest);
  await writeSettled(registry, tx, [{ id: eventId, isNew: false, differs: differs(before, settled), settled }], now);
  const promoted = settled.claims
    .filter((claim) => claim.isWinner && !rest.find((one) => one.id === claim.id)!.isWinner)
    .map((claim) => claim.id!);
  const demoted = settled.claims
    .filter((claim) => !claim.isWinner && rest.find((one) => one.id === claim.id)!.isWinner)
    .map((claim) => claim.id!);
  await writeClaims(tx, { closed, reobserved: [], demoted, promoted, opened: [] }, now);
}
