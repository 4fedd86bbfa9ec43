/**
 * A file -> the events in it, one payload each, in bounded memory. An event that stands alone (on a line, or in a
 * list) keeps its exact bytes; one taken out of an @graph, an ItemList or a page becomes a document of its own,
 * with the context it inherited and the nodes it refers to.
 */
import { decodeHtml } from "../jsonld/html.ts";
import { isObject, splitDocument, type Item } from "../jsonld/split.ts";
import { EVENT_TYPES } from "../domain/vocabulary.ts";
import { parseJson, sliceArray, type Slice } from "./json-array.ts";
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

/** Every event of the input, in its order: the n-th of one reading is the n-th of the next. Throws an InputError for what is no JSON-LD at all. */
export async function* readItems(input: Input): AsyncGenerator<InputItem> {
  const format = await sniffFormat(input);
  switch (format) {
    case "empty":
      throw new InputError(`${input.name} is empty: give a file with schema.org events as JSON-LD, JSON Lines or HTML.`);
    case "calendar":
      throw new InputError(`${input.name} is an iCalendar file, which this version cannot import yet: convert it to schema.org JSON-LD.`);
    case "unknown":
      throw new InputError(
        `${input.name} is neither JSON nor HTML: give schema.org events as JSON-LD, JSON Lines or HTML with embedded JSON-LD.`,
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
  const blocks = decodeHtml(bytes.toString("utf8"));
  if (blocks.length === 0) {
    yield {
      reject: { reason: 'the page has no <script type="application/ld+json">', pointer: "", excerpt: bytes.toString("utf8", 0, 200) },
      end: bytes.length,
    };
  }
  for (const block of blocks) {
    if ("problem" in block) yield { reject: { reason: block.problem.detail, pointer: block.pointer, excerpt: "" }, end: bytes.length };
    else if (mayHoldEvents(block.document)) yield* fromValue(block.document, Buffer.from(JSON.stringify(block.document)), bytes.length);
  }
}

/** Pages carry breadcrumbs, publishers and much else in blocks of their own; those are no rejects. */
function mayHoldEvents(document: unknown): boolean {
  return splitDocument(document).some((item) => !isObject(item.raw) || isEvent(item.raw) || item.raw["@type"] === undefined);
}

function* fromValue(value: unknown, bytes: Buffer, end: number): Generator<InputItem> {
  const items = splitDocument(value);
  if (items.length === 1 && items[0]!.pointer === "") {
    yield { payload: bytes, mediaType: JSON_LD, end };
    return;
  }
  const graphs = Map.groupBy(
    items.filter((item) => item.graph !== undefined),
    (item) => item.graph!,
  );
  const nodes = new Map([...graphs].map(([graph, members]) => [graph, indexNodes(members)]));
  const events = items.filter((item) => !item.optional || isEvent(item.raw));
  if (events.length === 0)
    yield { reject: { reason: "no schema.org Event is in this document", pointer: "", excerpt: bytes.toString("utf8", 0, 200) }, end };
  for (const item of events)
    yield { payload: Buffer.from(JSON.stringify(standalone(item, nodes.get(item.graph ?? -1)))), mediaType: JSON_LD, end };
}

type Json = Record<string, unknown>;

/** The item as a document of its own. Other events of its graph stay out, so that one payload is one event. */
function standalone({ raw, contexts }: Item, nodes: ReadonlyMap<string, Json> | undefined): unknown {
  if (!isObject(raw)) return raw;
  const referred = new Map<string, Json>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (typeof value === "string") return follow(value);
    if (isObject(value)) Object.values(value).forEach(visit);
  };
  const follow = (id: string): void => {
    const node = nodes?.get(id);
    if (node === undefined || node === raw || referred.has(id) || isEvent(node)) return;
    referred.set(id, node);
    visit(node);
  };
  visit(raw);
  const context = contexts.flat();
  const outer = context.length === 0 ? {} : { "@context": context.length === 1 ? context[0] : context };
  if (referred.size > 0) return { ...outer, "@graph": [raw, ...referred.values()] };
  // The item's own context comes after what it inherited; `contexts` ends with the outermost object's, not with its own.
  const own = raw["@context"];
  return own === undefined ? { ...outer, ...raw } : { ...raw, "@context": [...context, own].flat() };
}

function indexNodes(members: readonly Item[]): Map<string, Json> {
  return new Map(members.flatMap(({ raw }) => (isObject(raw) && typeof raw["@id"] === "string" ? [[raw["@id"], raw] as const] : [])));
}

const TYPES: ReadonlySet<string> = new Set(EVENT_TYPES);

/** As the decoder sees it after expansion: any @type whose local name is a kind of Event. */
function isEvent(node: unknown): boolean {
  if (!isObject(node)) return false;
  return [node["@type"] ?? node["type"]].flat().some((type) => {
    const name =
      typeof type === "string" ? type.slice(Math.max(type.lastIndexOf("/"), type.lastIndexOf(":"), type.lastIndexOf("#")) + 1) : "";
    return TYPES.has(name) || name.endsWith("Event");
  });
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
