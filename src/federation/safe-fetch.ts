/**
 * The one client for every request that this node sends out on somebody's word: a webhook, a peer, a source.
 *
 * 1. The URL is http or https, without a user's name in it; an address in it is judged before anything is dialled.
 * 2. A name is resolved once per connection, every answer is judged, and exactly those answers are dialled: there is
 *    no second look-up that could answer otherwise. No connection is used twice, no proxy of the environment is asked.
 * 3. Each redirect begins again at 1, three times at most; what was meant for one origin is not told to another.
 * 4. Headers, body (encoded and decoded), ratio and total time are bounded.
 */
import { lookup as resolveName } from "node:dns/promises";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { createAllowList, whyRefused, type AllowList } from "./addresses.ts";
import { readBody } from "./read-body.ts";
import { SafeFetchError } from "./safe-fetch-error.ts";
import { faultOf, reasonOf, send, type ResolvedAddress } from "./send-request.ts";

export { SafeFetchError, type FetchFault } from "./safe-fetch-error.ts";

export interface SafeFetchOptions {
  /** What may be dialled although it is not public: "host:port", an address, or a CIDR. */
  allow?: readonly string[];
  /** Who asks, with an address where its operator is found: "Calends/0.1 (+https://node.example)". */
  userAgent: string;
  /** Name -> addresses; the system's resolver when absent. */
  resolve?: Resolve;
}
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>;

export interface FetchRequest {
  method?: "GET" | "HEAD" | "POST";
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
  signal?: AbortSignal;
  /** Most bytes of the body, encoded and decoded; 10 MiB. */
  maxBytes?: number;
  /** For everything, from the first look-up to the last byte; 30 s. */
  timeoutMs?: number;
  /** 3; with 0 a redirect is an answer like any other. */
  maxRedirects?: number;
}

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

const MAX_BYTES = 10 * 1024 * 1024;
const TIMEOUT_MS = 30_000;
const MAX_REDIRECTS = 3;
const REDIRECTS: readonly (number | undefined)[] = [301, 302, 303, 307, 308];
/** May be told to another origin, too. */
const HARMLESS_HEADERS = new Set(["accept", "accept-language", "if-none-match", "if-modified-since"]);

/** Throws an Error for a malformed entry of `allow`. */
export function createSafeFetch({ allow = [], userAgent, resolve = resolveAll }: SafeFetchOptions): SafeFetch {
  const allowed = createAllowList(allow);

  return async (address, request = {}) => {
    const { maxBytes = MAX_BYTES, timeoutMs = TIMEOUT_MS, maxRedirects = MAX_REDIRECTS } = request;
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = request.signal ? AbortSignal.any([request.signal, deadline]) : deadline;
    let [url, hop] = [parseTarget(address, allowed), request];
    try {
      for (let redirects = 0; ; redirects++) {
        signal.throwIfAborted();
        const addresses = await Promise.race([judgedAddresses(url, allowed, resolve), aborted(signal)]);
        const answer = await send(url, hop, { signal, userAgent, addresses });
        const next = maxRedirects > 0 && REDIRECTS.includes(answer.statusCode) ? answer.headers.location : undefined;
        if (next === undefined) {
          const body = await readBody(answer, { url: url.href, maxBytes, signal, bodiless: hop.method === "HEAD" });
          return { status: answer.statusCode!, headers: headersOf(answer), body, url: url.href };
        }
        answer.destroy();
        if (redirects === maxRedirects) {
          throw new SafeFetchError("redirects", url.href, `it redirects more than ${maxRedirects} times`);
        }
        const target = parseTarget(URL.parse(next, url.href) ?? next, allowed);
        hop = requestAfter(answer.statusCode!, hop, target.origin === url.origin);
        url = target;
      }
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason;
      if (error instanceof SafeFetchError) throw error;
      if (deadline.aborted) throw new SafeFetchError("time", url.href, `no complete answer within ${timeoutMs / 1000} s`, error);
      throw new SafeFetchError(faultOf(error), url.href, reasonOf(error), error);
    }
  };
}

/**
 * Why this URL is never dialled, as far as it tells without a look-up; undefined when it may be. For a URL that is
 * kept now and dialled later, a webhook's.
 */
export function whyNotTarget(address: string, allow: readonly string[] = []): string | undefined {
  try {
    parseTarget(address, createAllowList(allow));
    return undefined;
  } catch (error) {
    if (error instanceof SafeFetchError) return error.reason;
    throw error;
  }
}

function parseTarget(address: string | URL, allowed: AllowList): URL {
  const url = typeof address === "string" ? URL.parse(address) : new URL(address);
  if (url === null) throw new SafeFetchError("url", String(address), "it is no URL");
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new SafeFetchError("url", url.href, `${url.protocol} is not fetched: only http and https are`);
  }
  if (url.username !== "" || url.password !== "") {
    url.username = url.password = "";
    throw new SafeFetchError("url", url.href, "it has a user's name or password in it");
  }
  url.hash = "";
  const literal = literalOf(url);
  if (isIP(literal) !== 0) judge(literal, url, allowed);
  return url;
}

function judge(address: string, url: URL, allowed: AllowList): void {
  if (allowed.admitsHost(url.hostname, portOf(url)) || allowed.admitsAddress(address)) return;
  const why = whyRefused(address);
  if (why !== undefined) throw new SafeFetchError("address", url.href, `${address} is not dialled: ${why}`);
}

const literalOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, "$1");
const portOf = (url: URL): number => Number(url.port || (url.protocol === "https:" ? 443 : 80));

const resolveAll = (hostname: string) => resolveName(hostname, { all: true, order: "verbatim" });

/** What this URL may be dialled at. One bad answer among good ones refuses them all, for such a name means harm. */
async function judgedAddresses(url: URL, allowed: AllowList, resolve: Resolve): Promise<readonly ResolvedAddress[]> {
  const literal = literalOf(url);
  if (isIP(literal) !== 0) return [{ address: literal, family: isIP(literal) }];
  let answers: readonly ResolvedAddress[];
  try {
    answers = await resolve(url.hostname);
  } catch (error) {
    throw new SafeFetchError("name", url.href, `${url.hostname} was not found`, error);
  }
  if (answers.length === 0) throw new SafeFetchError("name", url.href, `${url.hostname} has no address`);
  for (const { address } of answers) judge(address, url, allowed);
  return answers;
}

/** Rejects when the signal says so: a resolver cannot be told to stop, but need not be waited for. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_done, failed) => signal.addEventListener("abort", () => failed(signal.reason as Error), { once: true }));

/** RFC 9110 §15.4: 303, and 301 and 302 after a POST, go on as GET; another origin hears only what is harmless. */
function requestAfter(status: number, { method = "GET", headers = {}, body, ...rest }: FetchRequest, sameOrigin: boolean): FetchRequest {
  const asGet = status === 303 ? method !== "HEAD" : status <= 302 && method === "POST";
  const kept = Object.entries(headers).filter(([name]) => {
    const lower = name.toLowerCase();
    return (sameOrigin || HARMLESS_HEADERS.has(lower)) && !(asGet && lower.startsWith("content-"));
  });
  return {
    ...rest,
    method: asGet ? "GET" : method,
    headers: Object.fromEntries(kept),
    ...(body !== undefined && !asGet && { body }),
  };
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at]!, rawHeaders[at + 1]!);
  return headers;
}
