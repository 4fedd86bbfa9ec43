/**
 * The lifecycle of an event: one table, from which checks, documentation and the SQL constraint follow.
 * The event's URI never changes through any of these.
 */
import { RegistryError } from "./errors.ts";

export const TRANSITIONS = {
  draft: ["pending_review", "published", "deleted"],
  pending_review: ["draft", "published", "deleted"],
  published: ["postponed", "rescheduled", "sold_out", "cancelled", "completed", "withdrawn", "deleted"],
  postponed: ["rescheduled", "cancelled", "deleted"],
  rescheduled: ["published", "postponed", "sold_out", "cancelled", "completed", "deleted"],
  sold_out: ["published", "postponed", "cancelled", "completed", "deleted"],
  cancelled: ["published", "deleted"],
  withdrawn: ["published", "deleted"],
  completed: ["deleted"],
  deleted: [],
} as const satisfies Record<string, readonly string[]>;

export type LifecycleState = keyof typeof TRANSITIONS;
export const LIFECYCLE_STATES = Object.keys(TRANSITIONS) as LifecycleState[];

/** What no public reader may see. */
export const HIDDEN_STATES = ["draft", "pending_review", "withdrawn", "deleted"] as const satisfies LifecycleState[];

export function isPublic(state: LifecycleState): boolean {
  return !(HIDDEN_STATES as readonly LifecycleState[]).includes(state);
}

/** The states that may follow `from`; empty for a final one. */
export function allowedFrom(from: LifecycleState): readonly LifecycleState[] {
  return TRANSITIONS[from];
}

/** Staying where one is is always allowed; every pair outside the table throws `invalid_transition` (409). */
export function assertTransition(from: LifecycleState, to: LifecycleState): void {
  if (from === to || allowedFrom(from).includes(to)) return;
  const allowed = allowedFrom(from);
  throw new RegistryError("invalid_transition", {
    detail: `An event that is ${from} cannot become ${to}; from ${from} it may become ${allowed.length ? allowed.join(", ") : "nothing else"}.`,
    pointer: "/eventStatus",
    extra: { from, to, allowed },
  });
}

/**
 * Where an event goes when no source speaks for it any more: out of sight, and back when one does. Each is a way through
 * the table (by way of published); what is over, hidden or deleted already stays as it is.
 */
export function lapsed(state: LifecycleState): LifecycleState {
  return ["published", "postponed", "rescheduled", "sold_out", "cancelled"].includes(state) ? "withdrawn" : state;
}
