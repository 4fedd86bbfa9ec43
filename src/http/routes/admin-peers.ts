/** The admin pages of peers: how each does, and the forms by which one is added, steered and removed. */
import { z } from "@hono/zod-openapi";
import { RegistryError } from "../../domain/errors.ts";
import type { Tx } from "../../db/database.ts";
import type { Peer } from "../../domain/peer.ts";
import { meetNewPeer } from "../../federation/peer/meet.ts";
import { addPeer, changePeer, listPeers, peerRefusals, peerRuns, removePeer } from "../../registry/peers.ts";
import { adminPage, faultOf, seeOther, type AdminPages, type AdminRequest } from "../admin-guard.ts";
import { ADMIN_PATH } from "../admin-session.ts";
import { peerPage } from "../pages/admin-peer.ts";
import { peerPath, type PeerForm } from "../pages/admin-peer-forms.ts";
import { peersPage } from "../pages/admin-peers.ts";
import type { HttpParts } from "../parts.ts";
import { readQuery } from "../query.ts";
import { addFields, changeOf, numberOf, steerFields, type Steer } from "./admin-peer-fields.ts";
import { adminSubscriberRoutes, shownSubscribers } from "./admin-subscribers.ts";
import { clientOfPeers, listingOf, PEER_ACTS, peerOf } from "./peers.ts";
import { idOf } from "./write-events.ts";

const nothing = z.object({});
const PEERS = `${ADMIN_PATH}/peers`;
const RUNS = 20;
const REFUSALS = 50;

export function adminPeerPageRoutes(pages: AdminPages, parts: HttpParts): void {
  const { registry, database, base } = parts;

  const showPeers = async ({ view }: AdminRequest, wrong?: { fault: string; status: number; form?: PeerForm }) => {
    const found = await database.read(async (on) => ({
      peers: await listPeers(on, registry.clock()),
      ...(await shownSubscribers(on)),
    }));
    return adminPage(peersPage({ ...view, ...found, form: wrong?.form, fault: wrong?.fault }), wrong?.status);
  };
  pages.get(PEERS, (request) => {
    readQuery(request.c, nothing);
    return showPeers(request);
  });
  const add = async (request: AdminRequest & { form: z.output<typeof addFields> }) => {
    const { c, caller, form } = request;
    try {
      const { url, name, trust, key, direction, relay } = form;
      if (url === undefined)
        throw new RegistryError("invalid_body", { detail: "Address: expected one, such as https://events.example.org.", pointer: "/url" });
      const wish = { url, name: name || undefined, trust: numberOf(trust), accessKey: key || undefined, direction, relay: relay === "yes" };
      const { peer } = await meetNewPeer(clientOfPeers(parts), wish, c.req.raw.signal);
      const added = await database.transact((tx) => addPeer(registry, caller, tx, peer), caller);
      return seeOther(base, peerPath(added));
    } catch (error) {
      return showPeers(request, { ...faultOf(error), form });
    }
  };
  pages.post(PEERS, addFields, add, showPeers);

  adminSubscriberRoutes(pages, parts, showPeers);

  const showPeer = async ({ c, view }: AdminRequest, wrong?: { fault: string; status: number }) => {
    const id = idOf(c);
    const found = await database.read(async (on) => {
      const peer = await listingOf(on, parts, id);
      return { peer, runs: await peerRuns(on, peer.base, RUNS), refusals: await peerRefusals(on, peer.base, REFUSALS) };
    });
    return adminPage(peerPage({ ...view, ...found, fault: wrong?.fault }), wrong?.status);
  };
  pages.get(`${PEERS}/:ulid`, (request) => showPeer(request));
  const change = async (request: AdminRequest & { form: Steer }) => {
    const { c, caller, form } = request;
    const id = idOf(c);
    try {
      await database.transact(async (tx) => steer(tx, await peerOf(tx, id)), caller);
    } catch (error) {
      return showPeer(request, faultOf(error));
    }
    return seeOther(base, form.action === "remove" ? PEERS : peerPath({ id }));

    function steer(tx: Tx, { base: peer, filters }: Peer): Promise<unknown> {
      if (form.action === "remove") return removePeer(registry, caller, tx, peer, { reason: reasonOf(form) });
      if (form.action === "set") return changePeer(registry, caller, tx, peer, changeOf(form, filters));
      return PEER_ACTS[form.action](parts, caller, tx, peer);
    }
  };
  pages.post(`${PEERS}/:ulid`, steerFields, change, showPeer);
}

function reasonOf({ reason }: Steer): string {
  if (reason === undefined)
    throw new RegistryError("invalid_body", { detail: "Reason: a peer is not removed without one; please say why.", pointer: "/reason" });
  return reason;
}
