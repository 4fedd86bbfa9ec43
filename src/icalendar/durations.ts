/** Durations (RFC 5545, section 3.3.6): weeks and days are days of the calendar, hours and less are exact. */
import { durationText } from "../domain/recurrence/duration.ts";
import { refuse, shown } from "./content-lines.ts";

export const DAY_MS = 86_400_000;

export interface Duration {
  days: number;
  milliseconds: number;
}

/** "P1DT2H" -> a day and two hours; throws `invalid_body` naming the property for a negative one. */
export function readDuration(written: string, property = "DURATION"): Duration {
  const [all, sign, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] =
    /^([+-])?P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9})S)?)?$/i.exec(written) ?? [];
  if (all === undefined || sign === "-" || /[PT]$/i.test(all))
    throw refuse(property, `expected a duration such as PT2H30M or P1D, found ${shown(written)}`);
  return {
    days: Number(weeks) * 7 + Number(days),
    milliseconds: (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000,
  };
}

/** As ISO 8601: a day and two hours -> "P1DT2H"; undefined for no time at all. */
export const writeDuration = ({ days, milliseconds }: Duration): string | undefined =>
  durationText({ days, seconds: Math.floor(milliseconds / 1000) });
