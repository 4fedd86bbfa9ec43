/** Models in this process: the optional package, and what is made of its tensors. */
import { describe, expect, test } from "vitest";
import { EmbedderError } from "../../domain/embedder.ts";
import { openTransformers, type TransformersModule } from "./transformers.ts";

/** Stands in for the package: texts of n characters are the vector [n, 1]. */
function module(batches: number[] = [], data?: number[]): TransformersModule {
  return {
    pipeline: () =>
      Promise.resolve((texts, options) => {
        expect(options).toEqual({ pooling: "mean", normalize: true });
        batches.push(texts.length);
        return Promise.resolve({ dims: [texts.length, 2], data: Float32Array.from(data ?? texts.flatMap((text) => [text.length, 1])) });
      }),
  };
}

test("without the package, one line says what to install", async () => {
  const error = await openTransformers("Xenova/all-MiniLM-L6-v2").catch((fault: unknown) => fault);
  expect(error).toBeInstanceOf(EmbedderError);
  expect((error as Error).message).toMatch(/npm install @huggingface\/transformers/);
  expect((error as Error).message).not.toContain("\n");
});

test("a model that cannot be loaded is named", async () => {
  const load = () => Promise.resolve({ pipeline: () => Promise.reject(new Error("Could not locate\nthe file")) });
  await expect(openTransformers("no/such", load)).rejects.toThrow(
    "transformers:no/such: the model cannot be loaded: Could not locate the file",
  );
});

describe("with the package", () => {
  test("vectors come in the order of the texts, at length 1, in batches", async () => {
    const batches: number[] = [];
    const embedder = await openTransformers("some/model", () => Promise.resolve(module(batches)));
    expect(embedder).toMatchObject({ provider: "transformers", model: "some/model", dimensions: 2, config: "transformers:some/model" });
    const vectors = await embedder.embedDocuments(Array.from({ length: 20 }, (_, n) => "x".repeat(n)));
    expect(batches).toEqual([1, 16, 4]);
    expect(vectors.map(([first, second]) => Math.round(first! / second!))).toEqual(Array.from({ length: 20 }, (_, n) => n));
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expect(await embedder.embedQuery("xxx")).toEqual(vectors[3]);
  });

  test("a tensor of another shape, or without a direction, is refused", async () => {
    const opening = (data: number[]) => openTransformers("some/model", () => Promise.resolve(module([], data)));
    await expect(opening([1, 2, 3])).rejects.toThrow("is it a model for embeddings?");
    await expect(opening([0, 0])).rejects.toThrow("without a direction");
    await expect(opening([Number.NaN, 1])).rejects.toThrow("without a direction");
  });

  test("stops when it is told to", async () => {
    const embedder = await openTransformers("some/model", () => Promise.resolve(module()));
    await expect(embedder.embedDocuments(["a"], AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped");
  });
});
