/**
 * iCalendar's content lines (RFC 5545 §3.1, §3.3): escaped, folded at 75 octets, ended by CRLF.
 *
 * Own code, for ical.js folds at 75 octets and then puts the space before them: 76, one more than a line should have
 * (and its one setting for that is global). ical.js reads in the tests what is written here.
 */
import { httpIri } from "../jsonld/text.ts";

const MOST_OCTETS = 75;

/** A line of NAME;PARAMS and an already encoded value, folded; control characters are left out, for no line may hold them. */
export function contentLine(name: string, value: string): string {
  const line = `${name}:${value}`.toWellFormed().replaceAll(/(?!\t)\p{Cc}/gu, "");
  const octets = Buffer.byteLength(line);
  if (octets <= MOST_OCTETS) return `${line}\r\n`;
  return `${octets === line.length ? foldAscii(line) : foldCharacters(line)}\r\n`;
}

function foldAscii(line: string): string {
  let folded = line.slice(0, MOST_OCTETS);
  for (let at = MOST_OCTETS; at < line.length; at += MOST_OCTETS - 1) folded += `\r\n ${line.slice(at, at + MOST_OCTETS - 1)}`;
  return folded;
}

/** By code points: a character is never cut in two. */
function foldCharacters(line: string): string {
  let folded = "";
  let octets = 0;
  for (const char of line) {
    const size = octetsOf(char.codePointAt(0)!);
    if (octets + size > MOST_OCTETS) {
      folded += "\r\n ";
      octets = 1;
    }
    folded += char;
    octets += size;
  }
  return folded;
}

const octetsOf = (codePoint: number): number => (codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4);

/** TEXT: "Rock, pop; jazz\nat 8" -> "Rock\, pop\; jazz\nat 8" (with a backslash and an n). */
export function text(value: string): string {
  return value.replaceAll(/[\\;,]/g, (char) => `\\${char}`).replaceAll(/\r\n?|\n|\u{2028}|\u{2029}/gu, "\\n");
}

/** One line without control characters: for titles, names and places. */
export const oneLine = (value: string): string =>
  value
    .toWellFormed()
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();

/** A URI that may be followed safely; undefined for anything else. */
export function link(name: string, url: string | undefined): string | undefined {
  const iri = url === undefined ? undefined : httpIri(url);
  return iri === undefined ? undefined : contentLine(name, new URL(iri).href);
}

/** DATE-TIME in UTC, of milliseconds since 1970: 20260509T010000Z. */
export const utc = (instant: number): string => new Date(instant).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");

/** DATE or local DATE-TIME: "2026-05-08" -> 20260508, "2026-05-08T19:00:00" -> 20260508T190000. */
export const compact = (local: string): string => local.replaceAll(/[-:]/g, "");
