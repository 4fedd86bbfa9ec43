/** From a node's setting to its embedder, and from what was kept of an older one to that one again. */
import { EmbedderError, MOST_DIMENSIONS, type Embedder } from "../../domain/embedder.ts";
import { createLexicalHash } from "./lexical-hash.ts";
import { openOpenAi, type OpenAiOptions } from "./openai.ts";
import { openTransformers, type TransformersModule } from "./transformers.ts";

/** What EMBEDDINGS says, parsed (as src/config.ts has it). */
export type EmbedderChoice =
  | { provider: "lexical-hash" }
  | { provider: "openai"; url: string; model: string }
  | { provider: "transformers"; model: string };

export interface EmbedderOptions {
  /** Sent as a bearer token by `openai`; a server of one's own needs none. */
  apiKey?: string | undefined;
  timeoutMs?: number | undefined;
  wait?: OpenAiOptions["wait"];
  /** Stands in for the optional package of `transformers`. */
  load?: (() => Promise<TransformersModule>) | undefined;
  signal?: AbortSignal | undefined;
}

/** Opens the embedder, which for `openai` and `transformers` takes a first call. Throws an EmbedderError of one line. */
export async function openEmbedder(embeddings: EmbedderChoice, options: EmbedderOptions = {}): Promise<Embedder> {
  const embedder = await open(embeddings, options);
  if (embedder.dimensions <= MOST_DIMENSIONS) return embedder;
  throw new EmbedderError(
    `EMBEDDINGS=${embedder.config} has ${embedder.dimensions} dimensions, and no more than ${MOST_DIMENSIONS} can be indexed: choose a smaller model.`,
  );
}

async function open(embeddings: EmbedderChoice, { load, signal, ...http }: EmbedderOptions): Promise<Embedder> {
  switch (embeddings.provider) {
    case "lexical-hash":
      return createLexicalHash();
    case "openai":
      return openOpenAi({ ...http, url: embeddings.url, model: embeddings.model }, signal);
    case "transformers":
      return openTransformers(embeddings.model, load);
  }
}

/** `embedderFromConfig("openai:http://localhost:11434#bge-m3")`: the embedder whose `config` that was. */
export async function embedderFromConfig(text: string, options: EmbedderOptions = {}): Promise<Embedder> {
  return openEmbedder(parseEmbedder(text), options);
}

function parseEmbedder(text: string): EmbedderChoice {
  if (text === "lexical-hash") return { provider: "lexical-hash" };
  const [, model] = /^transformers:(.+)$/.exec(text) ?? [];
  if (model !== undefined) return { provider: "transformers", model };
  const [, url, name] = /^openai:([^#]+)#(.+)$/.exec(text) ?? [];
  if (url !== undefined && name !== undefined) return { provider: "openai", url, model: name };
  throw new EmbedderError(`There is no embedder "${text}": expected lexical-hash, openai:URL#model or transformers:MODEL.`);
}
