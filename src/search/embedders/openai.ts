/**
 * Embedders that are reached over HTTP by the `/v1/embeddings` of OpenAI, which Ollama, TEI and vLLM speak too.
 * What comes back is checked before it is used: one vector for each text, of one length, of numbers. post-embeddings.ts
 * has the request and its retries.
 */
import { EmbedderError, TEXT_VERSION, type Embedder } from "../../domain/embedder.ts";
import { parseVectors } from "./parse-vectors.ts";
import { postEmbeddings, Refused, type Endpoint } from "./post-embeddings.ts";

/** Ollama and TEI queue what comes in, so larger batches win nothing and time out sooner. */
const BATCH = 64;
/** Text that a server finds too long is halved until it fits, but not below this: then the fault is elsewhere. */
const SHORTEST_CUT = 200;

export interface OpenAiOptions extends Omit<Endpoint, "url" | "model"> {
  /** `http://localhost:11434`, with or without `/v1`; a query stays. */
  url: string;
  model: string;
  /** The `dimensions` to ask for, where the model can be asked for fewer than it has. */
  dimensions?: number | undefined;
}

/** Asks once for a vector, to learn how many dimensions the model has. Throws an EmbedderError when that fails. */
export async function openOpenAi(options: OpenAiOptions, signal?: AbortSignal): Promise<Embedder> {
  const endpoint: Endpoint = { ...options, url: embeddingsUrl(options.url) };
  const [probe] = parseVectors(endpoint, await postEmbeddings(endpoint, ["probe"], signal), 1);
  const dimensions = probe!.length;
  if (options.dimensions !== undefined && options.dimensions !== dimensions) {
    throw new EmbedderError(`${endpoint.url} gave ${dimensions} dimensions where ${options.dimensions} were asked of ${options.model}.`);
  }

  const embedBatch = async (texts: readonly string[], stop?: AbortSignal): Promise<Float32Array[]> => {
    try {
      return parseVectors(endpoint, await postEmbeddings(endpoint, texts, stop), texts.length, dimensions);
    } catch (error) {
      // Too many or too long (TEI says 413 or 422, others 400): smaller batches, then shorter texts, show which.
      const smaller = error instanceof Refused && [400, 413, 422].includes(error.status) ? halves(texts) : undefined;
      if (smaller === undefined) throw error;
      const vectors: Float32Array[] = [];
      for (const part of smaller) vectors.push(...(await embedBatch(part, stop)));
      return vectors;
    }
  };

  return {
    provider: "openai",
    model: options.model,
    version: String(TEXT_VERSION),
    dimensions,
    config: `openai:${options.url}#${options.model}`,
    async embedDocuments(texts, stop) {
      const vectors: Float32Array[] = [];
      for (let from = 0; from < texts.length; from += BATCH) vectors.push(...(await embedBatch(texts.slice(from, from + BATCH), stop)));
      return vectors;
    },
    async embedQuery(text, stop) {
      const [vector] = await embedBatch([text], stop);
      return vector!;
    },
  };
}

/** The two halves of a batch; of a single text its first half; undefined when that is short already. */
function halves(texts: readonly string[]): string[][] | undefined {
  const middle = Math.ceil(texts.length / 2);
  if (texts.length > 1) return [texts.slice(0, middle), texts.slice(middle)];
  const [text = ""] = texts;
  return text.length < 2 * SHORTEST_CUT ? undefined : [[text.slice(0, text.length / 2).toWellFormed()]];
}

/** "http://host" and "http://host/v1" -> "http://host/v1/embeddings". */
function embeddingsUrl(base: string): string {
  const url = new URL(base);
  const path = url.pathname.replace(/\/+$/, "");
  if (!path.endsWith("/embeddings")) url.pathname = path.endsWith("/v1") ? `${path}/embeddings` : `${path}/v1/embeddings`;
  return url.href;
}
