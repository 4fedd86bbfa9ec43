/** As safe-fetch.ts, for what is too large or too slow to be had at once: a snapshot, a stream. The same rules hold up to the head of the answer. */
import type { IncomingMessage } from "node:http";
import { createAsk, headersOf, MAX_REDIRECTS, TIMEOUT_MS, told, type SafeFetchOptions } from "./ask-safely.ts";
import { SafeFetchError } from "./safe-fetch-error.ts";
import { faultOf, reasonOf } from "./send-request.ts";

/** A GET whose body is read as it comes. */
export interface OpenRequest {
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
  /** Up to the head of the answer; 30 s. */
  timeoutMs?: number;
  /** The longest silence within the body; 30 s. */
  idleMs?: number;
  maxRedirects?: number;
}

export interface OpenAnswer {
  status: number;
  headers: Headers;
  url: string;
  /** As it arrives, under whatever coding it has (none is asked for), and as long as it lasts: whoever reads it counts. Throws as `SafeFetch` does. */
  body: AsyncIterable<Buffer>;
  /** Ends the connection; also when the body was not read. */
  close(): void;
}
export type SafeOpen = (url: string | URL, request?: OpenRequest) => Promise<OpenAnswer>;

/** Throws an Error for a malformed entry of `allow`. */
export function createSafeOpen(options: SafeFetchOptions): SafeOpen {
  const ask = createAsk(options);
  return (address, request = {}) => {
    const { headers = {}, timeoutMs = TIMEOUT_MS, idleMs = TIMEOUT_MS, maxRedirects = MAX_REDIRECTS } = request;
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), timeoutMs);
    const signal = request.signal ? AbortSignal.any([request.signal, deadline.signal]) : deadline.signal;
    return told({ address, deadline: deadline.signal, timeoutMs, abort: request.signal }, async (at) => {
      const asked = { headers: { "accept-encoding": "identity", ...headers }, maxRedirects };
      const { answer, url } = await ask(address, asked, signal, at);
      return {
        status: answer.statusCode!,
        headers: headersOf(answer),
        url: url.href,
        body: chunksOf(answer, { url: url.href, idleMs, abort: request.signal }),
        close: () => void answer.destroy(),
      };
    }).finally(() => clearTimeout(timer));
  };
}

/** Reading on is the caller's matter; a silence is not. */
async function* chunksOf(answer: IncomingMessage, { url, idleMs, abort }: { url: string; idleMs: number; abort: AbortSignal | undefined }) {
  let silent = false;
  const timer = setTimeout(() => {
    silent = true;
    answer.destroy();
  }, idleMs);
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      timer.refresh();
      yield chunk;
      timer.refresh();
    }
    if (silent) throw new SafeFetchError("time", url, `nothing came for ${idleMs / 1000} s`);
    if (!answer.complete) throw new SafeFetchError("connection", url, "the connection ended before the answer did");
  } catch (error) {
    if (abort?.aborted) throw abort.reason;
    if (error instanceof SafeFetchError) throw error;
    if (silent) throw new SafeFetchError("time", url, `nothing came for ${idleMs / 1000} s`, error);
    throw new SafeFetchError(faultOf(error), url, reasonOf(error), error);
  } finally {
    clearTimeout(timer);
    answer.destroy();
  }
}
