/**
 * A document -> the events in it, as they were sent: one event, a list, an @graph, an ItemList, or a page, place or group
 * that names its events.
 *
 * This is done before expansion, so that every fault can point into what was sent, and one bad item cannot spoil
 * the others. What each item inherits (the context, the other nodes of its graph) goes with it.
 */
import { escapeToken } from "../domain/pointer.ts";
import { RegistryError } from "../domain/errors.ts";

export interface Item {
  /** The event as it was sent; anything at all. */
  raw: unknown;
  pointer: string;
  /** The contexts of the enclosing objects, outermost first. */
  contexts: unknown[];
  /** The number of the graph that it belongs to, if any. */
  graph?: number;
  /** Part of a graph or of a page: another type than Event is then no fault. */
  optional: boolean;
}

type JsonObject = Record<string, unknown>;
/** More than any source has: each costs some hundred bytes before anything is known of it. */
export const MOST_ITEMS = 500_000;
/** Deeper nesting of lists than anybody means; the rest is then read as one item, and refused as such. */
const MAX_NESTING = 4;

export function splitDocument(document: unknown): Item[] {
  const items: Item[] = [];
  let graphs = 0;

  const visit = (raw: unknown, at: Omit<Item, "raw">, nesting: number): void => {
    if (items.length >= MOST_ITEMS)
      throw new RegistryError("too_complex", { detail: `The document: expected at most ${MOST_ITEMS} items.`, pointer: "" });
    if (nesting <= MAX_NESTING && Array.isArray(raw)) {
      raw.forEach((entry, index) => visit(entry, { ...at, pointer: `${at.pointer}/${index}` }, nesting + 1));
      return;
    }
    if (nesting > MAX_NESTING || !isObject(raw)) {
      items.push({ ...at, raw });
      return;
    }
    const contexts = "@context" in raw ? [...at.contexts, raw["@context"]] : at.contexts;
    const graphKey = keyOf(raw, "@graph");
    if (graphKey !== undefined) {
      visit(
        raw[graphKey],
        { ...at, contexts, pointer: `${at.pointer}/${escapeToken(graphKey)}`, graph: graphs++, optional: true },
        nesting + 1,
      );
      return;
    }
    const listKey = isItemList(raw) ? keyOf(raw, "itemListElement") : undefined;
    if (listKey === undefined) {
      const holders = holdersIn(raw);
      // In a graph others may refer to what stands in a page.
      if (holders.length === 0 || at.optional) items.push({ ...at, raw });
      for (const key of holders)
        visit(raw[key], { ...at, contexts, pointer: `${at.pointer}/${escapeToken(key)}`, optional: true }, nesting + 1);
      return;
    }
    const entries = Array.isArray(raw[listKey]) ? raw[listKey] : [raw[listKey]];
    entries.forEach((entry, index) => {
      const pointer = `${at.pointer}/${escapeToken(listKey)}${Array.isArray(raw[listKey]) ? `/${index}` : ""}`;
      const itemKey = isObject(entry) ? keyOf(entry, "item") : undefined;
      const inner = isObject(entry) && itemKey !== undefined ? entry[itemKey] : entry;
      visit(inner, { ...at, contexts, pointer: itemKey === undefined ? pointer : `${pointer}/${escapeToken(itemKey)}` }, nesting + 1);
    });
  };

  visit(document, { pointer: "", contexts: [], optional: false }, 0);
  return items;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The members of a page, or of who or where events are, that hold events; none for an event. */
function holdersIn(node: JsonObject): string[] {
  const types = [node["@type"] ?? node["type"]].flat().filter((type) => typeof type === "string");
  if (types.length === 0 || types.some((type) => /Event|EventSeries$|Festival$/.test(type))) return [];
  const terms = types.some((type) => /(Page|WebSite|Article|Posting)$/.test(type)) ? ["mainEntity", "about"] : ["event", "events"];
  return terms.flatMap((term) => keyOf(node, term) ?? []).filter((key) => [node[key]].flat().some(isObject));
}

function isItemList(node: JsonObject): boolean {
  const types = [node["@type"] ?? node["type"]].flat();
  return (
    types.some((type) => typeof type === "string" && /(^|[/:])ItemList$/.test(type)) ||
    (types[0] === undefined && keyOf(node, "itemListElement") !== undefined)
  );
}

/** The key under which a node has a schema.org term, in any of its spellings. */
export function keyOf(node: JsonObject, term: string): string | undefined {
  if (Object.hasOwn(node, term)) return term;
  return term.startsWith("@")
    ? undefined
    : [`schema:${term}`, `http://schema.org/${term}`, `https://schema.org/${term}`].find((key) => Object.hasOwn(node, key));
}
