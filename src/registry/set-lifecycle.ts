/** An admin moves an event through its lifecycle by hand: to a draft's publication, a withdrawal, a reinstatement. */
import { audit } from "../db/audit.ts";
import type { Tx } from "../db/database.ts";
import { lockEvents, setState } from "../db/events.ts";
import { goneAmong } from "../db/foreign-entities.ts";
import { RegistryError } from "../domain/errors.ts";
import { stateOf } from "../domain/canonical.ts";
import { assertTransition, isPublic, type LifecycleState } from "../domain/lifecycle.ts";
import type { Caller, Registry } from "./context.ts";

/**
 * Throws `not_found`, `invalid_transition` with the list of allowed states, and `conflict` for what is gone at its origin, or is called off
 * by a source's word, which would go on being shown.
 */
export async function setLifecycle(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  { eventId, state, reason }: { eventId: string; state: LifecycleState; reason?: string | undefined },
): Promise<void> {
  const event = (await lockEvents(tx, [eventId])).get(eventId);
  if (event === undefined) throw new RegistryError("not_found", { detail: "There is no such event." });
  assertTransition(event.lifecycleState, state);
  if (event.lifecycleState === state) return;
  if (isPublic(state) && (await goneAmong(tx, [eventId])).has(eventId))
    throw new RegistryError("conflict", { detail: "Its origin says that this event is no more; it comes back when its origin says so." });
  if (state === "published" && event.eventStatus !== undefined && event.lifecycleState === stateOf(event.eventStatus))
    throw new RegistryError("conflict", {
      detail: `A source says eventStatus ${event.eventStatus}, which decides what is shown: pin eventStatus as EventScheduled, or withdraw that claim.`,
      pointer: "/state",
    });
  const now = registry.clock();
  await setState(tx, eventId, state, now);
  await audit(
    tx,
    [
      {
        actor: caller.actor,
        onBehalfOf: caller.onBehalfOf,
        action: `event.${state}`,
        entityKind: "event",
        entityId: eventId,
        reason,
        requestId: caller.requestId,
      },
    ],
    now,
  );
}
