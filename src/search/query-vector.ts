/** The vector of what somebody looks for, made by the embedder whose vectors are served just now. */
import type { Database } from "../db/database.ts";
import { halfvec, isSame, servingModel } from "../db/embeddings.ts";
import { EmbedderError, type Embedder } from "../domain/embedder.ts";

export interface QueryVector {
  modelId: number;
  dimensions: number;
  /** Text of a halfvec. */
  vector: string;
}
export type ToVector = (database: Database, text: string) => Promise<QueryVector | undefined>;

export interface ToVectorParts {
  /** The configured one; throws an EmbedderError while it cannot be had. While its vectors are being made, those of the one before are asked. */
  openEmbedder: () => Promise<Embedder>;
  /** The embedder of a model that was configured before. */
  openOlder: (config: string) => Promise<Embedder>;
  log: { warn(details: object, message: string): void };
}

/** A search does not wait longer for its vector, in milliseconds. */
const PATIENCE = 1_500;

/** Undefined while there are no vectors, for a text without words, and where the embedder fails: the search then goes by words alone, and says so. */
export function createToVector({ openEmbedder, openOlder, log }: ToVectorParts): ToVector {
  return async (database, text) => {
    if (text === "") return undefined;
    const model = await database.read(servingModel);
    if (model === undefined) return undefined;
    const patience = AbortSignal.timeout(PATIENCE);
    try {
      const present = await openEmbedder();
      const vector = await (isSame(model, present) ? present : await openOlder(model.config)).embedQuery(text, patience);
      return vector.some((number) => number !== 0)
        ? { modelId: model.id, dimensions: model.dimensions, vector: halfvec(vector) }
        : undefined;
    } catch (error) {
      if (!(error instanceof EmbedderError) && !patience.aborted) throw error;
      log.warn({ err: error }, "search: the embedder failed; answered by words alone");
      return undefined;
    }
  };
}
