/**
 * Models that run in this process, by the optional package @huggingface/transformers. It is loaded when it is configured
 * and not before: it brings 300 MB along, and most nodes do without. Mean pooling; the model comes from its cache or the hub.
 */
import { EmbedderError, TEXT_VERSION, type Embedder } from "../../domain/embedder.ts";
import { toUnitLength } from "./parse-vectors.ts";

/** The part of the package that is used here (its pipeline for feature extraction). */
export interface TransformersModule {
  pipeline(task: "feature-extraction", model: string): Promise<FeatureExtractor>;
}
type FeatureExtractor = (
  texts: string[],
  options: { pooling: "mean"; normalize: boolean },
) => Promise<{ readonly dims: readonly number[]; readonly data: ArrayLike<number> }>;

const PACKAGE = "@huggingface/transformers";
/** Texts of a batch are padded to its longest, so larger ones waste more than they save. */
const BATCH = 16;

/** Loads the package and the model. Throws an EmbedderError of one line when either is not to be had. */
export async function openTransformers(model: string, load: () => Promise<TransformersModule> = importPackage): Promise<Embedder> {
  const extractor = await openModel(model, await load());

  const embedBatch = async (texts: readonly string[]): Promise<Float32Array[]> => {
    const { dims, data } = await extractor([...texts], { pooling: "mean", normalize: true });
    const [count, size] = dims;
    if (dims.length !== 2 || count !== texts.length || size === undefined || data.length !== count * size) {
      throw new EmbedderError(`${model} gave a tensor of ${dims.join(" x ")} for ${texts.length} texts: is it a model for embeddings?`);
    }
    return texts.map((_, n) => {
      const vector = toUnitLength(Array.prototype.slice.call(data, n * size, (n + 1) * size) as number[]);
      if (vector === undefined) throw new EmbedderError(`${model} gave a vector without a direction.`);
      return vector;
    });
  };

  const [probe] = await embedBatch(["probe"]);
  return {
    provider: "transformers",
    model,
    version: String(TEXT_VERSION),
    dimensions: probe!.length,
    config: `transformers:${model}`,
    async embedDocuments(texts, signal) {
      const vectors: Float32Array[] = [];
      for (let from = 0; from < texts.length; from += BATCH) {
        signal?.throwIfAborted();
        vectors.push(...(await embedBatch(texts.slice(from, from + BATCH))));
      }
      return vectors;
    },
    async embedQuery(text, signal) {
      signal?.throwIfAborted();
      const [vector] = await embedBatch([text]);
      return vector!;
    },
  };
}

async function openModel(model: string, transformers: TransformersModule): Promise<FeatureExtractor> {
  try {
    return await transformers.pipeline("feature-extraction", model);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/\s+/g, " ").slice(0, 200) : String(cause);
    throw new EmbedderError(`EMBEDDINGS=transformers:${model}: the model cannot be loaded: ${why}`, { cause });
  }
}

async function importPackage(): Promise<TransformersModule> {
  // By a variable, so that the type checker does not ask for a package that need not be there.
  const name: string = PACKAGE;
  try {
    return (await import(name)) as TransformersModule;
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND")) throw cause;
    throw new EmbedderError(
      `EMBEDDINGS=transformers:… needs the optional package ${PACKAGE}: run "npm install ${PACKAGE}", or choose EMBEDDINGS=lexical-hash.`,
      { cause },
    );
  }
}
