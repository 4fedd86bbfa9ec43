/** What a made-up peer tells: documents, items and proven pages, as the client (src/federation/peer) would hand them on. */
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { HeardChange } from "../../src/domain/custody.ts";
import type { Peer } from "../../src/domain/peer.ts";
import type { VerifiedPage } from "../../src/domain/pull.ts";
import type { EntityKind } from "../../src/domain/vocabulary.ts";
import { addPeer, type NewPeer } from "../../src/registry/peers.ts";
import type { TestRegistry } from "./registry.ts";

export const NORTH = "https://north.example";
export const SOUTH = "https://south.example";
/** An epoch that began in January 2026. */
export const EPOCH = "01KDVDWF00ABCDEFGHJKMNPQRS";
export const LATER_EPOCH = "01KGBH0R00ABCDEFGHJKMNPQRS";

/** The n-th event of a node, as that node would tell it. */
export function eventOf(node: string, n: number, changes: object = {}): Record<string, unknown> {
  return {
    "@context": ["https://schema.org", `${node}/contexts/calends-v1.jsonld`],
    "@id": `${node}/events/${n}`,
    "@type": "MusicEvent",
    name: `Concert ${n}`,
    startDate: "2026-05-08T21:00:00-04:00",
    location: {
      "@id": `${node}/places/hall`,
      "@type": "MusicVenue",
      name: "The Hall",
      geo: { "@type": "GeoCoordinates", latitude: 43.65, longitude: -79.38 },
    },
    "sel:eventDomain": "music",
    "sel:licenseStatus": "cc0",
    ...changes,
  };
}

export interface Told {
  position: number;
  kind?: EntityKind;
  version?: number;
  epoch?: string;
  /** For a relay's word: the origin and the nodes between. */
  custody?: HeardChange["custody"];
  withheld?: boolean;
}

/** An item that shows this document. */
export function shown(document: Record<string, unknown>, { kind = "event", position, ...told }: Told): HeardChange {
  return heard(document, { kind, position, gone: false, ...told });
}

/** An item by which the entity is gone. */
export function gone(uri: string, { kind = "event", position, ...told }: Told): HeardChange {
  const tombstone = { "@id": uri, "@type": "Event", "sel:deletedAt": "2026-03-01T12:00:00Z", "sel:tombstone": true };
  return heard(tombstone, { kind, position, gone: true, ...told });
}

function heard(
  document: Record<string, unknown>,
  { kind, position, version, epoch = EPOCH, gone: isGone, custody, withheld }: Told & { kind: EntityKind; gone: boolean },
): HeardChange {
  const uri = String(document["@id"]);
  const text = canonicalize(document)!;
  const node = /^https?:\/\/[^/]+/.exec(uri)![0];
  return {
    uri,
    kind,
    gone: isGone,
    document,
    text,
    digest: createHash("sha256").update(text).digest("hex"),
    redacted: false,
    ...(withheld !== undefined && { withheld }),
    custody: custody ?? { node, epoch, position, ...(version !== undefined && { version }), hops: [] },
    position,
  };
}

/** A page of the peer's feed after `since`; it ends at its last item. */
export function page(since: string | null, changes: HeardChange[], more: Partial<VerifiedPage> = {}): VerifiedPage {
  const position = more.position ?? changes.at(-1)?.position ?? 0;
  return { since, nextCursor: `c${position}`, epoch: EPOCH, position, hash: "ab".repeat(32), head: position, changes, bad: [], ...more };
}

/** Adds a peer that is pulled from, and whose profile need not be read. */
export function addTestPeer({ registry }: TestRegistry, settings: Partial<NewPeer> = {}): Promise<Peer> {
  const caller = { actor: "test", role: "admin" } as const;
  return registry.database.transact((tx) =>
    addPeer(registry, caller, tx, { base: NORTH, name: "North", dialect: "calends", profile: null, ...settings }),
  );
}
