/**
 * A node and an origin that it follows, each a registry of its own, and between them what a pull would carry: the items of the origin's
 * own feed, judged as a pull judges them, without the network. `await using pair = await openFollowing()`.
 */
import { sql } from "kysely";
import { kyselyOf } from "../../src/db/handle.ts";
import { insertSource } from "../../src/db/sources.ts";
import { lockStatements } from "../../src/db/statements.ts";
import { judgeChange, type HeardChange, type HeldStatement } from "../../src/domain/custody.ts";
import type { AnyState, EventState } from "../../src/domain/state.ts";
import type { EntityKind } from "../../src/domain/vocabulary.ts";
import { readState } from "../../src/db/entities.ts";
import { openEpoch } from "../../src/feed/epoch.ts";
import { sha256 } from "../../src/feed/item.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { drainOutbox } from "../../src/feed/sequencer.ts";
import { encodeEntity, type JsonLdObject } from "../../src/jsonld/encode.ts";
import { ingestChanges, type Ingested, type JudgedChange } from "../../src/registry/ingest-changes.ts";
import { canonicalText } from "../../src/registry/content.ts";
import { openTestRegistry, type TestRegistry } from "./registry.ts";

export const ORIGIN = "https://origin.example";
export const HERE = "https://here.example";

/** An item of a feed, as far as a reader of ours looks at it. */
export interface ToldItem {
  action: "create" | "update" | "delete";
  uri: string;
  kind: EntityKind;
  version: number;
  sequence_number: number;
  digest: string;
  redacted?: true;
  snapshot?: JsonLdObject;
  tombstone?: JsonLdObject;
  custody?: { node: string; epoch: string; sequence_number: number; hops: string[]; version?: number; withheld?: true; redacted?: true };
}

export interface Following extends AsyncDisposable {
  origin: TestRegistry;
  here: TestRegistry;
  nodeId: string;
  sourceId: string;
  /** The origin's feed, from behind `since` on. */
  feed(since?: number): Promise<ToldItem[]>;
  /** What this node tells others. */
  ownFeed(): Promise<ToldItem[]>;
  /** All that the origin has told since the last call becomes what it is here. */
  pull(how?: PullHow): Promise<Ingested>;
  /** Lets this node hear items, as if the origin had told them. */
  hear(items: readonly HeardChange[], how?: PullHow): Promise<Ingested>;
  /** What this node shows of the origin's entity; undefined where it has none. */
  shown(uri: string, kind?: EntityKind): Promise<AnyState | undefined>;
  event(uri: string): Promise<EventState>;
  document(uri: string, kind?: EntityKind): Promise<JsonLdObject>;
  /** What the origin shows of its own event. */
  documentAtOrigin(eventId: string): Promise<JsonLdObject>;
}

export interface PullHow {
  /** URIs that our own filters hold back. */
  withheld?: ReadonlySet<string>;
}

export async function openFollowing({ trust = 5 }: { trust?: number } = {}): Promise<Following> {
  await using opened = new AsyncDisposableStack();
  const origin = opened.use(await openTestRegistry());
  const here = opened.use(await openTestRegistry());
  origin.registry.base = ORIGIN;
  here.registry.base = HERE;
  for (const { registry } of [origin, here]) await openEpoch(registry.database, { clean: true, clock: registry.clock });
  const { nodeId, sourceId } = await addOrigin(here, ORIGIN, trust);
  let position = 0;

  const hear: Following["hear"] = (items, { withheld = new Set() } = {}) =>
    here.registry.database.transact(async (tx) => {
      const newest = new Map(items.map((item) => [item.uri, item]));
      const held: Map<string, HeldStatement> = await lockStatements(tx, [...newest.keys()].toSorted());
      const changes = [...newest.values()].flatMap((heard): JudgedChange[] => {
        const judged = judgeChange(heard, held.get(heard.uri), {
          base: HERE,
          peer: { base: ORIGIN, relay: false },
          followed: new Set([ORIGIN]),
          now: here.registry.clock().getTime(),
        });
        if (judged.verdict === "refuse") throw new Error(`${heard.uri}: ${judged.detail}`);
        if (judged.verdict === "pass") return [];
        const isWithheld = withheld.has(heard.uri);
        return [{ heard, ...judged, gone: heard.gone || isWithheld, withheld: isWithheld }];
      });
      const origins = new Map([[ORIGIN, { nodeId, sourceId }]]);
      return ingestChanges(here.registry, tx, { viaNodeId: nodeId, changes, origins, redact: redactEntity, now: here.registry.clock() });
    });
  const shown: Following["shown"] = async (uri, kind = "event") => {
    const id = await here.registry.database.read(async (on) => {
      const { rows } = await sql<{ id: string }>`
        select id from ${sql.table(TABLES[kind])} where federation_uri = ${uri}`.execute(kyselyOf(on));
      return rows[0]?.id;
    });
    return id === undefined ? undefined : here.registry.database.read((on) => readState(on, kind, id));
  };
  const closing = opened.move();
  return {
    origin,
    here,
    nodeId,
    sourceId,
    feed: (since = 0) => feedOf(origin, since),
    ownFeed: () => feedOf(here, 0),
    async pull(how) {
      const items = await feedOf(origin, position);
      position = items.at(-1)?.sequence_number ?? position;
      return hear(items.map(asHeard), how);
    },
    hear,
    shown,
    event: async (uri) => (await shown(uri)) as EventState,
    document: async (uri, kind) => encodeEntity((await shown(uri, kind))!, { base: HERE }),
    documentAtOrigin: async (eventId) => encodeEntity(await origin.event(eventId), { base: ORIGIN }),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

const TABLES = { event: "events", place: "places", organization: "organizations", person: "persons" } as const;

/** A node whose entities may be held, with the source in whose name it speaks. */
export async function addOrigin({ registry }: TestRegistry, base: string, trust: number): Promise<{ nodeId: string; sourceId: string }> {
  const now = registry.clock();
  const [nodeId, sourceId] = [registry.mint(now.getTime()), registry.mint(now.getTime())];
  await registry.database.transact(async (tx) => {
    await insertSource(tx, sourceId, { name: base, type: "federation", baseUrl: base, trustLevel: trust, licenseStatus: "unknown" }, now);
    await sql`insert into federation_nodes (id, base_url, name, trust_level, source_id) values (${nodeId}, ${base}, ${base}, ${trust}, ${sourceId})`.execute(
      kyselyOf(tx),
    );
  });
  return { nodeId, sourceId };
}

async function feedOf({ registry }: TestRegistry, since: number): Promise<ToldItem[]> {
  const { database, clock, base } = registry;
  await drainOutbox({ database, clock, base, log: { info: () => undefined, warn: () => undefined } });
  const { rows } = await database.read((on) =>
    sql<{ item: string }>`select item from event_changes where sequence_number > ${since} order by sequence_number`.execute(kyselyOf(on)),
  );
  return rows.map((row) => JSON.parse(row.item) as ToldItem);
}

/** An item of the origin's own feed as a reader understands it. */
export function asHeard(item: ToldItem): HeardChange {
  const document = (item.snapshot ?? item.tombstone)!;
  return {
    uri: item.uri,
    kind: item.kind,
    gone: item.action === "delete",
    document,
    text: canonicalText(document),
    digest: item.digest.slice("sha-256:".length),
    redacted: item.redacted === true,
    custody: { node: ORIGIN, epoch: "", position: item.sequence_number, version: item.version, hops: [] },
    position: item.sequence_number,
  };
}

/** The origin says `document` of `uri` at this position of its feed. */
export function saying(uri: string, position: number, document: JsonLdObject, { kind = "event" }: { kind?: EntityKind } = {}): HeardChange {
  const text = canonicalText({ "@context": "https://schema.org", "@id": uri, ...document });
  return {
    uri,
    kind,
    gone: document["sel:tombstone"] === true,
    document: JSON.parse(text) as JsonLdObject,
    text,
    digest: sha256(text),
    redacted: false,
    custody: { node: ORIGIN, epoch: "", position, hops: [] },
    position,
  };
}

/** What two nodes say differently of one event: when they took it in, and from whom. */
const NODES_OWN = new Set(["@context", "sel:ingestedAt", "prov:wasDerivedFrom"]);

export function withoutNodesOwn(document: JsonLdObject): JsonLdObject {
  return Object.fromEntries(Object.entries(document).filter(([member]) => !NODES_OWN.has(member)));
}
