/** A source takes back what it said; when nobody else speaks for the event, the event is deleted. An admin deletes outright. */
import { audit } from "../db/audit.ts";
import { claimsOn, writeClaims } from "../db/claims.ts";
import type { Tx } from "../db/database.ts";
import { setState } from "../db/events.ts";
import { recordsOf, replaceRecords } from "../db/records.ts";
import { assertTransition } from "../domain/lifecycle.ts";
import type { Caller, Registry } from "./context.ts";
import { notYours } from "./own-word.ts";
import { lockForRevision } from "./revise-event.ts";
import { resettleEvents } from "./resettle.ts";
import { suffices } from "./settle.ts";
import { speakerOf } from "./speaker.ts";

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
  const state = await lockForRevision(registry, tx, eventId, ifMatch);
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
  if (!outright) {
    await replaceRecords(
      tx,
      [],
      own.map((record) => record.id),
      now,
    );
    if (outcome === "deleted") await closeClaims(tx, eventId, speaker.id, now);
    else await resettleEvents(registry, tx, [eventId], now);
  }
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

async function closeClaims(tx: Tx, eventId: string, sourceId: string, now: Date): Promise<void> {
  const closed = (await claimsOn(tx, [eventId])).filter((claim) => claim.sourceId === sourceId).map((claim) => claim.id);
  await writeClaims(tx, { closed, reobserved: [], demoted: [], promoted: [], opened: [] }, now);
}
