/**
 * Any schema.org JSON-LD -> submissions, by expansion with bundled contexts only.
 *
 * 1. Split the document into items, as sent (split). 2. Check each one's bounds (bounds). 3. Expand all items in one
 * call of jsonld.js; a batch that fails is expanded item by item, so that only the bad one is refused.
 * 4. Read the expanded events (decode-*). 5. Check the result with the domain's schema.
 */
import { setImmediate } from "node:timers/promises";
import type { Problem } from "../domain/errors.ts";
import { RegistryError } from "../domain/errors.ts";
import { eventSubmission } from "../domain/submission.ts";
import type { EventSubmission } from "../domain/submission.ts";
import { assertBounded } from "./bounds.ts";
import { createDocumentLoader } from "./contexts.ts";
import { eventTypeOf, readEvent } from "./decode-event.ts";
import { expandItems } from "./expand.ts";
import type { Expansion } from "./expand.ts";
import { typesOf } from "./expanded.ts";
import type { Node, NodeIndex } from "./expanded.ts";
import { toFieldFault } from "./faults.ts";
import type { Fault } from "./faults.ts";
import { isObject, splitDocument } from "./split.ts";
import type { Item } from "./split.ts";

/** `base` is this node's public base URL, under which its own context lives. */
export interface DecodeOptions {
  base: string;
}

/**
 * One event of a document: what it says, or why it was refused. `pointer` is where it stands in the document, and
 * `raw` is the item there as it was sent.
 */
export type DecodedItem =
  | { submission: EventSubmission; pointer: string; raw: unknown }
  | { problem: Problem; pointer: string; raw: unknown };

/**
 * Every event of a document: `{"@graph": […]}`, a list, an ItemList or one event. Never throws for what a sender
 * did: each bad item is a problem of its own (`invalid_body`, `too_complex`), its pointers into the document.
 */
export async function decodeEvents(document: unknown, options: DecodeOptions): Promise<DecodedItem[]> {
  const items = splitDocument(document);
  const loader = createDocumentLoader(options.base);
  const expansions = await expandItems(items, loader);
  const graphs = indexGraphs(items, expansions);
  const decode = (item: Item, position: number): DecodedItem[] => {
    const expansion = expansions[position]!;
    if (expansion instanceof RegistryError) return [{ problem: expansion.problem, pointer: item.pointer, raw: item.raw }];
    if (item.optional && expansion.every((node) => eventTypeOf(node) === undefined)) return [];
    try {
      const index = item.graph === undefined ? indexNodes([expansion]) : graphs.get(item.graph)!;
      return [{ submission: readItem(item, expansion, index), pointer: item.pointer, raw: item.raw }];
    } catch (error) {
      if (error instanceof RegistryError) return [{ problem: error.problem, pointer: item.pointer, raw: item.raw }];
      throw error;
    }
  };
  const decoded = (await oneByOne(items, decode)).flat();
  if (decoded.length > 0 || Array.isArray(document)) return decoded;
  const found = expansions.flatMap((expansion) => (expansion instanceof RegistryError ? [] : expansion.flatMap(typesOf)));
  return [{ problem: notAnEvent(found, "", document).problem, pointer: "", raw: document }];
}

/**
 * The one event of a document. Throws `invalid_body` with `errors[]` (JSON Pointers into the document, each saying
 * what was expected and what was found), also for none or several events, and `too_complex` beyond the bounds.
 */
export async function decodeEvent(document: unknown, options: DecodeOptions): Promise<EventSubmission> {
  assertBounded(document);
  const decoded = await decodeEvents(document, options);
  const [only] = decoded;
  if (only === undefined || decoded.length > 1) {
    throw new RegistryError("invalid_body", {
      detail: `The document: expected one schema.org Event, found ${decoded.length === 0 ? "none" : decoded.length}`,
      pointer: "",
    });
  }
  if ("submission" in only) return only.submission;
  const { code, detail, errors } = only.problem;
  throw new RegistryError(code, { detail, ...(errors !== undefined && { errors }) });
}

/**
 * Documents of one event each, as a feed holds them; the answer is parallel to them. Never throws for what a sender did: what is no
 * event, or more than one, is a problem of its own.
 */
export async function decodeEach(
  documents: readonly unknown[],
  { base }: DecodeOptions,
): Promise<({ submission: EventSubmission } | { problem: Problem })[]> {
  const items = documents.map((raw): Item => ({ raw, pointer: "", contexts: [], optional: false }));
  const expansions = await expandItems(items, createDocumentLoader(base));
  return oneByOne(items, (item, position) => {
    const expansion = expansions[position]!;
    if (expansion instanceof RegistryError) return { problem: expansion.problem };
    try {
      return { submission: readItem(item, expansion, indexNodes([expansion])) };
    } catch (error) {
      if (error instanceof RegistryError) return { problem: error.problem };
      throw error;
    }
  });
}

/** Whoever else waits for this process comes in between two of them: a few rules may take long to be read. */
async function oneByOne<T>(items: readonly Item[], read: (item: Item, position: number) => T): Promise<T[]> {
  const all: T[] = [];
  for (const [position, item] of items.entries()) {
    if (position > 0) await setImmediate();
    all.push(read(item, position));
  }
  return all;
}

function readItem(item: Item, expansion: Node[], index: NodeIndex): EventSubmission {
  const event = expansion.find((node) => eventTypeOf(node) !== undefined);
  if (event === undefined) throw notAnEvent(expansion.flatMap(typesOf), item.pointer, item.raw);
  const faults: Fault[] = [];
  const submission = readEvent(event, index, faults);
  if (faults.length === 0) {
    const checked = eventSubmission.safeParse(submission);
    if (checked.success) return checked.data;
    for (const issue of checked.error.issues) faults.push(toFault(issue.path, issue.message, submission));
  }
  const errors = faults.slice(0, 50).map((fault) => toFieldFault(fault, item.raw, item.pointer));
  const detail = errors
    .map((error) => `${error.pointer || "/"}: ${error.detail}`)
    .slice(0, 5)
    .join("; ");
  throw new RegistryError("invalid_body", { detail: errors.length > 5 ? `${detail}; and ${errors.length - 5} more` : detail, errors });
}

/** A zod issue on ["fields", "virtualLocation", "url"] speaks of /location/url, as the sender wrote it. */
function toFault(path: PropertyKey[], message: string, submission: EventSubmission): Fault {
  const steps = path.map((step) => (typeof step === "number" ? step : String(step)));
  const inner =
    steps[0] === "fields"
      ? steps.slice(1)
      : steps[0] === "id"
        ? ["@id"]
        : steps.map((step) => (step === "identifiers" ? "identifier" : step));
  if (inner[0] === "virtualLocation") inner[0] = "location";
  if (inner[0] === "recurrence") inner.splice(0, inner.length, "eventSchedule");
  if (inner[0] === "overrides") inner.splice(0, inner.length, "subEvent");
  const found = path.reduce<unknown>(
    (value, step) => (typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined),
    submission,
  );
  return {
    path: inner,
    detail: typeof found === "string" ? `${message}; found ${JSON.stringify(found.slice(0, 60))}${found.length > 60 ? "…" : ""}` : message,
  };
}

function notAnEvent(types: string[], pointer: string, raw: unknown): RegistryError {
  const what =
    types.length > 0 ? types.slice(0, 5).join(", ") : isObject(raw) ? "nothing with a schema.org type" : JSON.stringify(raw)?.slice(0, 80);
  const detail = `expected a schema.org Event or one of its kinds as @type, found ${what}`;
  return new RegistryError("invalid_body", {
    detail: `${pointer || "The document"}: ${detail}`,
    errors: [{ pointer: isObject(raw) && "@type" in raw ? `${pointer}/@type` : pointer, detail }],
  });
}

function indexGraphs(items: Item[], expansions: Expansion[]): Map<number, NodeIndex> {
  const members = new Map<number, Node[][]>();
  items.forEach(({ graph }, position) => {
    const expansion = expansions[position]!;
    if (graph === undefined || expansion instanceof RegistryError) return;
    const graphMembers = members.get(graph);
    if (graphMembers === undefined) members.set(graph, [expansion]);
    else graphMembers.push(expansion);
  });
  return new Map([...members].map(([graph, expansion]) => [graph, indexNodes(expansion)]));
}

/** Nodes with an @id and something to say, at any depth: a place may be described once and referred to elsewhere. */
function indexNodes(expansions: Node[][]): NodeIndex {
  const index = new Map<string, Node>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isObject(value)) return;
    const id = value["@id"];
    const keys = Object.keys(value);
    if (typeof id === "string" && keys.some((key) => key !== "@id" && key !== "@type") && !index.has(id)) index.set(id, value);
    for (const key of keys) visit(value[key]);
  };
  expansions.forEach(visit);
  return index;
}
