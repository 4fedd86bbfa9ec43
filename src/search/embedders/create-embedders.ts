/** A node's embedders: each opened when it is first wanted, and again after a failure. */
import type { Embedder } from "../../domain/embedder.ts";
import { embedderFromConfig, openEmbedder, type EmbedderChoice } from "./open-embedder.ts";

export interface EmbeddersParts {
  embeddings: EmbedderChoice;
  /** Of the server in `embeddings`, and of no other. */
  apiKey?: string | undefined;
  log: { warn(details: object, message: string): void };
}

/** The embedder of the setting, and former ones by what was kept of theirs. */
export function createEmbedders({ embeddings, apiKey, log }: EmbeddersParts) {
  const opened = new Map<string, Promise<Embedder>>();
  const once = (name: string, open: () => Promise<Embedder>): Promise<Embedder> => {
    const opening =
      opened.get(name) ??
      open().catch((error: unknown) => {
        opened.delete(name);
        log.warn({ err: error }, "embeddings: the embedder cannot be opened; search goes by words alone until it can");
        throw error;
      });
    opened.set(name, opening);
    return opening;
  };
  const sameServer = (text: string) => embeddings.provider === "openai" && text.startsWith(`openai:${embeddings.url}#`);
  return {
    openEmbedder: () => once("", () => openEmbedder(embeddings, { apiKey })),
    openOlder: (text: string) => once(text, () => embedderFromConfig(text, sameServer(text) ? { apiKey } : {})),
  };
}
