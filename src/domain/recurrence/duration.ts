/** Durations of RFC 5545 §3.3.6: days and weeks are of the calendar, hours, minutes and seconds exact. */
const DURATION = /^\+?P(?=.)(?:(\d{1,4})W|(?:(\d{1,5})D)?(?:T(?=.)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?)$/i;

export interface Duration {
  days: number;
  seconds: number;
}

/** "P1DT2H" -> {days: 1, seconds: 7200}; undefined for what is none (years and months are none: they have no length). */
export function durationOf(text: string): Duration | undefined {
  const found = DURATION.exec(text.trim());
  if (found === null) return undefined;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part: string | undefined) => Number(part ?? 0));
  return { days: weeks * 7 + days, seconds: (hours * 60 + minutes) * 60 + seconds };
}

/** {days: 1, seconds: 7200} -> "P1DT2H"; undefined for no time at all. */
export function durationText({ days, seconds }: Duration): string | undefined {
  if (days === 0 && seconds === 0) return undefined;
  const time = `${unit(Math.floor(seconds / 3_600), "H")}${unit(Math.floor(seconds / 60) % 60, "M")}${unit(seconds % 60, "S")}`;
  return `P${unit(days, "D")}${time && `T${time}`}`;
}

const unit = (value: number, letter: string): string => (value === 0 ? "" : `${value}${letter}`);
