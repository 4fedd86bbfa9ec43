/**
 * Entities of another node, put straight into a test database: what an ingest would leave of them, with nothing of how it came there.
 * Each call is one transaction: the rows as this node shows them, and what their origin said.
 */
import canonicalize from "canonicalize";
import { sql } from "kysely";
import type { Database, Tx } from "../../src/db/database.ts";
import { kyselyOf } from "../../src/db/handle.ts";
import { ulidOf } from "../../src/domain/iri.ts";

export const ORIGIN = "https://toronto.example";
export const EPOCH = "01HZ0000000000000000000000";

export interface Said {
  position: number;
  version?: number;
  hops?: string[];
  /** The origin's document; without one, its tombstone. */
  document?: object | undefined;
  /** Held back by our own filters. */
  withheld?: boolean;
}

/** A peer, its source, and a place of its own at which its events are held. */
export async function openOrigin(database: Database, base = ORIGIN) {
  const [node, source, place] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  const placeUri = `${base}/places/${ulidOf(place)}`;
  await database.transact(async (tx) => {
    const on = kyselyOf(tx);
    await sql`insert into sources (id, name, type, base_url) values (${source}, ${base}, 'federation', ${base})`.execute(on);
    await sql`insert into federation_nodes (id, base_url, name, direction, source_id) values (${node}, ${base}, 'Toronto', 'pull', ${source})`.execute(
      on,
    );
    await sql`insert into places (id, match_key, name, locality, federation_uri, origin_node_id)
      values (${place}, ${Buffer.from(place)}, 'Massey Hall', 'Toronto', ${placeUri}, ${node})`.execute(on);
  });

  const say = (tx: Tx, kind: "event" | "place", id: string, { position, version, hops = [], document, withheld }: Said) => {
    const uri = `${base}/${kind}s/${ulidOf(id)}`;
    const text = canonicalize(document === undefined ? stoneOf(uri, kind) : { "@id": uri, ...document })!;
    return sql`insert into federation_statements (uri, entity_kind, entity_id, origin_node_id, via_node_id, hops, epoch, position, version, gone,
        withheld, document, digest, received_at)
      values (${uri}, ${kind}, ${id}, ${node}, ${node}, ${hops}::text[], ${EPOCH}, ${position}, ${version ?? null},
        ${document === undefined || withheld === true}, ${withheld === true}, ${text}, '', now())
      on conflict (uri) do update set hops = excluded.hops, position = excluded.position, version = excluded.version, gone = excluded.gone,
        withheld = excluded.withheld, document = excluded.document`.execute(kyselyOf(tx));
  };

  return {
    node,
    source,
    placeUri,
    placeId: place,
    /** The origin's word on its place. */
    sayPlace: (said: Said) =>
      database.transact(async (tx) => {
        await say(tx, "place", place, said);
        const name = (said.document as { name?: string } | undefined)?.name ?? "Massey Hall";
        await sql`update places set name = ${name}, version = version + 1, deleted_at = ${said.document === undefined ? new Date("2026-05-02T00:00:00Z") : null}
          where id = ${place}`.execute(kyselyOf(tx));
      }),
    /** An event of the origin's: what it says, and as what it is shown here. Another call with its id is the next word. */
    sayEvent: async (said: Said, shown: { name?: string; state?: string; start?: string } = {}, id: string = crypto.randomUUID()) => {
      const uri = `${base}/events/${ulidOf(id)}`;
      const name = shown.name ?? (said.document as { name?: string } | undefined)?.name ?? "Concert";
      const state = shown.state ?? (said.document === undefined || said.withheld === true ? "withdrawn" : "published");
      await database.transact(async (tx) => {
        const on = kyselyOf(tx);
        await sql`insert into events (id, name, lifecycle_state, primary_venue_id, content_hash, federation_uri, origin_node_id)
          values (${id}, ${name}, ${state}, ${place}, '', ${uri}, ${node})
          on conflict (id) do update set name = excluded.name, lifecycle_state = excluded.lifecycle_state, version = events.version + 1`.execute(
          on,
        );
        await sql`insert into event_occurrences (id, event_id, sequence_number, start_at, timezone)
          values (gen_random_uuid(), ${id}, 0, ${shown.start ?? "2026-05-08T23:00:00Z"}, 'America/Toronto') on conflict do nothing`.execute(
          on,
        );
        await say(tx, "event", id, said);
      });
      return { id, uri, path: `/events/${ulidOf(id)}` };
    },
  };
}

/** As the origin says that an entity is gone. */
export const stoneOf = (uri: string, kind: "event" | "place" = "event") => ({
  "@context": ["https://schema.org", `${ORIGIN}/contexts/calends-v1.jsonld`],
  "@id": uri,
  "@type": kind === "event" ? "Event" : "Place",
  "sel:deletedAt": "2026-05-02T00:00:00Z",
  "sel:tombstone": true,
});
