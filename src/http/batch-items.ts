/** A batch's body -> its items: a list, `{"events": […]}`, an `@graph`, or one event a line. */
import { RegistryError } from "../domain/errors.ts";
import { assertBounded } from "../jsonld/bounds.ts";
import { isObject } from "../jsonld/split.ts";
import { EVENT_TYPES } from "../domain/vocabulary.ts";
import { parseJson } from "./body.ts";

/** As submitBatch takes them: `document` is absent where only the payload's own parsing will tell. */
export interface BatchItem {
  position: number;
  payload: Buffer;
  mediaType: string;
  document?: unknown;
}

export const LINES_TYPES = ["application/x-ndjson", "application/jsonl"];

/** Throws `malformed_json`, `invalid_body` for another shape or no items, `too_large` for more than `most`. */
export function batchItems({ payload, mediaType }: { payload: Buffer; mediaType: string }, most: number): BatchItem[] {
  const items = LINES_TYPES.includes(mediaType) ? fromLines(payload) : fromDocument(parseJson(payload), mediaType);
  if (items.length === 0)
    throw new RegistryError("invalid_body", {
      detail: "The batch is empty: expected 1 to 1,000 events.".replace("1,000", most.toLocaleString("en")),
      pointer: "",
    });
  if (items.length > most) {
    throw new RegistryError("too_large", {
      detail: `The batch has ${items.length.toLocaleString("en")} events; at most ${most.toLocaleString("en")} are taken at once.`,
      extra: { limit: most },
    });
  }
  return items.map((item, position) => ({ ...item, position }));
}

function fromLines(payload: Buffer): Omit<BatchItem, "position">[] {
  const items: Omit<BatchItem, "position">[] = [];
  // A byte order mark belongs to the file, not to its first line.
  const bytes = payload.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? payload.subarray(3) : payload;
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    const line = bytes.subarray(start, bytes[end - 1] === 0x0d ? end - 1 : end);
    if (line.some((byte) => byte !== 0x20 && byte !== 0x09)) items.push({ payload: line, mediaType: "application/ld+json" });
    start = end + 1;
  }
  return items;
}

function fromDocument(document: unknown, mediaType: string): Omit<BatchItem, "position">[] {
  if (Array.isArray(document)) return document.map((item) => itemOf(item, mediaType));
  if (isObject(document) && Array.isArray(document["events"])) {
    const context = document["@context"];
    return document["events"].map((item) =>
      itemOf(
        context !== undefined && isObject(item) && item["@context"] === undefined ? { "@context": context, ...item } : item,
        mediaType,
      ),
    );
  }
  if (isObject(document) && Array.isArray(document["@graph"])) return fromGraph(document["@context"], document["@graph"], mediaType);
  throw new RegistryError("invalid_body", {
    detail: 'A batch is a list of events, {"events": […]}, {"@graph": […]}, or one event a line (application/x-ndjson).',
    pointer: "",
  });
}

/** Each event of a graph becomes a graph of its own, with the nodes that it refers to. */
function fromGraph(context: unknown, graph: readonly unknown[], mediaType: string): Omit<BatchItem, "position">[] {
  const nodes = new Map(
    graph.flatMap((node) => (isObject(node) && typeof node["@id"] === "string" && !isEvent(node) ? [[node["@id"], node] as const] : [])),
  );
  return graph
    .filter((node) => !isObject(node) || isEvent(node))
    .map((event) => {
      const needed = new Set<unknown>();
      if (!isBounded(event)) return itemOf(event, mediaType);
      collect(event, nodes, needed);
      return itemOf({ ...(context !== undefined && { "@context": context }), "@graph": [event, ...needed] }, mediaType);
    });
}

function collect(value: unknown, nodes: ReadonlyMap<string, unknown>, needed: Set<unknown>): void {
  if (Array.isArray(value)) for (const each of value) collect(each, nodes, needed);
  if (!isObject(value)) return;
  for (const each of Object.values(value)) {
    const node = typeof each === "string" ? nodes.get(each) : undefined;
    if (node === undefined) collect(each, nodes, needed);
    else if (!needed.has(node) && isBounded(node)) {
      needed.add(node);
      collect(node, nodes, needed);
    }
  }
}

const KINDS = new Set<string>(EVENT_TYPES);
const isEvent = (node: Record<string, unknown>): boolean =>
  [node["@type"] ?? node["type"]]
    .flat()
    .some((type) => typeof type === "string" && (KINDS.has(type.replace(/^.*[/:]/, "")) || type.endsWith("Event")));

/** An item beyond the bounds cannot be written out again (that is recursive); it is refused by itself, by its document. */
function itemOf(document: unknown, mediaType: string): Omit<BatchItem, "position"> {
  return { payload: Buffer.from(isBounded(document) ? JSON.stringify(document) : '"beyond the bounds"'), mediaType, document };
}

function isBounded(document: unknown): boolean {
  try {
    assertBounded(document);
    return true;
  } catch (error) {
    if (error instanceof RegistryError) return false;
    throw error;
  }
}
