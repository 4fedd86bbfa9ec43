/**
 * Wall-clock time as a number: milliseconds from 1970-01-01T00:00 on a clock that no zone ever moves. Its arithmetic is that of the
 * calendar alone; only zone-times makes instants of it.
 */
export const SECOND = 1_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

const LOCAL = /^(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d):?(\d\d)?)?$/;

/** "2026-05-08T19:00:00", "2026-05-08", and both as iCalendar writes them -> the number; undefined where there is no such day or time. */
export function wallOf(local: string): number | undefined {
  const [, year, month, day, hour = "0", minute = "0", second = "0"] = LOCAL.exec(local) ?? [];
  if (year === undefined) return undefined;
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  if (!dayText(date / DAY, "-").endsWith(`-${month}-${day}`) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    return undefined;
  return date + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * SECOND;
}

/** The wall-clock number of a text that was checked before. */
export function knownWall(local: string): number {
  const wall = wallOf(local);
  if (wall === undefined) throw new RangeError(`${local} is no local time: it should have been read by readSet`);
  return wall;
}

/** "2026-05-08T19:00:00", or "2026-05-08". */
export const localText = (wall: number, isDate: boolean): string => write(wall, isDate, "-", ":");
/** As RFC 5545 writes it: "20260508T190000", or "20260508". */
export const basicText = (wall: number, isDate: boolean): string => write(wall, isDate, "", "");

/** True for "2026-05-08" and "20260508". */
export const isDateText = (local: string): boolean => !local.includes("T");

/** Monday is 0. */
export const weekdayOf = (day: number): number => modulo(day + 3, 7);
export const modulo = (value: number, by: number): number => ((value % by) + by) % by;
export const dayOf = (wall: number): number => Math.floor(wall / DAY);

export interface CalendarDay {
  year: number;
  /** 1 to 12. */
  month: number;
  date: number;
}

/** Days since 1970-01-01 -> year, month and day of the proleptic Gregorian calendar (years from March on make leap days the last). */
export function calendarDay(day: number): CalendarDay {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    date: dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1,
  };
}

/** The first day of a month, counted from 1970-01-01. */
export function firstOfMonth(year: number, month: number): number {
  const fromMarch = month > 2 ? year : year - 1;
  const leapDays = Math.floor(fromMarch / 4) - Math.floor(fromMarch / 100) + Math.floor(fromMarch / 400);
  return fromMarch * 365 + leapDays + Math.floor((153 * ((month + 9) % 12) + 2) / 5) - 719_468;
}
export const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
export const daysInMonth = (year: number, month: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;

function write(wall: number, isDate: boolean, dash: string, colon: string): string {
  const day = dayOf(wall);
  if (isDate) return dayText(day, dash);
  const seconds = Math.floor((wall - day * DAY) / SECOND);
  const time = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60] as const;
  return `${dayText(day, dash)}T${two(time[0])}${colon}${two(time[1])}${colon}${two(time[2])}`;
}

function dayText(day: number, dash: string): string {
  const { year, month, date } = calendarDay(day);
  return `${String(year).padStart(4, "0")}${dash}${two(month)}${dash}${two(date)}`;
}

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));
