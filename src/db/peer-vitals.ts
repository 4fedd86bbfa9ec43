/** What /metrics and the doctor tell of peers: how far behind we are, and what pulls brought lately. */
import { sql } from "kysely";
import type { PeerStatus } from "../domain/peer.ts";
import { kyselyOf, type Reader } from "./handle.ts";

export interface PeerVitals {
  base: string;
  status: PeerStatus;
  /** Items behind its head; null while its head is unknown. */
  lagPositions: number | null;
  behindSince: Date | null;
  succeededAt: Date | null;
}

/** The peers that are pulled from; those that are stopped first, then those that are furthest behind. */
export async function readPeerVitals(on: Reader, limit: number): Promise<PeerVitals[]> {
  const { rows } = await sql<PeerVitals>`
    select base_url as base, status, greatest(head - position, 0) as "lagPositions", behind_since as "behindSince", succeeded_at as "succeededAt"
    from federation_nodes where direction in ('pull', 'both')
    order by status = 'broken' desc, behind_since nulls last, base_url limit ${limit}`.execute(kyselyOf(on));
  return rows;
}

export interface RunTally {
  id: string;
  base: string;
  applied: number;
  refused: number;
}

/** What runs have brought so far, of those that were at work at `since` or later. */
export async function readRunTallies(on: Reader, since: Date): Promise<RunTally[]> {
  const { rows } = await sql<RunTally>`
    select r.id, n.base_url as base, r.applied + r.deleted as applied, r.refused from federation_sync_log r join federation_nodes n on n.id = r.node_id
    where r.updated_at >= ${since}`.execute(kyselyOf(on));
  return rows;
}
