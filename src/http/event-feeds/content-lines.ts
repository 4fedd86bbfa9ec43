/**
 * iCalendar's content lines (RFC 5545 §3.1, §3.3.11): escaped, folded at 75 octets, ended by CRLF.
 *
 * Own code, for ical.js folds at 75 octets and then puts the space before them: 76, one more than a line should have
 * (and its one setting for that is global). ical.js reads in the tests what is written here.
 */

const MOST_OCTETS = 75;

/** A line of NAME;PARAMS and an already encoded value, folded; control characters are left out, for no line may hold them. */
export function contentLine(name: string, value: string): string {
  const line = `${name}:${value}`.toWellFormed().replaceAll(/(?!\t)\p{Cc}/gu, "");
  if (Buffer.byteLength(line) <= MOST_OCTETS) return `${line}\r\n`;
  let folded = "";
  let octets = 0;
  // By code points: a character is never cut in two.
  for (const char of line) {
    const size = Buffer.byteLength(char);
    if (octets + size > MOST_OCTETS) {
      folded += "\r\n ";
      octets = 1;
    }
    folded += char;
    octets += size;
  }
  return `${folded}\r\n`;
}

/** TEXT: "Rock, pop; jazz\nat 8" -> "Rock\, pop\; jazz\nat 8" (with a backslash and an n). */
export function text(value: string): string {
  return value.replaceAll(/[\\;,]/g, (char) => `\\${char}`).replaceAll(/\r\n?|\n|\u{2028}|\u{2029}/gu, "\\n");
}

/** DATE-TIME in UTC: 20260509T010000Z. */
export const utc = (instant: number): string => new Date(instant).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");

/** DATE: "2026-05-08" -> 20260508. */
export const date = (day: string): string => day.replaceAll("-", "");
