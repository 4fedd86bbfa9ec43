/** The feed of a simulated node: the real rules of what is numbered, rendered, chained and redacted, over a list in memory. */
import { gzipSync } from "node:zlib";
import type { OutboxRow } from "../../src/db/feed.ts";
import type { AnyState } from "../../src/domain/state.ts";
import { checkPosition, decodeCursor, encodeCursor, type Cursor } from "../../src/feed/cursor.ts";
import { custodyOf, isWithheld, sha256, snapshotOf, tombstoneOf } from "../../src/feed/item.ts";
import { numberChanges } from "../../src/feed/number-changes.ts";
import { redactItem } from "../../src/feed/redact.ts";
import { clockOf, type Database, type Entity, type SimulatedNode, type World } from "./model.ts";

/** Puts what an entity shows now into the outbox, as a commit does. */
export function touch(world: World, node: SimulatedNode, entity: Entity): void {
  const { database } = node;
  const changedAt = clockOf(world, node);
  entity.changedAt = changedAt.toISOString();
  entity.version += 1;
  const row: OutboxRow = {
    seq: 0,
    kind: entity.kind,
    id: entity.id,
    state: stateOf(database, entity),
    changedAt,
    sourceAt: null,
  };
  database.outbox.push(row);
}

function stateOf({ entities, statements }: Database, entity: Entity): AnyState {
  const { id, kind, uri, name, description, version, changedAt, life, foreign } = entity;
  const survivor = entity.supersededBy === undefined ? undefined : entities.get(entity.supersededBy);
  const said = foreign ? statements.get(uri) : undefined;
  const common = {
    id,
    name,
    version,
    createdAt: "2026-04-01T12:00:00.000Z",
    updatedAt: changedAt,
    public: life === "shown",
    ...(life !== "shown" && { deletedAt: changedAt }),
    ...(foreign && { federationUri: uri }),
    ...(survivor !== undefined && { supersededBy: { id: survivor.id, ...(survivor.foreign && { federationUri: survivor.uri }) } }),
    ...(said !== undefined && {
      statement: {
        node: said.origin,
        hops: [...said.hops],
        epoch: said.epoch,
        position: said.position,
        ...(said.version !== undefined && { version: said.version }),
        gone: said.gone,
        withheld: false,
        redacted: said.redacted,
        document: said.text,
      },
    }),
  };
  if (kind === "organization") return { kind, ...common };
  return {
    kind,
    ...common,
    ...(description !== undefined && { description }),
    type: "MusicEvent",
    lifecycleState: life === "shown" ? "published" : "withdrawn",
    startDate: "2026-05-08T21:00:00-04:00",
    timezone: "America/Toronto",
    allDay: false,
    eventDomain: "music",
    licenseStatus: "unknown",
    confidence: 1,
    sources: [],
  };
}

/** Numbers what was committed, as the sequencer does. */
export function sequence(node: SimulatedNode): void {
  const { database, base } = node;
  if (database.outbox.length === 0) return;
  const lastItems = new Map([...database.last].map(([id, { item }]) => [id, item]));
  const rows = database.outbox.map((row, seq) => ({ ...row, seq }));
  const { changes, hash } = numberChanges(rows, lastItems, { position: database.log.length, hash: database.hash }, { base });
  for (const { seq, uri, item } of changes) {
    const entry = { entity: rows[seq]!.id, uri, item };
    database.log.push(entry);
    database.last.set(entry.entity, entry);
  }
  database.hash = hash;
  database.outbox = [];
}

/** Takes the text of an entity of our own out of all that the feed ever showed of it, and out of the entity. */
export function takeDown(world: World, node: SimulatedNode, entity: Entity): void {
  const { database } = node;
  entity.description = undefined;
  for (const entry of database.log) if (entry.entity === entity.id) entry.item = redactItem(entry.item);
  for (const row of database.outbox) if (row.id === entity.id && row.state.kind === "event") delete row.state.description;
  database.redactions += 1;
  touch(world, node, entity);
}

export const FEED = "/api/v1/feeds/changes";

const headOf = ({ epoch, log, oldest }: Database) => ({ epoch, position: log.length, hash: "", oldest });

/** A page as src/feed/read.ts writes it. Throws as that does. */
export function feedPage({ database, base }: SimulatedNode, since: string | undefined, limit: number): string {
  const from: Cursor | { position: number } = since === undefined ? { position: 0 } : decodeCursor(since);
  checkPosition(from, headOf(database), base);
  const { epoch, log } = database;
  const to = Math.min(from.position + limit, log.length);
  const at = (position: number) => encodeCursor({ epoch, position });
  const items = log.slice(from.position, to).map(({ item }) => item);
  return `{"cursor":"${at(from.position)}","changes":[${items.join(",")}],"next_cursor":"${at(to)}","epoch":"${epoch}","head":${log.length}}`;
}

/** A closed page as src/feed/closed-pages.ts writes it; undefined while it is not closed. */
export function closedPage({ database, base, pageSize }: SimulatedNode, epoch: string, page: number): string | undefined {
  const [first, last] = [(page - 1) * pageSize + 1, page * pageSize];
  checkPosition({ epoch, position: Math.min(first - 1, database.log.length) }, headOf(database), base);
  if (database.log.length < last) return undefined;
  const items = database.log.slice(first - 1, last).map(({ item }) => item);
  return `{"epoch":"${epoch}","page":${page},"first":${first},"last":${last},"changes":[${items.join(",")}],"prev":null,"next":null}`;
}

/** A snapshot as src/feed/snapshot.ts writes it, and its path. */
export function makeSnapshot(world: World, node: SimulatedNode): { path: string; cursor: string } {
  const { epoch, log, last, redactions, hash } = node.database;
  const position = log.length;
  const lines = [...last.values()].flatMap(({ item, uri }) => {
    const [custody, snapshot, tombstone] = [custodyOf(item), snapshotOf(item), tombstoneOf(item)];
    // What is gone is told of only where another node says so.
    if (isWithheld(item) || (snapshot === undefined && custody === undefined)) return [];
    const { kind, sequence_number, version } = JSON.parse(item) as Record<string, unknown>;
    const document = snapshot === undefined ? `"tombstone":${tombstone}` : `"snapshot":${snapshot}`;
    const said = custody === undefined ? "" : `"custody":${custody},`;
    return [`{${said}"kind":"${kind}","sequence_number":${sequence_number},${document},"uri":${JSON.stringify(uri)},"version":${version}}`];
  });
  const cursor = encodeCursor({ epoch, position });
  const count = lines.filter((line) => line.includes(',"snapshot":')).length;
  const generated_at = clockOf(world, node).toISOString();
  const header = JSON.stringify({ epoch, position, cursor, hash, count, lines: lines.length, generated_at });
  const bytes = gzipSync([header, ...lines, ""].join("\n"), { level: 1 });
  const path = `${FEED}/snapshots/${epoch}/${position}.ndjson.gz`;
  node.files.set(path, { bytes, sha256: sha256(bytes), redactions });
  return { path, cursor };
}
