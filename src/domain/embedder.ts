/**
 * What turns text into vectors, as the rest of the program sees it (the port), and the text that stands for an event.
 * The adapters are in src/search/embedders; the registry embeds events with whichever it is handed.
 */
import { createHash } from "node:crypto";
import type { EventState } from "./state.ts";

/** Vectors are of length 1 (L2), so that a dot product is the cosine; all zeros where a text has nothing to go by. */
export interface Embedder {
  readonly provider: string;
  readonly model: string;
  /** Changes when the same text would get another vector, though provider and model stay. */
  readonly version: string;
  readonly dimensions: number;
  /** What makes this embedder again, as EMBEDDINGS has it: `openai:http://localhost:11434#bge-m3`. Never a secret. */
  readonly config: string;
  /** One vector for each text, in their order. Texts are those of `embeddingText`. Throws an EmbedderError. */
  embedDocuments(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>;
  /** The vector of what somebody looks for. Throws an EmbedderError. */
  embedQuery(text: string, signal?: AbortSignal): Promise<Float32Array>;
}

/** Text could not be made into vectors. The message is one line for the operator: what failed, where, and what to do. */
export class EmbedderError extends Error {
  override name = "EmbedderError";
}

/** An index of half-precision vectors takes no more (pgvector's HNSW). */
export const MOST_DIMENSIONS = 4_000;

/** Grows with every change of `embeddingText`; part of each adapter's version, so that a change embeds all events again. */
export const TEXT_VERSION = 1;

/** Models read a few hundred words; what comes later in a description seldom tells what the event is. */
const DESCRIPTION_CHARACTERS = 2_000;

/**
 * The text that stands for an event: its name; keywords and performers; venue, locality and organizer; description.
 * Each of the first three is one line, empty when there is nothing; the rest is the description, cut to 2,000 characters.
 * `lexical-hash` weighs the lines; a language model reads them as paragraphs. Made of the public state alone, so that
 * what was taken down is in no vector.
 */
export function embeddingText(state: EventState): string {
  const { name, keywords = [], performer = [], location, organizer, description = "" } = state;
  const about = unique([...keywords, ...performer.map((one) => one.name)]);
  const where = unique([location?.name, location?.address?.addressLocality, organizer?.name]);
  return [line(name), line(about.join(", ")), line(where.join(", ")), cut(line(description))].join("\n").trimEnd();
}

/** sha-256 of an event's text: equal hashes need no second vector. */
export const sourceHash = (text: string): Buffer => createHash("sha256").update(text).digest();

const line = (text: string) => text.replace(/\s+/gu, " ").trim();

const unique = (texts: readonly (string | undefined)[]) => [...new Set(texts.filter((text) => text !== undefined))];

/** Never between the halves of a surrogate pair: half a character is not valid UTF-8. */
const cut = (text: string) =>
  text
    .slice(0, DESCRIPTION_CHARACTERS)
    .toWellFormed()
    .replace(/\uFFFD$/u, "");
