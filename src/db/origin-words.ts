/** What origins say of single entities, for readers (table federation_statements). */
import { sql } from "kysely";
import { kyselyOf, type Reader } from "./handle.ts";

/** How an origin's word came here, and where it stands in the origin's feed. */
export interface OriginWord {
  /** Base of the origin. */
  node: string;
  /** Base of the peer that told it. */
  via: string;
  hops: string[];
  epoch: string;
  position: number;
  version: number | null;
  /** In whose name it speaks here; null where the origin has no source. */
  sourceId: string | null;
  receivedAt: Date;
}

/** The last word of its origin on an entity of another node; undefined for our own, and where there is none. */
export async function readOriginWord(on: Reader, entityId: string): Promise<OriginWord | undefined> {
  const { rows } = await sql<OriginWord>`
    select n.base_url as node, v.base_url as via, s.hops, s.epoch, s.position, s.version, n.source_id as "sourceId", s.received_at as "receivedAt"
    from federation_statements s join federation_nodes n on n.id = s.origin_node_id join federation_nodes v on v.id = s.via_node_id
    where s.entity_id = ${entityId}`.execute(kyselyOf(on));
  return rows[0];
}

/** The canonical text of the tombstone with which its origin took an entity away; undefined where it did not, or only we did. */
export async function readOriginTombstone(on: Reader, entityId: string): Promise<string | undefined> {
  const { rows } = await sql<{ document: string }>`
    select document from federation_statements where entity_id = ${entityId} and gone and not withheld`.execute(kyselyOf(on));
  return rows[0]?.document;
}
