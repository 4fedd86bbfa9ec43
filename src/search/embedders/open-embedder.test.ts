/** From a node's setting to its embedder, and back from what is kept of it. */
import { expect, test } from "vitest";
import { parseConfig } from "../../config.ts";
import { embedderFromConfig, openEmbedder } from "./open-embedder.ts";

/** Stands in for the optional package; every text has the same vector. */
const loadOf = (dimensions: number) => () =>
  Promise.resolve({
    pipeline: () =>
      Promise.resolve((texts: string[]) =>
        Promise.resolve({ dims: [texts.length, dimensions], data: Float32Array.from({ length: texts.length * dimensions }, () => 1) }),
      ),
  });
const load = loadOf(8);

test.each(["lexical-hash", "transformers:some/model:q8"])("EMBEDDINGS=%s opens an embedder that can be made again", async (setting) => {
  const embedder = await openEmbedder(parseConfig({ EMBEDDINGS: setting }).embeddings, { load });
  expect(embedder.config).toBe(setting);
  const { provider, model, version, dimensions } = await embedderFromConfig(embedder.config, { load });
  expect({ provider, model, version, dimensions }).toEqual({
    provider: embedder.provider,
    model: embedder.model,
    version: embedder.version,
    dimensions: embedder.dimensions,
  });
});

test("a setting that names no embedder is refused", async () => {
  await expect(embedderFromConfig("word2vec")).rejects.toThrow('There is no embedder "word2vec"');
});

test("a model with more dimensions than can be indexed is refused at the start", async () => {
  const opening = (dimensions: number) => openEmbedder({ provider: "transformers", model: "large" }, { load: loadOf(dimensions) });
  expect(await opening(4_000)).toMatchObject({ dimensions: 4_000 });
  await expect(opening(4_001)).rejects.toThrow("EMBEDDINGS=transformers:large has 4001 dimensions, and no more than 4000 can be indexed");
});
