/** Peers as they are shown: how far each is behind, what is held of it, how its last pull went. */
import type { Reader } from "../db/database.ts";
import { listPeerRows, readPeerByBase, readPeerById } from "../db/peers.ts";
import { countStatements } from "../db/statements.ts";
import { countRefusals, lastRuns, listRefusals, listRuns, type Refusal, type Run } from "../db/sync-log.ts";
import { RegistryError } from "../domain/errors.ts";
import { readPeerBase } from "../domain/peer-base.ts";
import { pullsFrom, type Peer } from "../domain/peer.ts";

export type { Refusal, Run } from "../db/sync-log.ts";

export interface PeerListing extends Peer {
  /** How many items we are behind its head; null while that is unknown. */
  lagPositions: number | null;
  /** Since when we are behind, or have not heard from it although we should have; 0 when neither. Null: it was never heard. */
  lagSeconds: number | null;
  /** Its entities that are shown here, by kind, and how many it took back. */
  counts: { events: number; places: number; organizations: number; persons: number; gone: number };
  lastRun: Run | null;
  /** Items that were refused in the last 24 hours, each as often as it was. */
  refusedLast24h: number;
}

const DAY = 24 * 60 * 60 * 1000;
const MEMBER_OF_KIND = { event: "events", place: "places", organization: "organizations", person: "persons" } as const;

/** All peers, by base, as they are at `now`. */
export async function listPeers(on: Reader, now: Date): Promise<PeerListing[]> {
  const peers = await listPeerRows(on);
  const held = Map.groupBy(await countStatements(on), ({ originNodeId }) => originNodeId);
  const runs = new Map((await lastRuns(on)).map(({ nodeId, ...run }) => [nodeId, run]));
  const refused = new Map((await countRefusals(on, new Date(now.getTime() - DAY))).map(({ nodeId, n }) => [nodeId, n]));
  return peers.map((peer) => {
    const counts = { events: 0, places: 0, organizations: 0, persons: 0, gone: 0 };
    for (const { kind, gone, n } of held.get(peer.id) ?? []) counts[gone ? "gone" : MEMBER_OF_KIND[kind]] += n;
    return { ...peer, ...lagOf(peer, now), counts, lastRun: runs.get(peer.id) ?? null, refusedLast24h: refused.get(peer.id) ?? 0 };
  });
}

/** So many intervals without a pull that went well are no chance. */
const MISSED_PULLS = 3;
/** Who is due is looked at once a minute (plan-pulls). */
const PLANNED_EVERY = 60;

/** How far we are behind a peer: in items, and in seconds. */
export function lagOf(peer: Peer, now: Date): Pick<PeerListing, "lagPositions" | "lagSeconds"> {
  const { head, position, behindSince, succeededAt, failures, status, everySeconds } = peer;
  const secondsSince = (then: Date) => Math.max(0, Math.round((now.getTime() - then.getTime()) / 1000));
  const overdue =
    pullsFrom(peer) &&
    succeededAt !== null &&
    secondsSince(succeededAt) > Math.max(MISSED_PULLS * everySeconds, everySeconds + PLANNED_EVERY);
  // While it is not asked, or cannot be, nobody knows how far it has gone on since.
  const unheard = failures > 0 || status !== "active" || head === null || overdue;
  const since = behindSince ?? (unheard ? succeededAt : now);
  return { lagPositions: head === null ? null : Math.max(0, head - position), lagSeconds: since === null ? null : secondsSince(since) };
}

/** The peer of this id (uuid) or base; also an origin that is only known from relays. */
export function readPeer(on: Reader, idOrBase: string): Promise<Peer | undefined> {
  if (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(idOrBase)) return readPeerById(on, idOrBase);
  return readPeerByBase(on, readPeerBase(idOrBase).base ?? idOrBase);
}

/** Its newest runs first. Throws `not_found`. */
export async function peerRuns(on: Reader, idOrBase: string, limit: number): Promise<Run[]> {
  return listRuns(on, (await known(on, idOrBase)).id, limit);
}

/** What was refused of it, the latest first. Throws `not_found`. */
export async function peerRefusals(on: Reader, idOrBase: string, limit: number): Promise<Refusal[]> {
  return listRefusals(on, (await known(on, idOrBase)).id, limit);
}

async function known(on: Reader, idOrBase: string): Promise<Peer> {
  const peer = await readPeer(on, idOrBase);
  if (peer === undefined) throw new RegistryError("not_found", { detail: `There is no peer ${idOrBase.slice(0, 200)}.` });
  return peer;
}
