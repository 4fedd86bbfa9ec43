/** The shapes of peers: what a keeper sends, and what is answered. */
import { z } from "@hono/zod-openapi";
import { REFUSALS, type RefusalReason } from "../../domain/custody.ts";
import { ALARMS, BOOTSTRAP_WAYS, MOST_ENTITIES, PEER_DIALECTS, PEER_DIRECTIONS, PEER_STATUSES, type Alarm } from "../../domain/peer.ts";
import { EVENT_DOMAINS } from "../../domain/vocabulary.ts";
import { queryNumber } from "../schemas.ts";
import { text } from "./admin-shapes.ts";

const keysOf = <Key extends string>(record: Readonly<Record<Key, string>>) => Object.keys(record) as [Key, ...Key[]];
const degrees = (most: number) => z.number().min(-most).max(most);
const filters = z
  .strictObject({
    bbox: z
      .tuple([degrees(180), degrees(90), degrees(180), degrees(90)])
      .optional()
      .openapi({ description: "West, south, east, north. What has no coordinates passes." }),
    domains: z.array(z.enum(EVENT_DOMAINS)).min(1).max(20).optional(),
    origins: z.array(text(2_048)).max(500).optional().openapi({ description: "Bases of the origins that a relay may tell of." }),
    maxEntities: z
      .int()
      .min(0)
      .max(999_999_999)
      .optional()
      .openapi({ description: `Of how many entities it may tell; further ones are refused. Absent: ${MOST_ENTITIES}.` }),
  })
  .openapi("PeerFilters", { description: "What is let in; a member that is absent lets everything pass." });

const settings = {
  name: text(200),
  trust: z.int().min(1).max(10),
  direction: z.enum(PEER_DIRECTIONS).exclude(["none"]),
  relay: z.boolean().openapi({ description: "May tell of entities of other origins, with their custody." }),
  filters,
  accessKey: text(500).nullable().openapi({ description: "The bearer key that it gave us; never shown again. Null forgets it." }),
  everySeconds: z.int().min(10).max(86_400),
  bootstrapBy: z.enum(BOOTSTRAP_WAYS).openapi({ description: "How a first copy is made." }),
};
export const newPeer = z
  .strictObject({ url: text(2_048), ...settings, accessKey: text(500) })
  .partial()
  .required({ url: true })
  .openapi("NewPeer", { description: "Its address, which may be private; what is not given is its own name, trust 5, pull, 300 seconds." });
export const peerChange = z.strictObject(settings).partial().openapi("PeerChange", { description: "What is not given stays." });
export const lastQuery = z.object({ limit: queryNumber(1, 200, true).optional() });

const instant = z.string();
export const runSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(["pull", "bootstrap", "resync", "push"]),
    outcome: z.enum(["running", "applied", "unchanged", "failed", "alarm"]),
    startedAt: instant,
    finishedAt: instant.optional(),
    fromPosition: z.int().optional(),
    toPosition: z.int().optional(),
    pages: z.int(),
    applied: z.int(),
    passedOver: z.int().openapi({ description: "Known already, older than what is held, or held back by our own filters." }),
    deleted: z.int(),
    refused: z.int(),
    detail: z.string().optional().openapi({ description: "What went wrong, or what a foreign feed does not tell." }),
  })
  .openapi("PeerRun");
export const refusalSchema = z
  .strictObject({
    reason: z.enum(keysOf<RefusalReason>(REFUSALS)),
    uri: z.string(),
    position: z.int().optional(),
    detail: z.string(),
    item: z.string().optional().openapi({ description: "The first of the item's text." }),
    times: z.int(),
    firstAt: instant,
    lastAt: instant,
  })
  .openapi("PeerRefusal");
export const peerSchema = z
  .looseObject({
    id: z.string(),
    base: z.string(),
    name: z.string(),
    status: z.enum(PEER_STATUSES),
    direction: z.enum(PEER_DIRECTIONS),
    trust: z.int(),
    relay: z.boolean(),
    filters,
    everySeconds: z.int(),
    bootstrapBy: z.enum(BOOTSTRAP_WAYS),
    dialect: z.enum(PEER_DIALECTS).openapi({ description: "calends proves its feed; sel says only what the SEL profile asks for." }),
    hasKey: z.boolean(),
    software: z.looseObject({ name: z.string().optional(), version: z.string().optional() }).optional(),
    position: z.int().openapi({ description: "Of the last item of its feed that was read." }),
    head: z.int().optional().openapi({ description: "How far its feed goes, as far as we heard." }),
    lagPositions: z.int().optional(),
    lagSeconds: z.int().optional(),
    counts: z.strictObject({ events: z.int(), places: z.int(), organizations: z.int(), persons: z.int(), gone: z.int() }),
    refusedLast24h: z.int(),
    failures: z.int().openapi({ description: "Pulls that failed since the last that did not." }),
    lastError: z.string().optional(),
    alarm: z
      .strictObject({
        code: z.enum(keysOf<Alarm>(ALARMS)),
        means: z.string(),
        detail: z.string().optional(),
        at: instant.optional(),
        advice: z.string(),
      })
      .optional()
      .openapi({ description: "Why it was stopped; it stays so until somebody resumes or resyncs it." }),
    lastRun: runSchema.optional(),
  })
  .openapi("Peer");
