/** The weekdays as RFC 5545 names them, Monday first (as ISO 8601 has it). */
export const weekdayNames = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type WeekdayName = (typeof weekdayNames)[number];
