/**
 * Tells webhooks, as Standard Webhooks has it (https://www.standardwebhooks.com): signed, at least once, the same id at
 * every attempt. An answer of 2xx is a receipt; a redirect is not followed, for a secret signs what is sent to one place.
 */
import { createHmac } from "node:crypto";
import { ulidOf } from "../domain/iri.ts";
import type { Registry } from "../registry/context.ts";
import { noteDelivered, noteFailed, takeDueDeliveries, type DueDelivery, type Outcome } from "../registry/webhook-deliveries.ts";
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
export async function deliverDue({ registry, fetch, signal }: WebhookParts): Promise<Record<Outcome, number>> {
  const counts: Record<Outcome, number> = { delivered: 0, retried: 0, dead: 0 };
  for (;;) {
    signal?.throwIfAborted();
    const due = await takeDueDeliveries(registry, AT_A_TIME);
    if (due.length === 0) return counts;
    for (const outcome of await Promise.all(due.map((delivery) => attempt(delivery, { registry, fetch, ...(signal && { signal }) })))) {
      counts[outcome]++;
    }
  }
}

async function attempt(delivery: DueDelivery, { registry, fetch, signal }: WebhookParts): Promise<Outcome> {
  let answer: FetchAnswer;
  try {
    answer = await fetch(delivery.url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "*/*", ...signedHeaders(delivery, registry.clock()) },
      body: delivery.body,
      maxRedirects: 0,
      maxBytes: MOST_ANSWER_BYTES,
      timeoutMs: TIMEOUT_MS,
      ...(signal && { signal }),
    });
  } catch (error) {
    if (!(error instanceof SafeFetchError)) throw error;
    return noteFailed(registry, delivery, { httpStatus: null, error: error.reason });
  }
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return noteDelivered(registry, delivery, { httpStatus: status, error: null });
  const error = status >= 300 && status < 400 ? `it answered ${status}: redirects are not followed` : `it answered ${status}`;
  const seconds = Number(headers.get("retry-after") ?? 0);
  return noteFailed(
    registry,
    delivery,
    { httpStatus: status, error },
    { gone: status === 410, retryAfter: seconds > 0 ? seconds * 1000 : 0 },
  );
}

function signedHeaders({ id, body, secret, secretPrevious, secretPreviousUntil }: DueDelivery, now: Date): Record<string, string> {
  const both = secretPrevious !== null && secretPreviousUntil !== null && secretPreviousUntil > now;
  const message = { id: `msg_${ulidOf(id)}`, timestamp: Math.floor(now.getTime() / 1000), body };
  return {
    "webhook-id": message.id,
    "webhook-timestamp": String(message.timestamp),
    "webhook-signature": signWebhook(both ? [secret, secretPrevious] : [secret], message),
  };
}

/** "v1,BASE64", one for each secret, the newest first: HMAC-SHA256 over `id.timestamp.body`; the timestamp in seconds since 1970. */
export function signWebhook(
  secrets: readonly Uint8Array[],
  { id, timestamp, body }: { id: string; timestamp: number; body: string },
): string {
  return secrets.map((secret) => `v1,${createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64")}`).join(" ");
}
