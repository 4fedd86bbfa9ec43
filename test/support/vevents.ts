/** Calendars as lines: one event, and the parts of a series of four Fridays. */
export const NIGHT = ["SUMMARY:Open stage", "LOCATION:Harbour Hall"];
export const vevent = (...lines: string[]): string[] => ["BEGIN:VEVENT", "UID:1@lanterns.example", ...NIGHT, ...lines, "END:VEVENT"];
export const calendar = (...lines: string[]): Buffer =>
  Buffer.from(["BEGIN:VCALENDAR", "VERSION:2.0", ...lines, "END:VCALENDAR", ""].join("\r\n"));
export const FRIDAYS = ["DTSTART;TZID=America/Toronto:20260508T190000", "DTEND;TZID=America/Toronto:20260508T210000"];
export const WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=4";
