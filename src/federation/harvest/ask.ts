/**
 * One polite GET: robots.txt is heeded, each host is asked in turn, and a redirect is another request, which is judged,
 * heeded and paced like the first.
 */
import type { Registry } from "../../registry/context.ts";
import { keepRobots, keptRobots, takeTurn } from "../../registry/harvest-hosts.ts";
import { SafeFetchError, type FetchAnswer, type SafeFetch } from "../safe-fetch.ts";
import { MOST_DELAY, mayVisit, readRobots } from "./robots.ts";
import { retryAfter } from "./schedule.ts";

export interface AskParts {
  registry: Registry;
  fetch: SafeFetch;
  /** Resolves after so many milliseconds; rejects when the signal is aborted. */
  wait: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
  signal?: AbortSignal | undefined;
  limits: HarvestLimits;
}

export interface HarvestLimits {
  /** At least so long between two requests to one host, over all processes. */
  pauseMs: number;
  /** A turn that comes sooner is waited for; else the visit is put off, so that it holds no worker. */
  patienceMs: number;
  /** For one request, from the look-up to the last byte. */
  timeoutMs: number;
  /** Of a body, encoded and decoded. */
  maxBytes: number;
}
export const DEFAULT_LIMITS: HarvestLimits = { pauseMs: 2_000, patienceMs: 5_000, timeoutMs: 60_000, maxBytes: 64 * 1024 * 1024 };

/** The name by which robots.txt may address this program. */
export const PRODUCT = "Calends";

/** The host's turn comes later than a worker may wait for. */
export class PutOff extends Error {
  override name = "PutOff";
  readonly until: Date;
  constructor(until: Date) {
    super("The host is to be left alone for now.");
    this.until = until;
  }
}
/** robots.txt does not let us, or cannot be had. */
export class Disallowed extends Error {
  override name = "Disallowed";
}
/** The host asks for patience: for so many milliseconds, where it says. */
export class HostIsBusy extends Error {
  override name = "HostIsBusy";
  readonly host: string;
  readonly status: number;
  readonly milliseconds: number | undefined;
  constructor(host: string, status: number, milliseconds: number | undefined) {
    super(`it answered ${status}`);
    this.host = host;
    this.status = status;
    this.milliseconds = milliseconds;
  }
}

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const MOST_REDIRECTS = 3;
/** Between the hops of one visit the host's own pause is waited for: put off, the visit would begin anew for ever. */
const HOP_PATIENCE_MS = (MOST_DELAY + 5) * 1000;
const ROBOTS_KEPT_FOR = 24 * 60 * 60_000;
/** How long an old copy does where a new one cannot be had (RFC 9309 §2.4 leaves it to us). */
const ROBOTS_DO_FOR = 30 * ROBOTS_KEPT_FOR;
/** More is no robots.txt; of less the first 500 KiB are read (§2.5). */
const ROBOTS_BYTES = 4 * 1024 * 1024;
const ROBOTS_READ = 500 * 1024;

/** The first answer that is no redirect and does not ask for patience. Throws PutOff, Disallowed, HostIsBusy, SafeFetchError; an abort passes through. */
export async function ask(parts: AskParts, address: string, headers: Readonly<Record<string, string>>): Promise<FetchAnswer> {
  const { fetch, limits, signal } = parts;
  let url = new URL(address);
  for (let redirects = 0; ; redirects++) {
    await heedRobots(parts, url);
    await myTurn(parts, url.host, redirects === 0 ? limits.patienceMs : Math.max(limits.patienceMs, HOP_PATIENCE_MS));
    const { maxBytes, timeoutMs } = limits;
    const answer = await fetch(url, { headers, maxRedirects: 0, maxBytes, timeoutMs, ...(signal && { signal }) });
    const asked = retryAfter(answer.headers.get("retry-after"), parts.registry.clock().getTime());
    if (answer.status === 429 || (answer.status === 503 && asked !== undefined)) throw new HostIsBusy(url.host, answer.status, asked);
    const location = REDIRECTS.includes(answer.status) ? answer.headers.get("location") : null;
    if (location === null) return answer;
    if (redirects === MOST_REDIRECTS) throw new SafeFetchError("redirects", url.href, `it redirects more than ${MOST_REDIRECTS} times`);
    const next = URL.parse(location, url.href);
    if (next === null) throw new SafeFetchError("url", url.href, "it redirects to what is no URL");
    if (next.protocol !== "http:" && next.protocol !== "https:")
      throw new SafeFetchError("url", next.href, `${next.protocol} is not fetched: only http and https are`);
    url = next;
  }
}

async function myTurn({ registry, wait, signal, limits }: AskParts, host: string, most = limits.patienceMs): Promise<void> {
  for (let patience = most; ;) {
    const { waitUntil } = await takeTurn(registry, host, limits.pauseMs);
    if (waitUntil === undefined) return;
    const milliseconds = waitUntil.getTime() - registry.clock().getTime();
    if (milliseconds > patience) throw new PutOff(waitUntil);
    // A turn may be taken by another just before us: one that never comes is not waited for.
    patience -= Math.max(milliseconds, limits.patienceMs / 10);
    await wait(Math.max(0, milliseconds), signal);
  }
}

async function heedRobots(parts: AskParts, url: URL): Promise<void> {
  const { text } = await robotsOf(parts, url);
  const path = url.pathname + url.search;
  if (!mayVisit(readRobots(text, PRODUCT), path))
    throw new Disallowed(`the robots.txt of ${url.host} does not let us visit ${path.slice(0, 200)}`);
}

/** A day's copy, a new one, or where that cannot be had an old one. */
async function robotsOf(parts: AskParts, { origin, host }: URL): Promise<{ status: number; text: string }> {
  const { registry } = parts;
  const kept = await keptRobots(registry, host);
  const age = kept === undefined ? Infinity : registry.clock().getTime() - kept.fetchedAt.getTime();
  if (kept !== undefined && age < ROBOTS_KEPT_FOR) return kept;
  await myTurn(parts, host);
  const fetched = await fetchRobots(parts, new URL("/robots.txt", origin));
  if (!(fetched instanceof Error)) {
    const delay = (fetched.status < 300 ? readRobots(fetched.text, PRODUCT).delay : undefined) ?? 0;
    await keepRobots(registry, host, { ...fetched, fetchedAt: registry.clock() }, delay);
    return fetched;
  }
  if (kept !== undefined && age < ROBOTS_DO_FOR) return kept;
  throw fetched;
}

/** The answer (any status below 500: from 400 on everything is allowed, §2.3.1.3), or why there is none for now. */
async function fetchRobots({ registry, fetch, signal, limits }: AskParts, url: URL): Promise<{ status: number; text: string } | Error> {
  let answer: FetchAnswer;
  try {
    answer = await fetch(url, { maxBytes: ROBOTS_BYTES, timeoutMs: limits.timeoutMs, ...(signal && { signal }) });
  } catch (error) {
    if (!(error instanceof SafeFetchError)) throw error;
    switch (error.fault) {
      case "redirects":
        return { status: 404, text: "" };
      case "connection":
      case "time":
        return error;
      case "size":
      case "ratio":
      case "answer":
        return noRobots(url, error.reason);
      default:
        throw error;
    }
  }
  const { status, headers, body } = answer;
  const asked = retryAfter(headers.get("retry-after"), registry.clock().getTime());
  if (status === 429 || (status === 503 && asked !== undefined)) return new HostIsBusy(url.host, status, asked);
  if (status >= 500) return noRobots(url, `it answered ${status}`);
  // PostgreSQL keeps no NUL in a text.
  return { status, text: status < 300 ? body.subarray(0, ROBOTS_READ).toString("utf8").replaceAll("\0", "") : "" };
}

const noRobots = ({ host }: URL, why: string) =>
  new Disallowed(`the robots.txt of ${host} cannot be had (${why}), so that nothing may be visited for now`);
