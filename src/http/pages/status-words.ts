/** What became of an event, or of one of its dates, in a word or two. */
import type { EventState, OccurrenceState } from "../../domain/state.ts";

const STATUS_WORDS = {
  EventCancelled: "Cancelled",
  EventPostponed: "Postponed",
  EventRescheduled: "Rescheduled",
  EventMovedOnline: "Moved online",
  EventScheduled: undefined,
} as const;

/** The word for an occurrence that is not simply scheduled. */
export function occurrenceStatus(occurrence: Pick<OccurrenceState, "eventStatus">) {
  return occurrence.eventStatus && STATUS_WORDS[occurrence.eventStatus];
}

/** The word for the event as a whole: its lifecycle speaks before what a source once called its status. */
export function headStatus(event: Pick<EventState, "lifecycleState" | "eventStatus">) {
  const { lifecycleState: state } = event;
  return state === "cancelled"
    ? "Cancelled"
    : state === "postponed"
      ? "Postponed"
      : state === "rescheduled"
        ? "Rescheduled"
        : occurrenceStatus(event);
}
