/** Push: what a peer without a feed says of its own entities, one at a time. */
import { z } from "@hono/zod-openapi";
import { readState } from "../../db/entities.ts";
import type { Tx } from "../../db/database.ts";
import { RegistryError } from "../../domain/errors.ts";
import { ulidOf, uriOf } from "../../domain/iri.ts";
import type { BadItem } from "../../domain/pull.ts";
import { readPush } from "../../federation/peer/read-push.ts";
import { encodeText } from "../../jsonld/encode.ts";
import { redactEntity } from "../../feed/redact.ts";
import { notePushRefused, pullForPush, pushingPeer, receivePush, type Pushed } from "../../registry/receive-push.ts";
import type { Answer } from "../../registry/write.ts";
import { answer } from "../answers.ts";
import { requireRole, speakingFor } from "../auth.ts";
import { parseJson, readBody } from "../body.ts";
import { entityTag } from "../conditional.ts";
import { API_PATH } from "../pages/layout.ts";
import type { HttpApp, HttpParts } from "../parts.ts";
import { addRoute } from "../routing.ts";
import { entitySchema, jsonContent } from "../schemas.ts";
import { BODY_PROBLEMS, EVENT_TYPES, KEY_PROBLEMS, writeHeaders } from "./write-events.ts";

const pushedSchema = z
  .looseObject({ "@id": z.string(), "@type": z.string(), dateModified: z.string().optional(), "sel:tombstone": z.boolean().optional() })
  .openapi("PushedEntity", {
    description:
      "One event, place, organization or person as JSON-LD under its own `@id`, or a tombstone of it. `dateModified` (of a tombstone `sel:deletedAt`), a date-time with an offset or a date, also as a JSON-LD value object, decides which of two words is the newer one; without it, the arrival does.",
  });
const outcome = { "Calends-Outcome": z.enum(["created", "updated", "unchanged", "deleted", "held_back", "pulled"]) };
const known = (description: string, headers: z.ZodRawShape = { ...outcome, Location: z.string() }) => ({
  description,
  headers: z.object(headers),
  ...jsonContent(entitySchema, "application/ld+json"),
});

export function federationSyncRoutes(app: HttpApp, parts: HttpParts): void {
  const { registry, database, limits } = parts;
  addRoute(
    app,
    {
      method: "post",
      path: `${API_PATH}/federation/sync`,
      tags: ["Federation"],
      summary: "Push one entity of the peer's own",
      security: [{ key: [] }],
      description:
        "For peers without a feed. The `@id` lies under the peer's own base, and stays what the entity is called here. A word that is not newer than what is held changes nothing (`unchanged`); `held_back`: this node's filters do not let it in. A peer that is pulled as well is heard by its feed: that is read soon (`pulled`).",
      request: {
        headers: writeHeaders,
        body: { required: true, content: Object.fromEntries(EVENT_TYPES.map((type) => [type, { schema: pushedSchema }])) },
      },
      responses: {
        201: known("It is new here; `Location` is this node's page of it."),
        200: known("It was known."),
        202: known(
          "It was taken in, and a person must look at something (`Calends-Review`); or the peer's feed is read soon (`pulled`: no body, no `Location`).",
          { ...outcome, Location: z.string().optional(), "Calends-Review": z.string().optional() },
        ),
        204: { description: "It is gone (`deleted`, or `unchanged` where it was gone before), or held back.", headers: z.object(outcome) },
      },
      problems: [...BODY_PROBLEMS, ...KEY_PROBLEMS, "not_found", "conflict", "idempotency_conflict", "idempotency_in_flight"],
    },
    async (c) => {
      const caller = await speakingFor(c, parts, requireRole(c, "peer"));
      const peer = await database.read((on) => pushingPeer(on, caller));
      const { payload } = await readBody(c, { types: EVENT_TYPES, limit: limits.eventBodyBytes });
      const document = parseJson(payload);
      if (peer.direction === "both") {
        return answer(c, parts, caller, payload, async (tx) => {
          await pullForPush(registry, caller, tx, peer);
          return { status: 202, headers: { "calends-outcome": "pulled" }, body: "" };
        });
      }
      const teller = { base: peer.base, itemBytes: limits.eventBodyBytes, now: parts.clock().getTime() };
      const read = readPush(document, teller);
      let refused: BadItem | undefined;
      try {
        if ("bad" in read) throw problemOf((refused = read.bad));
        return await answer(c, parts, caller, payload, async (tx) => {
          const pushed = await receivePush(registry, tx, { peerId: peer.id, heard: read.change, redact: redactEntity });
          if ("refused" in pushed) throw problemOf((refused = pushed.refused));
          return answerOf(parts, tx, pushed);
        });
      } catch (error) {
        // What it did is undone by now; that it was tried is kept.
        if (refused !== undefined) await notePushRefused(registry, { peerId: peer.id, refused });
        throw error;
      }
    },
  );
}

/** What a refused push is told: of what it calls itself, or of what it says. */
function problemOf({ reason, detail, pointer, faults }: BadItem): RegistryError {
  const ofItsName = ["own_uri", "foreign_uri", "no_custody", "false_custody", "identity", "kind_changed"].includes(reason);
  return new RegistryError(reason === "too_large" ? "too_complex" : "invalid_body", {
    detail: ofItsName && !detail.startsWith("@id") ? `@id: ${detail}.` : `${detail}.`.replace(/\.\.$/, "."),
    pointer: pointer ?? (ofItsName ? "/@id" : ""),
    ...(faults !== undefined && faults.length > 0 && { errors: [...faults] }),
    extra: { reason },
  });
}

async function answerOf({ base }: HttpParts, tx: Tx, { outcome, held, reviews }: Pushed): Promise<Answer> {
  const headers = { "calends-outcome": outcome };
  const id = held?.entityId;
  const state = id == null || held!.gone ? undefined : await readState(tx, held!.kind, id);
  if (state === undefined) return { status: 204, headers, body: "" };
  return {
    status: reviews.length > 0 ? 202 : outcome === "created" ? 201 : 200,
    headers: {
      ...headers,
      "content-type": "application/ld+json",
      location: uriOf(base, held!.kind, { id: id! }),
      etag: entityTag(state.version, "jsonld"),
      ...(reviews.length > 0 && { "calends-review": reviews.map(ulidOf).join(", ") }),
    },
    body: encodeText(state, { base }),
  };
}
