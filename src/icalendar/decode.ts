/** iCalendar (RFC 5545) -> submissions: a file is cut into events, each of which is kept and read by itself. */
export { decodeCalendar, decodeCalendarInSteps, type CalendarItem, type DecodedCalendar } from "./decode-calendar.ts";
export { decodeVevent } from "./decode-vevent.ts";
