/**
 * Vectors of events: made when an event is submitted, kept as its text changes, gone with it; and a change of model,
 * during which the old one serves. Every part may be cut off or run twice.
 */
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import {
  ensureModel,
  finishTaken,
  halfvec,
  listModels,
  queuedEvents,
  servingModel,
  takeQueued,
  type EmbeddingModel,
} from "../../src/db/embeddings.ts";
import { kyselyOf } from "../../src/db/handle.ts";
import { createVectorIndex } from "../../src/db/vector-index.ts";
import { EmbedderError, type Embedder } from "../../src/domain/embedder.ts";
import { embedEvents, type EmbedParts } from "../../src/registry/embed-events.ts";
import { reviseEvent } from "../../src/registry/revise-event.ts";
import { retractEvent } from "../../src/registry/retract-event.ts";
import { createLexicalHash } from "../../src/search/embedders/lexical-hash.ts";
import { concert, openTestRegistry } from "../support/registry.ts";

/** An embedder that counts what it is asked; its vectors point where the text's length says. */
interface CountingEmbedder extends Embedder {
  texts: string[];
  /** Called before each batch. */
  before: () => Promise<void>;
}
function countingEmbedder(model: string, dimensions = 4): CountingEmbedder {
  const vectorOf = (text: string) => {
    const angle = text.length / 100;
    return Float32Array.from({ length: dimensions }, (_, n) => (n === 0 ? Math.cos(angle) : n === 1 ? Math.sin(angle) : 0));
  };
  const embedder: CountingEmbedder = {
    provider: "test",
    model,
    version: "1",
    dimensions,
    config: `test:${model}`,
    texts: [],
    before: () => Promise.resolve(),
    async embedDocuments(texts) {
      await embedder.before();
      embedder.texts.push(...texts);
      return texts.map(vectorOf);
    },
    embedQuery: (text) => Promise.resolve(vectorOf(text)),
  };
  return embedder;
}

async function open(count = 0) {
  const on = await openTestRegistry();
  const { database, clock } = on.registry;
  const source = await on.source("agent");
  const warnings: string[] = [];
  const rows = async <T>(statement: ReturnType<typeof sql>) =>
    database.read(async (reader) => (await statement.execute(kyselyOf(reader))).rows as T[]);
  const submit = async (name: string) => (await on.submit(source, concert({ name }))).eventId;
  const ids: string[] = [];
  for (let n = 1; n <= count; n++) ids.push(await submit(`Concert ${n} of ${"*".repeat(n)}`));
  return {
    on,
    ids,
    warnings,
    submit,
    rename: (eventId: string, name: string) =>
      database.transact((tx) => {
        const document = { name };
        const payload = Buffer.from(JSON.stringify(document));
        return reviseEvent(on.registry, source, tx, {
          eventId,
          mode: "patch",
          payload,
          mediaType: "application/merge-patch+json",
          document,
        });
      }),
    retract: (eventId: string) => database.transact((tx) => retractEvent(on.registry, source, tx, { eventId })),
    embed: (embedder: Embedder, more: Partial<EmbedParts> = {}) =>
      embedEvents({
        database,
        clock,
        embedder,
        openOlder: (config) => Promise.reject(new EmbedderError(`no ${config} here`)),
        warn: (_details, message) => void warnings.push(message),
        ...more,
      }),
    models: () => database.read(listModels),
    serving: () => database.read(servingModel),
    queued: async () => (await database.read(queuedEvents)).events,
    /** event id -> its vector, for one model. */
    async vectors({ id }: { id: number }): Promise<Map<string, number[]>> {
      const found = await rows<{ id: string; vector: string }>(
        sql`select event_id as id, embedding::text as vector from event_embeddings where model_id = ${id} order by 1`,
      );
      return new Map(found.map((row) => [row.id, JSON.parse(row.vector) as number[]]));
    },
    async indexes(): Promise<string[]> {
      const found = await rows<{ definition: string }>(
        sql`select pg_get_indexdef(indexrelid) as definition from pg_index where indisvalid and indexrelid::regclass::text like 'event_embeddings_model_%' order by indexrelid`,
      );
      return found.map(({ definition }) => definition);
    },
    [Symbol.asyncDispose]: () => on[Symbol.asyncDispose](),
  };
}

describe("events are embedded", () => {
  test("all of them at first, in batches; then the model serves, with an index", async () => {
    await using on = await open(5);
    const embedder = countingEmbedder("one");
    expect(await on.serving()).toBeUndefined();
    expect(await on.embed(embedder, { batch: 2 })).toEqual({ embedded: 5 });
    const model = (await on.serving())!;
    expect(model).toMatchObject({ provider: "test", model: "one", version: "1", dimensions: 4, config: "test:one" });
    expect([...(await on.vectors(model)).keys()]).toEqual(on.ids.toSorted());
    expect(embedder.texts).toHaveLength(5);
    expect(embedder.texts[0]).toMatch(/^Concert \d of \*+\njazz\nThe Rex, Toronto, The Rex Hotel\nAn evening of improvised music\.$/);
    expect(await on.queued()).toBe(0);
    expect(await on.indexes()).toEqual([expect.stringMatching(/hnsw .*halfvec\(4\).*halfvec_cosine_ops.*model_id = \d+/)]);
  });

  test("an empty node's model serves at once, and what comes then is embedded as it comes", async () => {
    await using on = await open();
    const embedder = countingEmbedder("one");
    expect(await on.embed(embedder)).toEqual({ embedded: 0 });
    const id = await on.submit("First Night");
    expect(await on.embed(embedder)).toEqual({ embedded: 1 });
    expect((await on.vectors((await on.serving())!)).has(id)).toBe(true);
  });

  test("again when their text has changed, and not when it has not", async () => {
    await using on = await open(2);
    const embedder = countingEmbedder("one");
    await on.embed(embedder);
    const model = (await on.serving())!;
    const before = await on.vectors(model);

    await on.rename(on.ids[0]!, "Another name altogether, and a longer one");
    expect(await on.queued()).toBe(1);
    expect(await on.embed(embedder)).toEqual({ embedded: 1 });
    const after = await on.vectors(model);
    expect(after.get(on.ids[0]!)).not.toEqual(before.get(on.ids[0]!));
    expect(after.get(on.ids[1]!)).toEqual(before.get(on.ids[1]!));

    await on.on.registry.database.transact((tx) => sql`select queue_embeddings(${on.ids}::uuid[])`.execute(kyselyOf(tx)));
    expect(await on.queued()).toBe(2);
    expect(await on.embed(embedder)).toEqual({ embedded: 0 });
    expect(await on.queued()).toBe(0);
  });

  test("and their vectors go with them", async () => {
    await using on = await open(2);
    const embedder = countingEmbedder("one");
    await on.embed(embedder);
    await on.retract(on.ids[0]!);
    await on.embed(embedder);
    expect([...(await on.vectors((await on.serving())!)).keys()]).toEqual([on.ids[1]]);
  });

  test("by the default embedder the event is found though its name is misspelt", async () => {
    await using on = await open(3);
    const id = await on.submit("Harmonica Festival");
    const embedder = createLexicalHash();
    await on.embed(embedder);
    const model = (await on.serving())!;
    const query = halfvec(await embedder.embedQuery("harmonca festval"));
    const nearest = await on.on.registry.database.read((reader) =>
      sql<{ id: string; similarity: number }>`select event_id as id, 1 - (embedding::halfvec(512) <=> ${query}::halfvec(512)) as similarity
        from event_embeddings where model_id = ${model.id} order by 2 desc limit 1`.execute(kyselyOf(reader)),
    );
    expect(nearest.rows).toEqual([{ id, similarity: expect.toSatisfy((value: number) => value > 0.3 && value < 1) }]);
  });
});

describe("what happens meanwhile is not lost", () => {
  test("an event that changes while it is embedded is embedded again", async () => {
    await using on = await open(1);
    const embedder = countingEmbedder("one");
    await on.embed(embedder);
    const [id] = on.ids as [string];
    await on.rename(id, "Second name");
    embedder.before = async () => {
      embedder.before = () => Promise.resolve();
      await on.rename(id, "Third name, the longest of the three");
    };
    await on.embed(embedder);
    expect(embedder.texts.at(-1)).toMatch(/^Third name/);
    const fresh = await on.vectors((await on.serving())!);
    expect(fresh.get(id)![0]).toBeCloseTo(Math.cos(embedder.texts.at(-1)!.length / 100), 2);
    expect(await on.queued()).toBe(0);
  });

  test("what fails is taken again at once by the next try", async () => {
    await using on = await open(2);
    const embedder = countingEmbedder("one");
    embedder.before = () => Promise.reject(new EmbedderError("the server is down"));
    await expect(on.embed(embedder)).rejects.toThrow("the server is down");
    expect(await on.serving()).toBeUndefined();
    embedder.before = () => Promise.resolve();
    expect(await on.embed(embedder)).toEqual({ embedded: 2 });
  });

  test("what a worker held when it died is free again later, and then the dead one's hand is empty", async () => {
    await using on = await open(1);
    const { database, clock } = on.on.registry;
    const held = await database.transact((tx) => takeQueued(tx, 10, clock(), new Date(clock().getTime() + 60_000)));
    expect(held).toHaveLength(1);
    const take = () => database.transact((tx) => takeQueued(tx, 10, clock(), new Date(clock().getTime() + 60_000)));
    expect(await take()).toEqual([]);
    on.on.later(60_001);
    const taken = await take();
    expect(taken).toMatchObject([{ eventId: on.ids[0] }]);
    expect(await database.transact((tx) => finishTaken(tx, held))).toEqual(new Set());
    expect(await database.transact((tx) => finishTaken(tx, taken))).toEqual(new Set(on.ids));
  });
});

describe("a change of model", () => {
  test("embeds every event again while the old model serves, and is kept up to date", async () => {
    await using on = await open(4);
    const old = countingEmbedder("old");
    const young = countingEmbedder("young", 6);
    await on.embed(old);
    const served = (await on.serving())!;
    const during: (EmbeddingModel | undefined)[] = [];
    let batches = 0;
    young.before = async () => {
      during.push(await on.serving());
      // While the second batch is made, an event of the first changes, and another one comes.
      if (++batches === 2) {
        await on.rename(on.ids.toSorted()[0]!, "Renamed meanwhile, at some length");
        await on.submit("Came meanwhile");
      }
    };
    await on.embed(young, { batch: 2, openOlder: () => Promise.resolve(old) });
    expect(new Set(during.map((model) => model?.id))).toEqual(new Set([served.id]));
    expect(old.texts.filter((text) => text.includes("meanwhile"))).toHaveLength(2);

    const model = (await on.serving())!;
    expect(model).toMatchObject({ model: "young", dimensions: 6 });
    const vectors = await on.vectors(model);
    expect(vectors.size).toBe(5);
    const renamed = young.texts.find((text) => text.startsWith("Renamed meanwhile"))!;
    expect(vectors.get(on.ids.toSorted()[0]!)![0]).toBeCloseTo(Math.cos(renamed.length / 100), 2);

    // Of the old one nothing is left.
    expect(await on.models()).toEqual([model]);
    expect(await on.vectors(served)).toEqual(new Map());
    expect(await on.indexes()).toEqual([expect.stringContaining("halfvec(6)")]);
  });

  test("that is cut off goes on where it stopped", async () => {
    await using on = await open(6);
    await on.embed(countingEmbedder("old"));
    const young = countingEmbedder("young");
    let batches = 0;
    young.before = () => (++batches === 3 ? Promise.reject(new EmbedderError("cut off")) : Promise.resolve());
    const openOlder = () => Promise.resolve(countingEmbedder("old"));
    await expect(on.embed(young, { batch: 2, openOlder })).rejects.toThrow("cut off");
    expect(await on.serving()).toMatchObject({ model: "old" });
    expect(await on.embed(young, { batch: 2, openOlder })).toEqual({ embedded: 2 });
    expect(await on.serving()).toMatchObject({ model: "young" });
  });

  test("of which the old embedder is no more: what changes loses its old vector, rather than keeping a wrong one", async () => {
    await using on = await open(2);
    await on.embed(countingEmbedder("old"));
    const served = (await on.serving())!;
    await on.rename(on.ids[0]!, "Renamed");
    const young = countingEmbedder("young");
    let left: string[] = [];
    let batches = 0;
    young.before = async () => {
      if (++batches === 2) left = [...(await on.vectors(served)).keys()];
    };
    await on.embed(young);
    expect(left).toEqual([on.ids[1]]);
    expect(on.warnings).toHaveLength(1);
    expect((await on.vectors((await on.serving())!)).size).toBe(2);
  });

  test("that is taken back leaves the first serving, and nothing of the other", async () => {
    await using on = await open(3);
    const first = countingEmbedder("first");
    await on.embed(first);
    const served = (await on.serving())!;
    const second = countingEmbedder("second");
    let batches = 0;
    second.before = () => (++batches === 2 ? Promise.reject(new EmbedderError("cut off")) : Promise.resolve());
    await expect(on.embed(second, { batch: 1 })).rejects.toThrow("cut off");
    expect(await on.models()).toHaveLength(2);
    await on.embed(first);
    await on.embed(first);
    expect(await on.models()).toEqual([served]);
  });

  test("of which another process knows nothing yet: it looks again before it takes an event off the queue", async () => {
    await using on = await open(1);
    const old = countingEmbedder("old");
    const young = countingEmbedder("young");
    await on.embed(old);
    await on.rename(on.ids[0]!, "Renamed");
    old.before = async () => {
      old.before = () => Promise.resolve();
      await on.on.registry.database.transact((tx) => ensureModel(tx, young));
    };
    await on.embed(old, { openOlder: () => Promise.resolve(young) });
    const building = (await on.models()).find(({ status }) => status === "building")!;
    expect((await on.vectors(building)).size).toBe(1);
  });
});

test("an index of that name that cannot be used is made anew", async () => {
  await using on = await open(1);
  const { database } = on.on.registry;
  const model = await database.transact((tx) => ensureModel(tx, countingEmbedder("one", 4)));
  await createVectorIndex(database, { ...model, dimensions: 3 });
  expect(await on.indexes()).toEqual([expect.stringContaining("halfvec(3)")]);
  await on.embed(countingEmbedder("one", 4));
  expect(await on.indexes()).toEqual([expect.stringContaining("halfvec(4)")]);
});
