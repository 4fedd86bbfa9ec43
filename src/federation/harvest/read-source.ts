/**
 * What a source answered -> its events, a payload each, whatever the format. What is wrong with one of them is a problem of
 * its own; a body that is not of the format at all is refused, so that an error page never looks like an empty calendar.
 */
import { gunzipSync } from "node:zlib";
import { RegistryError, type Problem } from "../../domain/errors.ts";
import { decodeCalendar, decodeCalendarInSteps, type DecodedCalendar } from "../../icalendar/decode.ts";
import { cutDocument, cutPage, isEvent, mayHoldEvents, newBudget, type CutItem, type CutOptions } from "../../jsonld/cut.ts";
import { parseJson } from "../../jsonld/parse-json.ts";
import { isObject, MOST_ITEMS } from "../../jsonld/split.ts";
import { charsetOf, htmlText, jsonText } from "./read-text.ts";

export type SourceFormat = "ics" | "json-ld" | "html" | "export";

/** An event to be staged, or why there is none; `pointer` says where it stood: a JSON Pointer, "line 3/…" or "VEVENT 3 (UID …)". */
export type SourceItem =
  | { payload: Buffer; mediaType: "application/ld+json" | "text/calendar"; pointer: string }
  | { problem: Problem; pointer: string; excerpt: string };

export interface SourceAnswer {
  /** Decoded of its content coding; a gzip file as such is opened here. */
  body: Buffer;
  contentType: string | undefined;
  /** Where it came from, after redirects: relative addresses are relative to it. */
  url: string;
}

const MAX_BYTES = 64 * 1024 * 1024;

export interface SourceReading {
  items: SourceItem[];
  /** False where the answer says that more stands on another page: what is not in it is not missing. */
  whole: boolean;
}

/** Throws `invalid_body`, with one line for people, where the whole body is empty, cut off, or of another format; `too_complex` where it is too much. */
export function readSource(answer: SourceAnswer, format: SourceFormat): SourceReading {
  const body = bodyOf(answer);
  const { contentType, url } = answer;
  switch (format) {
    case "ics":
      return readingOfCalendar(decodeCalendar(body, charsetOf(contentType)));
    case "html":
      return { items: readHtml(body, contentType, url), whole: true };
    case "json-ld":
      return readDocuments(readJson(body, contentType), (documents, options) => documents.flatMap((one) => cutOne(one, options)), url);
    case "export":
      return readDocuments(readJson(body, contentType), readExport, url);
  }
}

/** As readSource, for a process that has others to serve meanwhile: a calendar of thousands of series takes seconds. */
export async function readSourceInSteps(answer: SourceAnswer, format: SourceFormat): Promise<SourceReading> {
  if (format !== "ics") return readSource(answer, format);
  return readingOfCalendar(await decodeCalendarInSteps(bodyOf(answer), charsetOf(answer.contentType)));
}

function bodyOf(answer: SourceAnswer): Buffer {
  const body = isGzip(answer.body) ? gunzip(answer.body) : answer.body;
  if (!body.some((byte) => byte > 0x20)) throw unreadable("The body is empty.");
  return body;
}

const readingOfCalendar = ({ events }: DecodedCalendar): SourceReading => ({
  items: events.map((event) => ("payload" in event ? { ...event, mediaType: "text/calendar" } : event)),
  whole: true,
});

function readHtml(body: Buffer, contentType: string | undefined, url: string): SourceItem[] {
  const html = htmlText(body, contentType);
  if (!/<[a-z!?]/i.test(html)) throw unreadable(`Expected an HTML page, found ${begin(html)}.`);
  const found = cutPage(html, url);
  if (found === undefined) throw unreadable('The page has no <script type="application/ld+json">.');
  return asJsonLd(found);
}

function readDocuments(
  { documents, whole }: ParsedBody,
  cut: (documents: readonly Parsed[], options: CutOptions) => CutItem[],
  base: string,
): SourceReading {
  const budget = newBudget();
  const items = asJsonLd(cut(documents, { base, budget }));
  if (budget.bytes < 0) throw unreadable("Its events and what they refer to are too many bytes.");
  return { items, whole };
}

const asJsonLd = (items: readonly CutItem[]): SourceItem[] =>
  items.map((item) => ("payload" in item ? { ...item, mediaType: "application/ld+json" } : item));

/** A parsed document of the body and its bytes, or a line of it that is none. */
type Parsed = { value: unknown; bytes: Buffer | undefined; pointer: string } | Extract<CutItem, { problem: Problem }>;

type ParsedBody = { documents: Parsed[]; whole: boolean };

/** One document, or one a line. */
function readJson(body: Buffer, contentType: string | undefined): ParsedBody {
  const bytes = jsonText(body, contentType);
  const whole = parseJson(bytes);
  if ("value" in whole) return membersOf(whole.value, bytes);
  const lines = splitLines(bytes);
  const [first] = lines;
  const isLines = first !== undefined && (lines.length > 1 || isLinesType(contentType)) && "value" in parseJson(first.bytes);
  if (!isLines) {
    const found = begin(bytes.toString("utf8", 0, 200));
    throw unreadable(/^"\s*</.test(found) ? `Expected JSON, found a page: ${found}.` : `Expected JSON, found ${found}: ${whole.fault}.`);
  }
  const documents = lines.map(({ bytes: line, number }): Parsed => {
    const parsed = parseJson(line);
    const pointer = `line ${number}`;
    if ("value" in parsed) return { value: parsed.value, bytes: line, pointer };
    const { problem } = new RegistryError("malformed_json", { detail: `Line ${number}: ${parsed.fault}`, pointer: "" });
    return { problem, pointer, excerpt: line.toString("utf8", 0, 200) };
  });
  return { documents, whole: true };
}

/** The documents in the lists that a node answers with: a page of events, and a page of its feed (deletions say no event). */
function membersOf(value: unknown, bytes: Buffer): ParsedBody {
  if (isObject(value) && Array.isArray(value["items"])) {
    const whole = [value["next_cursor"], value["next"]].every((more) => more === undefined || more === null);
    return { documents: members(value["items"], "/items", (member) => member), whole };
  }
  if (isObject(value) && Array.isArray(value["changes"])) {
    const documents = members(value["changes"], "/changes", (member) => (isObject(member) ? member["snapshot"] : undefined));
    return { documents, whole: false }; // a page of changes is never all there is
  }
  return { documents: [{ value, bytes, pointer: "" }], whole: true };
}

function members(list: readonly unknown[], pointer: string, documentOf: (member: unknown) => unknown): Parsed[] {
  return list.flatMap((member, index): Parsed[] => {
    const value = documentOf(member);
    if (value === undefined || value === null) return [];
    return [{ value, bytes: undefined, pointer: `${pointer}/${index}` }];
  });
}

function cutOne(one: Parsed, options: CutOptions): CutItem[] {
  if ("problem" in one) return [one];
  const { value, bytes, pointer } = one;
  if (pointer === "" && isObject(value) && !isOfEvents(value))
    throw unreadable(`No schema.org Event is in this document: its members are ${begin(Object.keys(value).slice(0, 9).join(", "))}.`);
  return cutDocument(value, bytes, { ...options, pointer });
}

/** A list of events may well have none today; an object that says nothing of its kind is something else, an error message mostly. */
function isOfEvents(value: Record<string, unknown>): boolean {
  if ("@graph" in value || /ItemList/.test(String(value["@type"] ?? value["type"]))) return true;
  return mayHoldEvents(value) && ["@context", "@type", "type", "itemListElement"].some((key) => key in value);
}

/** An export has places, people and organizations beside the events, and a snapshot begins with a line about itself. */
function readExport(parsed: readonly Parsed[], options: CutOptions): CutItem[] {
  const documents = parsed.flatMap((one): Parsed[] =>
    "value" in one && Array.isArray(one.value) ? members(one.value, one.pointer, (member) => member) : [one],
  );
  const isForeign = (one: Parsed) =>
    "problem" in one || !isObject(one.value) || !["@type", "@graph", "epoch"].some((key) => key in (one.value as object));
  if (documents.length > 0 && documents.every(isForeign)) throw unreadable("Not an export: expected JSON-LD documents, one a line.");
  return documents.flatMap((one) => {
    if ("problem" in one) return [one];
    const isKept = !isObject(one.value) || isEvent(one.value) || "@graph" in one.value;
    return isKept ? cutDocument(one.value, one.bytes, { ...options, pointer: one.pointer }) : [];
  });
}

interface Line {
  bytes: Buffer;
  /** From 1. */
  number: number;
}

function splitLines(bytes: Buffer): Line[] {
  const lines: Line[] = [];
  for (let from = 0, number = 1; from < bytes.length; number++) {
    if (lines.length >= MOST_ITEMS) throw unreadable(`The body has more than ${MOST_ITEMS} lines.`);
    const newline = bytes.indexOf(0x0a, from);
    const to = newline < 0 ? bytes.length : newline;
    const line = bytes.subarray(from, to);
    if (line.some((byte) => byte > 0x20)) lines.push({ bytes: line.at(-1) === 0x0d ? line.subarray(0, -1) : line, number });
    from = to + 1;
  }
  return lines;
}

const isLinesType = (contentType: string | undefined): boolean => /ndjson|jsonl|json-seq/i.test(contentType ?? "");

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

function gunzip(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
  } catch (cause) {
    const code = String((cause as { code?: unknown }).code);
    if (code === "ERR_BUFFER_TOO_LARGE") throw unreadable(`The gzip file holds more than ${MAX_BYTES >> 20} MiB.`, cause);
    if (code.startsWith("Z_")) throw unreadable(`The gzip file is damaged or cut off (${(cause as Error).message}).`, cause);
    throw cause;
  }
}

const begin = (text: string): string => JSON.stringify(text.replace(/\s+/g, " ").slice(0, 60));

const unreadable = (detail: string, cause?: unknown): RegistryError => new RegistryError("invalid_body", { detail, pointer: "", cause });
