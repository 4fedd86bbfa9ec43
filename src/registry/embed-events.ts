/**
 * Keeps the vectors of events up to date: those whose text changed, for every model in use; and, after a change of model,
 * all events for the new one while the old one serves. Safe to run twice at once, and to be cut off anywhere.
 *
 *   1. What waits in the queue is embedded for the model that serves and for the one being built.
 *   2. The model being built gets the events that it lacks, in order of id; the queue is served in between.
 *   3. Its index is made, and then, in one transaction, it serves.
 *   4. What is retired is removed.
 */
import type { Database, Reader } from "../db/database.ts";
import {
  deleteVectors,
  ensureModel,
  eventsWithoutVector,
  finishTaken,
  giveBack,
  isSame,
  listModels,
  removeVectorsOf,
  serveModel,
  sourceHashes,
  storeVectors,
  takeQueued,
  type EmbeddingModel,
  type EventVector,
  type Taken,
} from "../db/embeddings.ts";
import { readStates } from "../db/entities.ts";
import { createVectorIndex, dropUnusableIndex, dropVectorIndex } from "../db/vector-index.ts";
import type { Clock } from "../domain/clock.ts";
import { EmbedderError, embeddingText, sourceHash, type Embedder } from "../domain/embedder.ts";
import type { EventState } from "../domain/state.ts";

export interface EmbedParts {
  database: Database;
  clock: Clock;
  /** Makes the vectors that the node is to have from now on. */
  embedder: Embedder;
  /** Makes the embedder of an older model again, from what was kept of it; may throw an EmbedderError. */
  openOlder: (config: string) => Promise<Embedder>;
  /** Hears of an older model whose embedder cannot be had. */
  warn: (details: object, message: string) => void;
  /** Events embedded at a time. */
  batch?: number;
  signal?: AbortSignal | undefined;
}

/** A model in use, and what makes its vectors; without an embedder its outdated vectors are dropped and not replaced. */
interface Target {
  model: EmbeddingModel;
  embedder: Embedder | undefined;
}

const BATCH = 128;
/** A worker that has not given back by then is taken for dead: several times what a slow server takes for a batch. */
const HELD_FOR = 15 * 60 * 1000;
const REMOVED_AT_ONCE = 2_000;

/** Embeds whatever waits, and builds the embedder's model where it is new; resolves with how many vectors it made. */
export async function embedEvents(parts: EmbedParts): Promise<{ embedded: number }> {
  const { database, embedder } = parts;
  const work: Work = { ...parts, batch: parts.batch ?? BATCH, older: openOnce(parts) };
  await removeRetired(database);
  const model = await database.transact((tx) => ensureModel(tx, embedder));
  if (model.status === "building") await dropUnusableIndex(database, model);
  let embedded = await embedQueued(work);
  if (model.status === "serving") return { embedded };
  embedded += await buildModel(work, model);
  await removeRetired(database);
  return { embedded };
}

type Work = EmbedParts & { batch: number; older: (config: string) => Promise<Embedder | undefined> };

/** Opens each older embedder once, as that may take a call over the network; undefined where it cannot be had. */
function openOnce({ openOlder, warn }: EmbedParts): Work["older"] {
  const opened = new Map<string, Promise<Embedder | undefined>>();
  return (config) => {
    const opening =
      opened.get(config) ??
      openOlder(config).catch((error: unknown) => {
        if (!(error instanceof EmbedderError)) throw error;
        warn({ err: error, config }, "embeddings: the embedder of the model that still serves cannot be opened");
        return undefined;
      });
    opened.set(config, opening);
    return opening;
  };
}

const inUse = async (on: Reader) => (await listModels(on)).filter(({ status }) => status !== "retired");

async function targetsOf({ database, embedder, older }: Work): Promise<Target[]> {
  const targets: Target[] = [];
  for (const model of await database.read(inUse)) {
    const its = isSame(model, embedder) ? embedder : await older(model.config);
    // The same setting may make other vectors by now: another version, or another model behind the same name.
    targets.push({ model, embedder: its !== undefined && isSame(model, its) ? its : undefined });
  }
  return targets;
}

async function embedQueued(work: Work): Promise<number> {
  const { database, clock, batch, signal } = work;
  let targets = await targetsOf(work);
  for (let embedded = 0; ;) {
    signal?.throwIfAborted();
    const now = clock();
    const taken = await database.transact((tx) => takeQueued(tx, batch, now, new Date(now.getTime() + HELD_FOR)));
    if (taken.length === 0) return embedded;
    try {
      const stored = await embedTaken(work, targets, taken);
      if (stored === undefined) targets = await targetsOf(work);
      embedded += stored ?? 0;
    } catch (error) {
      await database.transact((tx) => giveBack(tx, taken));
      throw error;
    }
  }
}

/** Resolves with how many vectors were stored; undefined (and nothing done) when another model came into use meanwhile. */
async function embedTaken({ database, signal }: Work, targets: readonly Target[], taken: readonly Taken[]): Promise<number | undefined> {
  const ids = taken.map(({ eventId }) => eventId);
  const texts = await readTexts(database, ids);
  const gone = ids.filter((id) => !texts.has(id));
  // Outside any transaction: a server may take seconds for a batch.
  const made: { target: Target; vectors: EventVector[]; outdated: string[] }[] = [];
  for (const target of targets) {
    const hashes = await database.read((on) => sourceHashes(on, target.model.id, ids));
    const outdated = [...texts].filter(([id, text]) => !hashes.get(id)?.equals(sourceHash(text)));
    const vectors = target.embedder === undefined ? [] : await embedTexts(target.embedder, outdated, signal);
    made.push({ target, vectors, outdated: outdated.map(([id]) => id) });
  }
  return database.transact(async (tx) => {
    // A model that another process began to build may have this event's old text already.
    if ((await inUse(tx)).some(({ id }) => !targets.some(({ model }) => model.id === id))) {
      await giveBack(tx, taken);
      return undefined;
    }
    const mine = await finishTaken(tx, taken);
    const ours = (id: string) => mine.has(id);
    await deleteVectors(tx, gone.filter(ours));
    let stored = 0;
    for (const { target, vectors, outdated } of made) {
      const storable = vectors.filter(({ eventId }) => ours(eventId));
      if (target.embedder === undefined) await deleteVectors(tx, outdated.filter(ours), target.model.id);
      await storeVectors(tx, target.model.id, storable, "replace");
      stored += storable.length;
    }
    return stored;
  });
}

async function buildModel(work: Work, model: EmbeddingModel): Promise<number> {
  const { database, embedder, batch, signal } = work;
  let embedded = 0;
  for (let after: string | undefined; ;) {
    signal?.throwIfAborted();
    const ids = await database.read((on) => eventsWithoutVector(on, model.id, after, batch));
    if (ids.length === 0) break;
    after = ids.at(-1);
    const vectors = await embedTexts(embedder, [...(await readTexts(database, ids))], signal);
    // Keeping what is there: the queue's, for an event that changed since it was read here, is the newer.
    await database.transact((tx) => storeVectors(tx, model.id, vectors, "keep"));
    embedded += vectors.length + (await embedQueued(work));
  }
  if (!(await createVectorIndex(database, model))) return embedded;
  embedded += await embedQueued(work);
  await database.transact((tx) => serveModel(tx, model.id));
  return embedded;
}

/** The texts of those of these events that are still there (neither deleted nor merged into another), by id. */
async function readTexts(database: Database, ids: readonly string[]): Promise<Map<string, string>> {
  const states = (await database.read((on) => readStates(on, "event", ids))) as EventState[];
  const present = states.filter((state) => state.deletedAt === undefined && state.supersededBy === undefined);
  return new Map(present.map((state) => [state.id, embeddingText(state)]));
}

async function embedTexts(embedder: Embedder, texts: readonly (readonly [string, string])[], signal?: AbortSignal): Promise<EventVector[]> {
  if (texts.length === 0) return [];
  const vectors = await embedder.embedDocuments(
    texts.map(([, text]) => text),
    signal,
  );
  return texts.map(([eventId, text], n) => ({ eventId, sourceHash: sourceHash(text), vector: vectors[n]! }));
}

/** Removes the vectors and indexes of retired models, a few thousand rows at a time. */
async function removeRetired(database: Database): Promise<void> {
  for (const { id, status } of await database.read(listModels)) {
    if (status !== "retired") continue;
    await dropVectorIndex(database, id);
    while (await database.transact((tx) => removeVectorsOf(tx, id, REMOVED_AT_ONCE)));
  }
}
