/**
 * JSON-LD expansion of many items at once, with bundled contexts only.
 *
 * One call of jsonld.js for a batch spreads its fixed cost, and its caches keep the processed contexts; a batch that
 * fails is halved until the bad item stands alone.
 */
import jsonld from "jsonld";
import { RegistryError } from "../domain/errors.ts";
import { assertBounded } from "./bounds.ts";
import type { DocumentLoader } from "./contexts.ts";
import type { Node } from "./expanded.ts";
import { isObject } from "./split.ts";
import type { Item } from "./split.ts";

/** Wraps an item for expansion: the number keeps jsonld.js from dropping it, whatever becomes of the item. */
const NUMBER = "urn:calends:number";
const ITEM = "urn:calends:item";
const DEFAULT_CONTEXT = "https://schema.org";
/** Items expanded in one call: enough to spread its fixed cost, few enough to let other work have its turn. */
const BATCH = 200;

/** The expanded nodes of one item, or why it has none. */
export type Expansion = Node[] | RegistryError;

/**
 * Expands each item under what it inherits, in calls of many items; an item beyond the bounds or refused by jsonld.js
 * is a refusal of its own. The answer is parallel to `items`.
 */
export async function expandItems(items: Item[], loader: DocumentLoader): Promise<Expansion[]> {
  const expansions: Expansion[] = [];
  for (let from = 0; from < items.length; from += BATCH) {
    const batch = items.slice(from, from + BATCH);
    const refused = batch.map(({ raw, pointer, contexts }) => {
      try {
        assertBounded(raw, pointer);
        assertBounded({ "@context": contexts.flat() });
        return undefined;
      } catch (error) {
        if (error instanceof RegistryError) return error;
        throw error;
      }
    });
    const sound = batch.map((item, number) => ({ item, number })).filter(({ number }) => refused[number] === undefined);
    const expanded = new Map(await expandBatch(sound, loader));
    expansions.push(...batch.map((_, number) => refused[number] ?? expanded.get(number) ?? []));
  }
  return expansions;
}

async function expandBatch(batch: { item: Item; number: number }[], loader: DocumentLoader): Promise<[number, Expansion][]> {
  if (batch.length === 0) return [];
  try {
    const wrapped = batch.map(({ item, number }) => ({ [NUMBER]: number, [ITEM]: withContext(item) }));
    const expanded = (await jsonld.expand(wrapped as object as jsonld.JsonLdDocument, { documentLoader: loader as never })) as Node[];
    return expanded.map((wrapper) => {
      const [number] = wrapper[NUMBER] as [{ "@value": number }];
      return [number["@value"], (wrapper[ITEM] ?? []) as Node[]];
    });
  } catch (error) {
    const [only, ...others] = batch;
    if (only !== undefined && others.length === 0) return [[only.number, refusalOf(error, only.item.pointer)]];
    const half = Math.ceil(batch.length / 2);
    return [...(await expandBatch(batch.slice(0, half), loader)), ...(await expandBatch(batch.slice(half), loader))];
  }
}

function withContext({ raw, contexts }: Item): unknown {
  if (!isObject(raw)) return null;
  const { "@context": own, ...members } = raw;
  const all = [...contexts, own].filter((context) => context !== undefined && context !== null).flat();
  return { "@context": all.length === 0 ? DEFAULT_CONTEXT : all.length === 1 ? all[0] : all, ...members };
}

/** What jsonld.js refuses is the sender's fault; anything else that breaks is ours and goes on up. */
function refusalOf(error: unknown, pointer: string): RegistryError {
  const cause = innermost(error);
  if (cause instanceof RegistryError) return new RegistryError(cause.code, { detail: cause.message, pointer: `${pointer}/@context` });
  const name = error instanceof Error ? error.name : "";
  if (name.startsWith("jsonld.") || error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) {
    const code = (cause as { details?: { code?: unknown } }).details?.code;
    return new RegistryError("invalid_body", {
      detail: `${pointer || "The document"}: not valid JSON-LD${typeof code === "string" ? ` (${code})` : ""}: ${(cause as Error).message.slice(0, 200)}`,
      pointer,
      cause: error,
    });
  }
  throw error;
}

function innermost(error: unknown): unknown {
  const cause = (error as { details?: { cause?: unknown } } | undefined)?.details?.cause;
  return cause instanceof Error ? innermost(cause) : error;
}
