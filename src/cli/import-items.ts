/**
 * A file -> the events in it, one payload each, in bounded memory. An event that stands alone (on a line, or in a
 * list) keeps its exact bytes; one taken out of an @graph, an ItemList, a page or a calendar becomes a document of its own.
 */
import { RegistryError } from "../domain/errors.ts";
import { decodeCalendar, type CalendarItem } from "../icalendar/decode.ts";
import { cutDocument, cutPage, type CutItem } from "../jsonld/cut.ts";
import { parseJson } from "../jsonld/parse-json.ts";
import { sliceArray, type Slice } from "./json-array.ts";
import { sliceLines } from "./json-lines.ts";
import { sniffFormat } from "./sniff-format.ts";

/** An event as it will be staged, or a part of the file that cannot be one. `end`: bytes of the file read so far. */
export type InputItem = { payload: Buffer; mediaType: string; end: number } | { reject: InputReject; end: number };
export interface InputReject {
  reason: string;
  pointer: string;
  excerpt: string;
}

/** What can be read again from its start: a file, or standard input kept in one. */
export interface Input {
  name: string;
  read(): AsyncIterable<Buffer>;
}

/** Bytes of one event's document, and of a document (an @graph, an ItemList, a page) that must be read as a whole. */
export const ITEM_BYTES = 1024 * 1024;
export const DOCUMENT_BYTES = 64 * 1024 * 1024;

const JSON_LD = "application/ld+json";

/** An input that cannot be imported at all; the message is one line that says what to do. */
export class InputError extends Error {
  override name = "InputError";
}

/** Every event of the input, in its order: the n-th of one reading is the n-th of the next. Throws an InputError for what cannot be read at all. */
export async function* readItems(input: Input): AsyncGenerator<InputItem> {
  const format = await sniffFormat(input);
  switch (format) {
    case "empty":
      throw new InputError(`${input.name} is empty: give a file with schema.org events as JSON-LD, JSON Lines or HTML, or a calendar.`);
    case "calendar":
      return yield* fromCalendar(input.name, await readWhole(input));
    case "unknown":
      throw new InputError(
        `${input.name} is neither JSON nor HTML nor a calendar: give schema.org events as JSON-LD, JSON Lines, HTML with embedded JSON-LD, or iCalendar.`,
      );
    case "html":
      return yield* fromHtml(await readWhole(input));
    case "document":
      return yield* fromDocument(await readWhole(input));
    case "array":
      return yield* fromSlices(sliceArray(withoutMark(input.read()), ITEM_BYTES));
    case "lines":
      return yield* fromSlices(sliceLines(withoutMark(input.read()), ITEM_BYTES));
  }
}

async function* fromSlices(slices: AsyncIterable<Slice>): AsyncGenerator<InputItem> {
  for await (const slice of slices) {
    if ("fault" in slice) {
      const rest = slice.goesOn ? "" : "; the rest of the file was not read";
      yield {
        reject: { reason: `line ${slice.line}, column ${slice.column}: ${slice.fault}${rest}`, pointer: "", excerpt: slice.excerpt },
        end: slice.end,
      };
    } else yield* fromValue(slice.value, slice.bytes, slice.end);
  }
}

function* fromDocument(bytes: Buffer): Generator<InputItem> {
  const parsed = parseJson(bytes);
  if ("value" in parsed) yield* fromValue(parsed.value, bytes, bytes.length);
  else yield { reject: { reason: `the file: ${parsed.fault}`, pointer: "", excerpt: bytes.toString("utf8", 0, 200) }, end: bytes.length };
}

function* fromHtml(bytes: Buffer): Generator<InputItem> {
  const end = bytes.length;
  const items = cutPage(bytes.toString("utf8"));
  if (items !== undefined) yield* items.map((item) => inputItem(item, JSON_LD, end));
  else
    yield {
      reject: { reason: 'the page has no <script type="application/ld+json">', pointer: "", excerpt: bytes.toString("utf8", 0, 200) },
      end,
    };
}

function* fromValue(value: unknown, bytes: Buffer, end: number): Generator<InputItem> {
  const items = cutDocument(value, bytes);
  if (items.length === 0)
    yield { reject: { reason: "no schema.org Event is in this document", pointer: "", excerpt: bytes.toString("utf8", 0, 200) }, end };
  yield* items.map((item) => inputItem(item, JSON_LD, end));
}

function* fromCalendar(name: string, bytes: Buffer): Generator<InputItem> {
  try {
    yield* decodeCalendar(bytes).events.map((item) => inputItem(item, "text/calendar", bytes.length));
  } catch (error) {
    if (error instanceof RegistryError) throw new InputError(`${name} cannot be read as a calendar. ${error.message}`);
    throw error;
  }
}

function inputItem(item: CutItem | CalendarItem, mediaType: string, end: number): InputItem {
  if ("payload" in item) return { payload: item.payload, mediaType, end };
  return { reject: { reason: item.problem.detail, pointer: item.pointer, excerpt: item.excerpt }, end };
}

async function readWhole(input: Input): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of withoutMark(input.read())) {
    size += chunk.length;
    if (size > DOCUMENT_BYTES)
      throw new InputError(
        `${input.name} is one document of more than ${DOCUMENT_BYTES >> 20} MiB: give it as JSON Lines (one event a line) or as a list.`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Without the byte order mark that some editors put first. */
async function* withoutMark(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const chunk of chunks) {
    yield isFirst && chunk.subarray(0, 3).equals(MARK) ? chunk.subarray(3) : chunk;
    isFirst = false;
  }
}
