/**
 * Bytes of a calendar -> its content lines (RFC 5545, section 3.1), unfolded and as text.
 *
 * Lines are unfolded as bytes, because a fold may stand in the middle of a character. Each line is then read as UTF-8,
 * and only a line that is none in the charset that was declared, else in windows-1252: what labels say is often wrong,
 * and hardly any other text happens to be valid UTF-8.
 */
import { RegistryError } from "../domain/errors.ts";

/** `name` is in capitals; `text` is the whole line with its name; `line` counts the lines of the file from 1. */
export interface ContentLine {
  name: string;
  text: string;
  line: number;
}

/** `charset` is the label of a Content-Type; an unknown one is passed over. A line without a name has the name "". */
export function readContentLines(bytes: Buffer, charset?: string): ContentLine[] {
  const decode = createLineDecoder(charset);
  const lines: ContentLine[] = [];
  let folded: { parts: string[]; line: number } | undefined;
  const finish = () => {
    if (folded === undefined) return;
    const text = decode(folded.parts.join(""));
    lines.push({ name: nameOf(text), text, line: folded.line });
  };
  // Latin-1 stands for bytes: one character each.
  const physical = asUtf8(bytes).toString("latin1").split("\n");
  for (const [index, raw] of physical.entries()) {
    const part = withoutReturns(raw);
    if (folded !== undefined && /^[ \t]/.test(part)) {
      folded.parts.push(part.slice(1));
      continue;
    }
    if (part.trim() === "") continue;
    finish();
    folded = { parts: [part], line: index + 1 };
  }
  finish();
  return lines;
}

/** Without the carriage returns at its end; a pattern would take quadratic time over those in its middle. */
function withoutReturns(line: string): string {
  let end = line.length;
  while (end > 0 && line.charCodeAt(end - 1) === 0x0d) end--;
  return line.slice(0, end);
}

/** The line's value as it was written: "DTSTART;TZID=\"A:B\":20260508" -> "20260508". */
export function rawValue({ text }: ContentLine): string {
  return text.replace(/^[^;:]*(?:;[^=;:]*=(?:"[^"]*"|[^";:])*)*:/, "").trim();
}

/** "BEGIN:VEVENT" -> "VEVENT" */
export const componentName = (line: ContentLine): string => rawValue(line).toUpperCase();

/** One line of a message: "SUMMARY:A very long na…" */
export function shown(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}…` : line);
}

function nameOf(text: string): string {
  return /^[A-Za-z0-9-]+(?=[;:])/.exec(text)?.[0].toUpperCase() ?? "";
}

/** Without a byte order mark, and UTF-16 (by its mark, or by the zeros of its Latin letters) as UTF-8. */
function asUtf8(bytes: Buffer): Buffer {
  const [first, second] = bytes;
  if (first === 0xef && second === 0xbb && bytes[2] === 0xbf) return bytes.subarray(3);
  const wide = (first === 0xff && second === 0xfe) || second === 0 ? "utf-16le" : first === 0xfe || first === 0 ? "utf-16be" : undefined;
  return wide === undefined || bytes.length < 2 ? bytes : Buffer.from(new TextDecoder(wide).decode(bytes), "utf8");
}

function createLineDecoder(charset: string | undefined): (latin1: string) => string {
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const other = decoderOf(charset) ?? new TextDecoder("windows-1252");
  return (latin1) => {
    if (!/[^\0-\x7f]/.test(latin1)) return latin1;
    const bytes = Buffer.from(latin1, "latin1");
    try {
      return utf8.decode(bytes);
    } catch (error) {
      if (error instanceof TypeError) return other.decode(bytes);
      throw error;
    }
  };
}

/** Undefined for a label that nobody knows, and for those whose failing brought us here. */
function decoderOf(charset: string | undefined): InstanceType<typeof TextDecoder> | undefined {
  if (charset === undefined || /^utf/i.test(charset)) return undefined;
  try {
    return new TextDecoder(charset);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The refusal of one property, named as the sender wrote it. */
export function refuse(property: string, detail: string, cause?: unknown): RegistryError {
  return new RegistryError("invalid_body", { detail: `${property}: ${detail}`, pointer: `/${property}`, cause });
}
