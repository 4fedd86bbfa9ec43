/** A feed's events as a calendar. */
import type { EventState } from "../../domain/state.ts";
import { encodeCalendar } from "../../icalendar/encode.ts";
import { REFRESH_MINUTES, type EventFeed } from "./feed.ts";

export function encodeIcs(events: readonly EventState[], feed: EventFeed): string {
  return encodeCalendar(events, { ...feed, refreshMinutes: REFRESH_MINUTES });
}
