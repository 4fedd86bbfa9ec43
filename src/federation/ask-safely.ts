/**
 * What is behind every request that goes out on somebody's word: the target judged, the addresses judged, each redirect judged
 * anew; and what goes wrong on the way in one word and one line. safe-fetch.ts says the rules.
 */
import { lookup as resolveName } from "node:dns/promises";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { createAllowList, whyRefused, type AllowList } from "./addresses.ts";
import { cut, SafeFetchError } from "./safe-fetch-error.ts";
import { faultOf, reasonOf, send, type ResolvedAddress } from "./send-request.ts";

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

export const TIMEOUT_MS = 30_000;
export const MAX_REDIRECTS = 3;
const REDIRECTS: readonly (number | undefined)[] = [301, 302, 303, 307, 308];
/** May be told to another origin, too. */
const HARMLESS_HEADERS = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "if-none-match",
  "if-modified-since",
  "if-range",
  "range",
]);

/** Where a request has come to, for messages. */
export interface Whereabouts {
  url: string;
  /** What redirected there. */
  from?: string;
}

/** What goes wrong on the way as a SafeFetchError; the caller's own abort passes through. */
export async function told<T>(
  {
    address,
    deadline,
    timeoutMs,
    abort,
  }: { address: string | URL; deadline: AbortSignal; timeoutMs: number; abort: AbortSignal | undefined },
  work: (at: Whereabouts) => Promise<T>,
): Promise<T> {
  const at: Whereabouts = { url: String(address) };
  try {
    return await work(at);
  } catch (error) {
    if (abort?.aborted) throw abort.reason;
    if (error instanceof SafeFetchError) throw at.from === undefined ? error : afterRedirect(error, at.from);
    if (deadline.aborted) throw new SafeFetchError("time", at.url, `no complete answer within ${timeoutMs / 1000} s`, error);
    throw new SafeFetchError(faultOf(error), at.url, reasonOf(error), error);
  }
}

/** Who was led to what is never dialled is told by whom. */
function afterRedirect({ fault, url, reason, cause }: SafeFetchError, from: string): SafeFetchError {
  const led = fault === "url" || fault === "address" || fault === "name" ? ` (${cut(from, 200)} redirects there)` : "";
  return new SafeFetchError(fault, url, reason + led, cause);
}

/** The head of the last answer, after redirects; its body is still to be read or destroyed. */
export function createAsk({ allow = [], userAgent, resolve = resolveAll }: SafeFetchOptions) {
  const allowed = createAllowList(allow);
  return async (address: string | URL, request: FetchRequest, signal: AbortSignal, at: Whereabouts) => {
    const { maxRedirects = MAX_REDIRECTS } = request;
    let [url, hop] = [parseTarget(address, allowed), request];
    for (let redirects = 0; ; redirects++) {
      at.url = url.href;
      signal.throwIfAborted();
      const addresses = await Promise.race([judgedAddresses(url, allowed, resolve), aborted(signal)]);
      const answer = await send(url, hop, { signal, userAgent, addresses });
      const next = maxRedirects > 0 && REDIRECTS.includes(answer.statusCode) ? answer.headers.location : undefined;
      if (next === undefined) return { answer, url, hop };
      answer.destroy();
      if (redirects === maxRedirects) {
        throw new SafeFetchError("redirects", url.href, `it redirects more than ${maxRedirects} times`);
      }
      at.from = url.href;
      const target = parseTarget(URL.parse(next, url.href) ?? next, allowed);
      hop = requestAfter(answer.statusCode!, hop, target.origin === url.origin);
      url = target;
    }
  };
}

/**
 * Why this URL is never dialled, as far as it tells without a look-up; undefined when it may be. For a URL that is
 * kept now and dialled later, a webhook's.
 */
export function whyNotTarget(address: string, allow: readonly string[] = []): string | undefined {
  try {
    const allowed = createAllowList(allow);
    const url = parseTarget(address, allowed);
    // This machine's own name is nobody else's (RFC 6761).
    if (!/(^|\.)localhost\.?$/.test(url.hostname) || allowed.admitsHost(url.hostname, portOf(url))) return undefined;
    return ["127.0.0.1", "::1"].some((own) => allowed.admitsAddress(own)) ? undefined : `${url.hostname} is not dialled: loopback`;
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

/** The system's resolver. */
export const resolveAll: Resolve = (hostname) => resolveName(hostname, { all: true, order: "verbatim" });

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

export function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at]!, rawHeaders[at + 1]!);
  return headers;
}
