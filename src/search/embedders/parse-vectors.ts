/** The answer of an embeddings server: checked, and put into the order of what was asked. Nothing of it is believed. */
import { z } from "zod";
import { EmbedderError } from "../../domain/embedder.ts";

const ANSWER = z.object({
  data: z.array(z.object({ index: z.int().nonnegative(), embedding: z.array(z.number()) })),
});

/**
 * The vectors in the order of the texts (by `index`), each of length 1. Throws an EmbedderError for another count than
 * `count`, an index that is missing or double, other dimensions, anything that is no number, and a vector of zeros.
 */
export function parseVectors(server: { url: string; model: string }, answer: unknown, count: number, dimensions?: number): Float32Array[] {
  const fault = (what: string) => new EmbedderError(`${server.url} answered what cannot be used for ${server.model}: ${what}`);
  const parsed = ANSWER.safeParse(answer);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw fault(`${issue!.path.join(".") || "the answer"}: ${issue!.message}`);
  }
  const { data } = parsed.data;
  if (data.length !== count) throw fault(`${data.length} vectors for ${count} texts`);
  const ordered = data.toSorted((a, b) => a.index - b.index);
  return ordered.map(({ index, embedding }, n) => {
    if (index !== n) throw fault(`the indexes are not 0 to ${count - 1}`);
    const expected = dimensions ?? ordered[0]!.embedding.length;
    if (embedding.length !== expected || expected === 0) throw fault(`${embedding.length} dimensions rather than ${expected || "some"}`);
    const vector = toUnitLength(embedding);
    if (vector === undefined) throw fault(`the vector at index ${index} has no direction`);
    return vector;
  });
}

/** The vector at length 1; undefined where it is all zeros, or holds what is no finite number. */
export function toUnitLength(numbers: ArrayLike<number>): Float32Array | undefined {
  let squares = 0;
  for (let at = 0; at < numbers.length; at++) squares += numbers[at]! * numbers[at]!;
  const length = Math.sqrt(squares);
  if (!Number.isFinite(length) || length === 0) return undefined;
  return Float32Array.from(numbers, (number) => number / length);
}
