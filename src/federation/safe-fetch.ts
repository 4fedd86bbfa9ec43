/**
 * The one client for every request that this node sends out on somebody's word: a webhook, a peer, a source.
 *
 * 1. The URL is http or https, without a user's name in it; an address in it is judged before anything is dialled.
 * 2. A name is resolved once per connection, every answer is judged, and exactly those answers are dialled: there is
 *    no second look-up that could answer otherwise. No connection is used twice, no proxy of the environment is asked.
 * 3. Each redirect begins again at 1, three times at most; what was meant for one origin is not told to another.
 * 4. Headers, body (encoded and decoded), ratio and total time are bounded.
 */
import { createAsk, headersOf, TIMEOUT_MS, told, type FetchRequest, type SafeFetchOptions } from "./ask-safely.ts";
import { readBody } from "./read-body.ts";

export { whyNotTarget, type FetchRequest, type Resolve, type SafeFetchOptions } from "./ask-safely.ts";
export { SafeFetchError, type FetchFault } from "./safe-fetch-error.ts";

const MAX_BYTES = 10 * 1024 * 1024;

export interface FetchAnswer {
  status: number;
  headers: Headers;
  /** Decoded. */
  body: Buffer;
  /** Where the answer came from, after redirects. */
  url: string;
}

/** Throws a SafeFetchError that says in one line what was refused or went wrong; the caller's own abort passes through. */
export type SafeFetch = (url: string | URL, request?: FetchRequest) => Promise<FetchAnswer>;

/** Throws an Error for a malformed entry of `allow`. */
export function createSafeFetch(options: SafeFetchOptions): SafeFetch {
  const ask = createAsk(options);
  return (address, request = {}) => {
    const { maxBytes = MAX_BYTES, timeoutMs = TIMEOUT_MS } = request;
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = request.signal ? AbortSignal.any([request.signal, deadline]) : deadline;
    return told({ address, deadline, timeoutMs, abort: request.signal }, async (at) => {
      const { answer, url, hop } = await ask(address, request, signal, at);
      const body = await readBody(answer, { url: url.href, maxBytes, signal, bodiless: hop.method === "HEAD" });
      return { status: answer.statusCode!, headers: headersOf(answer), body, url: url.href };
    });
  };
}
