/**
 * One POST to an embeddings server, tried again while that may help: after a lost connection, a timeout, 429 and 5xx,
 * each time later (or when Retry-After says), five times in all.
 */
import { setTimeout as delay } from "node:timers/promises";
import { EmbedderError } from "../../domain/embedder.ts";

export interface Endpoint {
  url: string;
  model: string;
  apiKey?: string | undefined;
  dimensions?: number | undefined;
  /** How long one try may take, in milliseconds. */
  timeoutMs?: number | undefined;
  /** How tries are kept apart; tests pass one that does not wait. */
  wait?: ((milliseconds: number, signal?: AbortSignal) => Promise<unknown>) | undefined;
}

/** The server answered, and no to this request: the same again would get the same answer. */
export class Refused extends EmbedderError {
  override name = "Refused";
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const TRIES = 5;
const FIRST_WAIT = 500;
/** A server that asks for more patience than this gets another try at this time; the job comes back later anyway. */
const LONGEST_WAIT = 60_000;
const TIMEOUT = 60_000;
/** 64 vectors of 4,096 numbers take 6 MB as JSON. */
const LARGEST_ANSWER = 32 * 1024 * 1024;

type Tried = { answer: unknown } | { fault: string; retryAfterMs?: number | undefined };

/** The parsed JSON of the answer, unchecked. Throws Refused, an EmbedderError after the last try, or the caller's abort. */
export async function postEmbeddings(endpoint: Endpoint, input: readonly string[], signal?: AbortSignal): Promise<unknown> {
  const wait = endpoint.wait ?? ((milliseconds, stop) => delay(milliseconds, undefined, { signal: stop }));
  for (let tries = 1; ; tries++) {
    const tried = await tryOnce(endpoint, input, signal);
    if ("answer" in tried) return tried.answer;
    if (tries === TRIES) throw new EmbedderError(`${endpoint.url} gave no embeddings in ${TRIES} tries: ${tried.fault}`);
    await wait(Math.min(tried.retryAfterMs ?? FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT), signal);
  }
}

async function tryOnce(
  { url, model, apiKey, dimensions, timeoutMs = TIMEOUT }: Endpoint,
  input: readonly string[],
  signal?: AbortSignal,
): Promise<Tried> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
      body: JSON.stringify({ model, input, encoding_format: "float", ...(dimensions !== undefined && { dimensions }) }),
      // A key is for this address alone.
      redirect: "error",
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]),
    });
    text = await readBounded(response);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof EmbedderError) throw error;
    return { fault: wordsOfFault(error) };
  }
  if (response.ok) return parse(text);
  const fault = `HTTP ${response.status} ${brief(text)}`;
  if (response.status !== 429 && response.status < 500)
    throw new Refused(response.status, `${url} refused to embed with ${model}: ${fault}`);
  return { fault, retryAfterMs: retryAfter(response.headers) };
}

/** An answer that is no JSON was cut off, or is a proxy's page: the next may be whole. */
function parse(text: string): Tried {
  try {
    return { answer: JSON.parse(text) as unknown };
  } catch (error) {
    if (error instanceof SyntaxError) return { fault: `the answer is not JSON: ${brief(text)}` };
    throw error;
  }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > LARGEST_ANSWER) throw new EmbedderError(`${response.url} answered with more than ${LARGEST_ANSWER / 1024 / 1024} MB.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Milliseconds, from seconds or from a date; a date is compared with the server's own, so that clocks need not agree. */
function retryAfter(headers: Headers): number | undefined {
  const given = headers.get("retry-after")?.trim();
  if (given === undefined || given === "") return undefined;
  if (/^\d+$/.test(given)) return Number(given) * 1000;
  const after = Date.parse(given) - Date.parse(headers.get("date") ?? "");
  return Number.isNaN(after) ? undefined : Math.max(0, after);
}

/** undici says "fetch failed"; why is in its cause. */
function wordsOfFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "no answer in time";
  return brief(error.cause instanceof Error ? error.cause.message : error.message);
}

const brief = (text: string) => text.replace(/\s+/g, " ").trim().slice(0, 200);
