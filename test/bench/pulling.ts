/** Nodes that follow each other, for benchmarks: a source that serves in a process of its own, and followers in this one. */
import { parseConfig } from "../../src/config.ts";
import type { BootstrapWay } from "../../src/domain/peer.ts";
import { createPeerClient } from "../../src/federation/peer/client.ts";
import { meetPeer } from "../../src/federation/peer/meet.ts";
import { createNode, type CalendsNode } from "../../src/node.ts";
import { addPeer } from "../../src/registry/peers.ts";
import { startNode, type NodeProcess } from "../support/process.ts";
import { BASE, importEvents, openQuietNode } from "./context.ts";
import { query } from "./database.ts";

/** A node in a process of its own that serves what `file` holds. Its base is where it listens. */
export async function serveEvents(url: string, file: string, folder: string): Promise<NodeProcess> {
  const settings = { DATABASE_URL: url, DATA_DIR: folder, LOG_LEVEL: "error" };
  const { port } = new URL(BASE_OF_SOURCE);
  {
    await using importer = await openQuietNode(url, BASE_OF_SOURCE);
    await importEvents(importer, file);
    await importer.processAll();
  }
  return startNode({ ...settings, PORT: port, NODE_URL: BASE_OF_SOURCE, PUBLIC_RATE: "unlimited" });
}
/** A fixed one: it is part of every @id, and made before the process listens. */
const BASE_OF_SOURCE = "http://localhost:18431";

/** A fresh node on `url` that follows the source, with nothing pulled yet. */
export async function openFollower(url: string, folder: string, way: BootstrapWay): Promise<{ node: CalendsNode; peerId: string }> {
  const config = { ...parseConfig({ NODE_URL: BASE, LOG_LEVEL: "error" }), dataDir: folder, roles: new Set<never>() };
  const node = await createNode(config, { secrets: { databaseUrl: url } });
  const client = createPeerClient({ allow: [], userAgent: "Calends-bench" });
  const { profile, dialect } = await meetPeer(client({ base: BASE_OF_SOURCE, accessKey: null }), BASE_OF_SOURCE);
  const caller = { actor: "bench", role: "admin" } as const;
  const { id } = await node.database.transact(
    (tx) => addPeer(node.registry, caller, tx, { base: BASE_OF_SOURCE, name: profile.name, dialect, profile, bootstrapBy: way }),
    caller,
  );
  return { node, peerId: id };
}

/** Pulls to the end; throws unless everything was applied. */
export async function pullAll({ node, peerId }: { node: CalendsNode; peerId: string }): Promise<void> {
  for (;;) {
    const pulled = await node.pull(peerId);
    if (pulled.outcome !== "applied" && pulled.outcome !== "unchanged") throw new Error(`The pull ended badly: ${JSON.stringify(pulled)}`);
    if (pulled.counts.refused > 0) throw new Error(`${pulled.counts.refused} items were refused.`);
    if (!("more" in pulled.end && pulled.end.more)) return;
  }
}

/** What every node should agree on, as one hash: of each URI whether it is there, and the digest of what its origin says. */
export async function statementsHash(url: string): Promise<{ count: number; hash: string }> {
  const [row] = await query<{ count: number; hash: string }>(
    url,
    `select count(*)::int as count, encode(sha256(convert_to(coalesce(string_agg(uri || ' ' || digest, chr(10) order by uri collate "C"), ''), 'UTF8')), 'hex') as hash
     from federation_statements where not gone`,
  );
  return row!;
}

/** The same of a source: what its own feed shows of each of its entities now. */
export async function shownHash(url: string): Promise<{ count: number; hash: string }> {
  const [row] = await query<{ count: number; hash: string }>(
    url,
    `with last as (select distinct on (entity_id) uri, action, item::jsonb ->> 'digest' as digest from event_changes order by entity_id, sequence_number desc)
     select count(*)::int as count, encode(sha256(convert_to(coalesce(string_agg(uri || ' ' || substr(digest, 9), chr(10) order by uri collate "C"), ''), 'UTF8')), 'hex') as hash
     from last where action <> 'delete'`,
  );
  return row!;
}

/** What a visitor finds, whoever's @ids it bears: names, times and places of everything in public, as one hash. */
export async function viewHash(url: string): Promise<{ count: number; hash: string }> {
  const [row] = await query<{ count: number; hash: string }>(
    url,
    `with shown as (select concat_ws('|', e.name, e.schema_type, e.event_status, o.start_at at time zone 'UTC', o.end_at at time zone 'UTC', o.timezone,
        p.name, p.latitude, p.longitude, e.price_low, md5(e.description)) as line
      from events e join event_occurrences o on o.event_id = e.id left join places p on p.id = e.primary_venue_id
      where e.lifecycle_state not in ('draft', 'pending_review', 'withdrawn', 'deleted') and e.merged_into_id is null)
     select count(*)::int as count, encode(sha256(convert_to(coalesce(string_agg(line, chr(10) order by line collate "C"), ''), 'UTF8')), 'hex') as hash from shown`,
  );
  return row!;
}
