/**
 * Tells webhooks, as Standard Webhooks has it (https://www.standardwebhooks.com): signed, at least once, the same id at
 * every attempt. An answer of 2xx is a receipt; a redirect is not followed, for a secret signs what is sent to one place.
 */
import { createHmac } from "node:crypto";
import { ulidOf } from "../domain/iri.ts";
import type { Registry } from "../registry/context.ts";
import { noteDelivered, noteFailed, takeDueDeliveries, type DueDelivery, type Outcome } from "../registry/webhook-deliveries.ts";
import { retryAfter } from "./harvest/schedule.ts";
import { SafeFetchError, type FetchAnswer, type SafeFetch } from "./safe-fetch.ts";

export interface WebhookParts {
  registry: Registry;
  fetch: SafeFetch;
  /** The node is closing: what is under way is given up, and due again when its lease is over. */
  signal?: AbortSignal;
}

/** At once; all of them end within the timeout, which ends well before their lease. */
const AT_A_TIME = 30;
const TIMEOUT_MS = 15_000;
/** Nobody reads the answer; a receiver that sends more has not answered. */
const MOST_ANSWER_BYTES = 1024 * 1024;

/** Sends what is due until nothing is; returns what became of it. Safe to run twice, at once too. */
export async function deliverDue(parts: WebhookParts): Promise<Record<Outcome, number>> {
  const { registry, signal } = parts;
  const counts: Record<Outcome, number> = { delivered: 0, retried: 0, dead: 0 };
  for (;;) {
    signal?.throwIfAborted();
    const due = await takeDueDeliveries(registry, AT_A_TIME);
    if (due.length === 0) return counts;
    for (const outcome of await Promise.all(due.map((delivery) => attempt(delivery, parts)))) {
      counts[outcome]++;
    }
  }
}

async function attempt(delivery: DueDelivery, parts: WebhookParts): Promise<Outcome> {
  const { registry } = parts;
  const reply = await tellWebhook(delivery, { ...delivery, id: `msg_${ulidOf(delivery.id)}` }, parts);
  if (reply.received) return noteDelivered(registry, delivery, { httpStatus: reply.httpStatus, error: null });
  const { httpStatus, error, gone, retryAfter: after } = reply;
  return noteFailed(registry, delivery, { httpStatus, error }, { gone, retryAfter: after });
}

/** Where a webhook is told, and what is signed with. */
export interface WebhookTarget {
  url: string;
  secret: Uint8Array;
  /** Those that were replaced, the newest first; each signs too until its time. */
  previousSecrets: readonly { secret: Uint8Array; until: Date }[];
}

export type WebhookReply =
  | { received: true; httpStatus: number }
  /** `error` in one line; `gone`: it asks never to be told again; `retryAfter` in milliseconds, 0 where it asks for no patience. */
  | { received: false; httpStatus: number | null; error: string; gone: boolean; retryAfter: number };

/** Tells a webhook one message, once. Rejects only when the node is closing, or for a fault of our own. */
export async function tellWebhook(
  { url, secret, previousSecrets }: WebhookTarget,
  { id, body }: { id: string; body: string | Buffer },
  { registry, fetch, signal }: WebhookParts,
): Promise<WebhookReply> {
  const now = registry.clock();
  const signing = previousSecrets.filter(({ until }) => until > now).map((previous) => previous.secret);
  const timestamp = Math.floor(now.getTime() / 1000);
  let answer: FetchAnswer;
  try {
    answer = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "*/*",
        "webhook-id": id,
        "webhook-timestamp": String(timestamp),
        "webhook-signature": signWebhook([secret, ...signing], { id, timestamp, body }),
      },
      body,
      maxRedirects: 0,
      maxBytes: MOST_ANSWER_BYTES,
      timeoutMs: TIMEOUT_MS,
      ...(signal && { signal }),
    });
  } catch (error) {
    if (!(error instanceof SafeFetchError)) throw error;
    return { received: false, httpStatus: null, error: error.reason, gone: false, retryAfter: 0 };
  }
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return { received: true, httpStatus: status };
  return {
    received: false,
    httpStatus: status,
    error: status >= 300 && status < 400 ? `it answered ${status}: redirects are not followed` : `it answered ${status}`,
    gone: status === 410,
    retryAfter: retryAfter(headers.get("retry-after"), registry.clock().getTime()) ?? 0,
  };
}

/** "v1,BASE64", one for each secret, the newest first: HMAC-SHA256 over `id.timestamp.body`; the timestamp in seconds since 1970. */
export function signWebhook(
  secrets: readonly Uint8Array[],
  { id, timestamp, body }: { id: string; timestamp: number; body: string | Buffer },
): string {
  return secrets
    .map((secret) => `v1,${createHmac("sha256", secret).update(`${id}.${timestamp}.`).update(body).digest("base64")}`)
    .join(" ");
}
