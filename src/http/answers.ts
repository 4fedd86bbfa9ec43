/** Writes and their answers: the canonical JSON-LD of what now stands, kept under an Idempotency-Key where one is given. */
import { createHash } from "node:crypto";
import { readState } from "../db/entities.ts";
import type { Tx } from "../db/database.ts";
import { RegistryError } from "../domain/errors.ts";
import { ulidOf, uriOf } from "../domain/iri.ts";
import { encodeText } from "../jsonld/encode.ts";
import { write, type Answer, type Idempotency } from "../registry/write.ts";
import { entityTag } from "./conditional.ts";
import type { HttpContext, HttpParts, Principal } from "./parts.ts";

/** Runs `work` in one transaction in the caller's name and answers with what it gives, or gave the first time. */
export async function answer(
  c: HttpContext,
  parts: HttpParts,
  caller: Principal,
  payload: Buffer,
  work: (tx: Tx) => Promise<Answer>,
): Promise<Response> {
  const { status, headers, body, replayed } = await write(parts.registry, caller, idempotencyOf(c, caller, payload), work);
  return new Response(status === 204 ? null : body, {
    status,
    headers: { "cache-control": "no-store", ...headers, ...(replayed && { "idempotency-replayed": "true" }) },
  });
}

/** The event as it stands in this transaction, with its address and tag, and what happened to it. */
export async function eventAnswer(
  parts: HttpParts,
  tx: Tx,
  { eventId, outcome, status, reviews }: { eventId: string; outcome: string; status: number; reviews?: readonly string[] | undefined },
): Promise<Answer> {
  const state = await readState(tx, "event", eventId);
  if (state === undefined) throw new Error(`event ${eventId} was written but is not there`);
  return {
    status,
    headers: {
      "content-type": "application/ld+json",
      // Where it is read here, also when its @id is a peer's.
      location: uriOf(parts.base, "event", { id: eventId }),
      etag: entityTag(state.version, "jsonld"),
      "last-modified": new Date(state.updatedAt).toUTCString(),
      "calends-outcome": outcome,
      ...(reviews !== undefined && { "calends-review": reviews.map(ulidOf).join(", ") }),
    },
    body: encodeText(state, { base: parts.base }),
  };
}

/** Throws `invalid_query` for a key that is too long or holds anything but visible ASCII. */
function idempotencyOf(c: HttpContext, { principal, onBehalfOf }: Principal, payload: Buffer): Idempotency | undefined {
  const header = c.req.header("idempotency-key");
  if (header === undefined) return undefined;
  const key = /^"(.*)"$/.exec(header.trim())?.[1] ?? header.trim();
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw new RegistryError("invalid_query", { detail: "Idempotency-Key: expected 1 to 255 visible ASCII characters." });
  const requestHash = createHash("sha256")
    .update(`${c.req.method} ${c.req.path}\n${onBehalfOf ?? ""}\n`)
    .update(payload)
    .digest();
  return { principal, key, requestHash };
}
