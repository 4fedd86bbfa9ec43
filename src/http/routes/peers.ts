/** Peers over HTTP: added, changed, pulled now, copied anew, stopped; and what came of it. Admin keys only. */
import { z } from "@hono/zod-openapi";
import type { Reader, Tx } from "../../db/database.ts";
import { RegistryError } from "../../domain/errors.ts";
import { ulidOf } from "../../domain/iri.ts";
import type { Peer } from "../../domain/peer.ts";
import { createPeerClient } from "../../federation/peer/client.ts";
import { describePeer, describeRefusal, describeRun } from "../../federation/peer/describe.ts";
import { meetNewPeer, type PeerWish } from "../../federation/peer/meet.ts";
import {
  addPeer,
  changePeer,
  listPeers,
  peerRefusals,
  peerRuns,
  pullSoon,
  readPeer,
  removePeer,
  requestResync,
  type PeerChange,
  type PeerListing,
} from "../../registry/peers.ts";
import { answer } from "../answers.ts";
import { requireRole } from "../auth.ts";
import type { HttpApp, HttpContext, HttpParts, Principal } from "../parts.ts";
import { readQuery } from "../query.ts";
import { jsonContent, ulidParameter } from "../schemas.ts";
import { adminFamily, bodyOf, given, json, jsonAnswer, onceHeaders, ONCE_PROBLEMS } from "./admin-routes.ts";
import { lastQuery, newPeer, peerChange, peerSchema, refusalSchema, runSchema } from "./peer-shapes.ts";
import { reasonQuery } from "./review-shapes.ts";
import { BODY_PROBLEMS, idOf } from "./write-events.ts";

const PEERS = "/api/v1/admin/peers";
const PEER = `${PEERS}/{ulid}`;
const itemsOf = (item: z.ZodType) => jsonContent(z.strictObject({ items: z.array(item) }));
const SHOWN = 50;

export function peerRoutes(app: HttpApp, parts: HttpParts): void {
  const { registry, database, base } = parts;
  const add = adminFamily(app);
  const addressOf = (id: string) => `${base}${PEERS}/${ulidOf(id)}`;
  const read = <T>(ask: (on: Reader) => Promise<T>) => database.read(ask);

  add(
    {
      method: "get",
      path: PEERS,
      summary: "List peers",
      responses: { 200: { description: "By base, each with how far behind it we are.", ...itemsOf(peerSchema) } },
    },
    async (c) => {
      requireRole(c);
      return json(c, { items: (await read((on) => listPeers(on, registry.clock()))).map(describePeer) });
    },
  );
  add(
    {
      method: "post",
      path: PEERS,
      summary: "Add a peer",
      description: "Its profile is read first, and the answer tells what was found. It is pulled within a minute.",
      request: { body: { required: true, ...jsonContent(newPeer) } },
      responses: { 201: { description: "The peer.", ...jsonContent(peerSchema) } },
      problems: [...BODY_PROBLEMS, "conflict"],
    },
    async (c) => {
      const caller = requireRole(c);
      // No Idempotency-Key: a second time is a conflict, which says the same.
      const { value } = await given(c, parts, newPeer);
      const { peer } = await meetNewPeer(clientOfPeers(parts), value as PeerWish, c.req.raw.signal);
      const added = await database.transact((tx) => addPeer(registry, caller, tx, peer), caller);
      const document = await read((on) => shown(on, parts, added.id));
      return c.body(JSON.stringify(document), 201, {
        "content-type": "application/json",
        "cache-control": "no-store",
        location: addressOf(added.id),
      });
    },
  );
  add(
    {
      method: "get",
      path: PEER,
      summary: "Read a peer",
      request: { params: ulidParameter },
      responses: { 200: { description: "The peer.", ...jsonContent(peerSchema) } },
      problems: ["not_found"],
    },
    async (c) => {
      requireRole(c);
      return json(c, await read((on) => shown(on, parts, idOf(c))));
    },
  );
  add(
    {
      method: "patch",
      path: PEER,
      summary: "Change a peer",
      description: "Another trust settles its events anew.",
      request: { params: ulidParameter, ...bodyOf(peerChange) },
      responses: { 200: { description: "The peer as it is now.", ...jsonContent(peerSchema) } },
      problems: [...BODY_PROBLEMS, ...ONCE_PROBLEMS, "not_found"],
    },
    async (c) => {
      const { payload, value } = await given(c, parts, peerChange);
      const caller = requireRole(c);
      return answer(c, parts, caller, payload, async (tx) => {
        const peer = await peerOf(tx, idOf(c));
        await changePeer(registry, caller, tx, peer.base, value as PeerChange);
        return jsonAnswer(await shown(tx, parts, peer.id));
      });
    },
  );
  add(
    {
      method: "delete",
      path: PEER,
      summary: "Remove a peer",
      description:
        "It is asked no more, and what it said of its events counts no more: those that nobody else speaks for go out of sight. What it passed on of other nodes' events stays as it is.",
      request: { params: ulidParameter, headers: onceHeaders, query: reasonQuery },
      responses: { 204: { description: "It is no peer any more." } },
      problems: [...ONCE_PROBLEMS, "invalid_query", "not_found"],
    },
    async (c) => {
      const { reason } = readQuery(c, reasonQuery);
      const caller = requireRole(c);
      return answer(c, parts, caller, Buffer.from(reason ?? ""), async (tx) => {
        await removePeer(registry, caller, tx, (await peerOf(tx, idOf(c))).base, { reason });
        return { status: 204, headers: {}, body: "" };
      });
    },
  );

  for (const { verb, summary, description, act } of ACTIONS) {
    add(
      {
        method: "post",
        path: `${PEER}/${verb}`,
        summary,
        description,
        request: { params: ulidParameter, headers: onceHeaders },
        responses: { 202: { description: "The peer as it is now.", ...jsonContent(peerSchema) } },
        problems: [...ONCE_PROBLEMS, "not_found", "conflict"],
      },
      async (c) => {
        const caller = requireRole(c);
        return answer(c, parts, caller, Buffer.alloc(0), async (tx) => {
          const peer = await peerOf(tx, idOf(c));
          await act(parts, caller, tx, peer.base);
          return jsonAnswer(await shown(tx, parts, peer.id), 202, { location: addressOf(peer.id) });
        });
      },
    );
  }

  const listOfLast = <Row>(
    part: { path: string; summary: string; description: string; schema: z.ZodType },
    list: (on: Reader, base: string, limit: number) => Promise<Row[]>,
    describe: (row: Row) => object,
  ) =>
    add(
      {
        method: "get",
        path: `${PEER}/${part.path}`,
        summary: part.summary,
        request: { params: ulidParameter, query: lastQuery },
        responses: { 200: { description: part.description, ...itemsOf(part.schema) } },
        problems: ["invalid_query", "not_found"],
      },
      async (c: HttpContext) => {
        requireRole(c);
        const { limit = SHOWN } = readQuery(c, lastQuery);
        const rows = await read(async (on) => list(on, (await peerOf(on, idOf(c))).base, limit));
        return json(c, { items: rows.map(describe) });
      },
    );
  listOfLast(
    { path: "runs", summary: "What came of the last pulls of a peer", description: "The newest first.", schema: runSchema },
    peerRuns,
    describeRun,
  );
  listOfLast(
    {
      path: "refusals",
      summary: "What was not let in from a peer, and why",
      description: "The latest first; the same again is counted.",
      schema: refusalSchema,
    },
    peerRefusals,
    describeRefusal,
  );
}

type Act = (parts: HttpParts, caller: Principal, tx: Tx, base: string) => Promise<unknown>;
/** What a person does with a peer; the admin page has a button for each. */
export const PEER_ACTS = {
  sync: ({ registry }, caller, tx, base) => pullSoon(registry, caller, tx, base),
  resync: ({ registry }, caller, tx, base) => requestResync(registry, caller, tx, base),
  pause: ({ registry }, caller, tx, base) => changePeer(registry, caller, tx, base, { status: "paused" }),
  resume: ({ registry }, caller, tx, base) => changePeer(registry, caller, tx, base, { status: "active" }),
} as const satisfies Record<string, Act>;

const ACTIONS: readonly { verb: string; summary: string; description: string; act: Act }[] = [
  { verb: "sync", summary: "Pull a peer now", description: "As soon as a worker is free.", act: PEER_ACTS.sync },
  {
    verb: "resync",
    summary: "Make a new copy of a peer",
    description: "What the new copy does not contain is gone. An alarm is taken back.",
    act: PEER_ACTS.resync,
  },
  { verb: "pause", summary: "Ask a peer no more for now", description: "What it said stays.", act: PEER_ACTS.pause },
  {
    verb: "resume",
    summary: "Ask a peer again",
    description: "An alarm is taken back; it goes on where it stopped.",
    act: PEER_ACTS.resume,
  },
];

/** Asks peers in this node's name. */
export const clientOfPeers = ({ fetchAllow, version, base }: Pick<HttpParts, "fetchAllow" | "version" | "base">) =>
  createPeerClient({ allow: fetchAllow ?? [], userAgent: `Calends/${version} (+${base})` });

/** Throws `not_found`. */
export async function peerOf(on: Reader, id: string): Promise<Peer> {
  const peer = await readPeer(on, id);
  if (peer === undefined) throw new RegistryError("not_found", { detail: "There is no such peer." });
  return peer;
}

/** The peer with how it does. Throws `not_found`. */
export async function listingOf(on: Reader, { registry }: HttpParts, id: string): Promise<PeerListing> {
  const found = (await listPeers(on, registry.clock())).find((peer) => peer.id === id);
  if (found === undefined) throw new RegistryError("not_found", { detail: "There is no such peer." });
  return found;
}

const shown = async (on: Reader, parts: HttpParts, id: string) => describePeer(await listingOf(on, parts, id));
