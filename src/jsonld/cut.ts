/**
 * A document -> the events in it, one payload each. An event that stands alone keeps its exact bytes; one taken out of
 * an @graph, an ItemList, a series or a page becomes a document of its own, with the context it inherited, the nodes it
 * refers to, and the address that its relative ones are relative to.
 */
import { RegistryError, type Problem } from "../domain/errors.ts";
import { EVENT_TYPES } from "../domain/vocabulary.ts";
import { assertBounded } from "./bounds.ts";
import { readPage } from "./html.ts";
import { openSeries } from "./series.ts";
import { isObject, splitDocument, type Item } from "./split.ts";

/** An event to be staged as application/ld+json, or why there is none. `pointer` leads into the document, or the page's blocks. */
export type CutItem = { payload: Buffer; pointer: string } | { problem: Problem; pointer: string; excerpt: string };

export interface CutOptions {
  /** The address of the document, for what is relative in it. */
  base?: string | undefined;
  /** Where the document stands in what was sent. */
  pointer?: string;
  /** Bytes that the payloads may still have, for all documents of one answer: what many events refer to is copied to each. */
  budget?: { bytes: number };
}

/** Of the payloads that one answer may become. */
const ALL_BYTES = 256 * 1024 * 1024;
export const newBudget = (): { bytes: number } => ({ bytes: ALL_BYTES });

type Json = Record<string, unknown>;

/**
 * The events of a parsed document; `bytes` are those that it was parsed from, where it was no part of something else. None
 * where it holds none; a document that is one thing, whatever it is, is given back as it is. Throws `too_complex` where the
 * payloads would be more than all budget.
 */
export function cutDocument(
  document: unknown,
  bytes: Buffer | undefined,
  { base, pointer = "", budget = newBudget() }: CutOptions = {},
): CutItem[] {
  const items = splitDocument(document);
  const graphs = Map.groupBy(
    items.filter((item) => item.graph !== undefined),
    (item) => item.graph!,
  );
  const nodes = new Map([...graphs].map(([graph, members]) => [graph, indexNodes(members)]));
  return items
    .filter((item) => !item.optional || isEvent(item.raw))
    .flatMap((item): CutItem[] => {
      const at = pointer + item.pointer;
      if (budget.bytes < 0)
        throw new RegistryError("too_complex", {
          detail: `The document: its events and what they refer to are more than ${ALL_BYTES >> 20} MiB.`,
        });
      try {
        assertBounded(item.raw, item.pointer);
        assertBounded({ "@context": item.contexts.flat() });
        const parts = openSeries(item);
        const isAlone = items.length === 1 && item.pointer === "" && parts[0] === item;
        if (bytes !== undefined && isAlone && (base === undefined || !hasRelative(item.raw))) return [{ payload: bytes, pointer: at }];
        return parts.flatMap((part) => {
          // What is over the budget is not made; the next item, or the caller's next document, says so.
          if (budget.bytes < 0) return [];
          const payload = Buffer.from(JSON.stringify(standalone(part, nodes.get(part.graph ?? -1), base)));
          budget.bytes -= payload.length;
          return [{ payload, pointer: pointer + part.pointer }];
        });
      } catch (error) {
        if (!(error instanceof RegistryError)) throw error;
        return [{ problem: error.problem, pointer: at, excerpt: bytes?.toString("utf8", 0, 200) ?? "" }];
      }
    });
}

/**
 * The events in the JSON-LD of a page, which stands at `url`. Pages carry breadcrumbs, publishers and much else; those are
 * passed over. Undefined for a page without any JSON-LD.
 */
export function cutPage(html: string, url?: string, budget = newBudget()): CutItem[] | undefined {
  const { blocks, base } = readPage(html, url);
  if (blocks.length === 0) return undefined;
  return blocks.flatMap((block): CutItem[] => {
    const { pointer, text } = block;
    if ("problem" in block) return [{ problem: block.problem, pointer, excerpt: text.slice(0, 200) }];
    return mayHoldEvents(block.document) ? cutDocument(block.document, Buffer.from(text), { base, pointer, budget }) : [];
  });
}

/** False where everything in a document says that it is something else than an event. */
export function mayHoldEvents(document: unknown): boolean {
  return splitDocument(document).some(({ raw }) => !isObject(raw) || isEvent(raw) || (raw["@type"] ?? raw["type"]) === undefined);
}

const TYPES: ReadonlySet<string> = new Set(EVENT_TYPES);

/** As the decoder sees it after expansion: any @type whose local name is a kind of Event. */
export function isEvent(node: unknown): boolean {
  if (!isObject(node)) return false;
  return [node["@type"] ?? node["type"]].flat().some((type) => {
    const name =
      typeof type === "string" ? type.slice(Math.max(type.lastIndexOf("/"), type.lastIndexOf(":"), type.lastIndexOf("#")) + 1) : "";
    return TYPES.has(name) || name.endsWith("Event");
  });
}

/** The item as a document of its own. Other events of its graph stay out, so that one payload is one event. */
function standalone({ raw, contexts }: Item, nodes: ReadonlyMap<string, Json> | undefined, base: string | undefined): unknown {
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
    assertBounded(node);
    referred.set(id, node);
    visit(node);
  };
  visit(raw);
  const own = raw["@context"];
  const inherited = contexts.flat();
  const context = [...baseOf([raw, ...referred.values()], base, [...inherited, own]), ...inherited];
  const outer = context.length === 0 ? {} : { "@context": context.length === 1 ? context[0] : context };
  if (referred.size > 0) return { ...outer, "@graph": [raw, ...referred.values()] };
  // The item's own context comes after what it inherited; `contexts` ends with the outermost object's, not with its own.
  return own === undefined ? { ...outer, ...raw } : { ...raw, "@context": [...context, own].flat() };
}

/** "@base" (JSON-LD 1.1, section 4.1.3), only where something is relative: the bytes of the others stay as they are. */
function baseOf(nodes: readonly Json[], base: string | undefined, contexts: readonly unknown[]): unknown[] {
  if (base === undefined || !nodes.some(hasRelative)) return [];
  // Without any context schema.org's is meant, and this one would take its place.
  const isBare = contexts.every((context) => context === undefined || context === null);
  return [{ "@base": base }, ...(isBare ? ["https://schema.org"] : [])];
}

const REFERENCES = new Set(["@id", "id", "url", "image", "sameAs", "contentUrl", "thumbnailUrl"]);

function hasRelative(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasRelative);
  if (!isObject(value)) return false;
  return Object.entries(value).some(([key, member]) =>
    REFERENCES.has(key.replace(/^(schema:|https?:\/\/schema\.org\/)/, "")) ? [member].flat().some(isRelative) : hasRelative(member),
  );
}

function isRelative(value: unknown): boolean {
  if (typeof value !== "string") return hasRelative(value);
  const text = value.trim();
  return text !== "" && !/^[a-z][a-z0-9+.-]*:|^_:/i.test(text);
}

function indexNodes(members: readonly Item[]): Map<string, Json> {
  return new Map(members.flatMap(({ raw }) => (isObject(raw) && typeof raw["@id"] === "string" ? [[raw["@id"], raw] as const] : [])));
}
