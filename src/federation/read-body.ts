/** An answer's body, decoded as it arrives and given up as soon as it is too large or grows too much. */
import type { IncomingMessage } from "node:http";
import type { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip } from "node:zlib";
import { SafeFetchError } from "./safe-fetch-error.ts";

const MAX_RATIO = 100;
/** A page of one repeated line compresses better than 100:1, and harms nobody. */
const RATIO_COUNTS_FROM = 256 * 1024;

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  br: createBrotliDecompress,
};

export interface BodyLimits {
  /** For messages. */
  url: string;
  maxBytes: number;
  signal: AbortSignal;
  /** The answer of a HEAD. */
  bodiless: boolean;
}

/** Throws a SafeFetchError (`size`, `ratio`, `answer`), or what the connection throws. */
export async function readBody(answer: IncomingMessage, { url, maxBytes, signal, bodiless }: BodyLimits): Promise<Buffer> {
  if (bodiless || answer.statusCode === 204 || answer.statusCode === 304) {
    answer.destroy();
    return Buffer.alloc(0);
  }
  const tooLarge = () => new SafeFetchError("size", url, `its body is larger than ${maxBytes} bytes`);
  const coding = (answer.headers["content-encoding"] ?? "").trim().toLowerCase();
  const decoder = coding === "" || coding === "identity" ? undefined : DECODERS[coding];
  try {
    if (decoder === undefined && coding !== "" && coding !== "identity") {
      throw new SafeFetchError("answer", url, `its coding ${JSON.stringify(coding)} is not understood`);
    }
    if (Number(answer.headers["content-length"] ?? 0) > maxBytes) throw tooLarge();
  } catch (error) {
    answer.destroy();
    throw error;
  }

  let encoded = 0;
  let decoded = 0;
  const chunks: Buffer[] = [];
  async function* counted(source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      encoded += chunk.length;
      if (encoded > maxBytes) throw tooLarge();
      yield chunk;
    }
  }
  async function collect(source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      decoded += chunk.length;
      if (decoded > maxBytes) throw tooLarge();
      if (decoded > RATIO_COUNTS_FROM && decoded > encoded * MAX_RATIO) {
        throw new SafeFetchError("ratio", url, `its body grows more than ${MAX_RATIO}-fold when decoded`);
      }
      chunks.push(chunk);
    }
  }
  try {
    if (decoder === undefined) await pipeline(answer, counted, collect, { signal });
    else await pipeline(answer, counted, decoder(), collect, { signal });
  } catch (error) {
    const code = String((error as { code?: unknown }).code);
    if (!/^(Z_|ERR__|ERR_BROTLI)/.test(code)) throw error; // zlib's own codes: brotli's begin with ERR__
    // An empty body under a coding is what some servers answer to mean nothing.
    if (encoded > 0) throw new SafeFetchError("answer", url, `its body is no sound ${coding}`, error);
  }
  return Buffer.concat(chunks);
}
