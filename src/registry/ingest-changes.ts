/**
 * What origins say of their own entities, as it becomes statements, claims and entities here.
 *
 * 1. Lock the URIs, so that nobody else decides at the same time whether they are known; pass over what is older than what is held by now.
 * 2. Places, organizations and persons: as their origins describe them.
 * 3. Events, which lean on them: records and claims of the origin's source, settled with what others say (foreign-events.ts).
 * 4. The statements, which the feed passes on. What cannot be read is refused, and its statement stays where it was. By them the halves of
 *    a series that its origin has split are linked, whichever was heard first.
 * 5. What an origin showed before and shows no more leaves the past, too (forget-texts.ts).
 *
 * A page or a thing, it is the same number of statements; only what is forgotten is looked for entity by entity.
 */
import type { Tx } from "../db/database.ts";
import { IDENTITY_BUCKETS, lockEvents, lockIdentities } from "../db/events.ts";
import {
  heldEntities,
  noteStatements,
  tellAgain,
  tellGone,
  writeStatements,
  type HeldEntity,
  type StatementRow,
} from "../db/foreign-entities.ts";
import { linkForeignHalves } from "../db/foreign-halves.ts";
import { holdSpeakers } from "../db/speaker.ts";
import { compareCustody, type Custody, type HeardChange } from "../domain/custody.ts";
import { withoutProtectedAnywhere } from "../domain/protected-fields.ts";
import { uriKey } from "../domain/similarity.ts";
import { ENTITY_KINDS } from "../domain/vocabulary.ts";
import { canonicalText } from "./content.ts";
import type { Registry } from "./context.ts";
import { halvesNamed, ingestOthers, LONGEST_URI, type Came, type Refusal, type Told } from "./foreign-entities.ts";
import { ingestEvents } from "./foreign-events.ts";
import { findForgotten, forgetTexts } from "./forget-texts.ts";
import { partFromGone } from "./part-from-gone.ts";
import type { Speaker } from "./settle.ts";
import type { Redact } from "./take-down.ts";

/** One word of an origin, judged (domain/custody.ts) against the statement that its caller has locked. */
export interface JudgedChange {
  heard: HeardChange;
  custody: Custody;
  verdict: "apply" | "note";
  /** The origin said so, or our own filters hold it back. */
  gone: boolean;
  /** Held back by our own filters: no word of the origin's. Its statement is then gone, with a document that is no tombstone. */
  withheld: boolean;
}

export interface Ingest {
  /** The peer that told it. */
  viaNodeId: string;
  /** One per URI: the newest. */
  changes: readonly JudgedChange[];
  /** Base of an origin -> its node and the source in whose name it speaks here. */
  origins: ReadonlyMap<string, { nodeId: string; sourceId: string }>;
  /** Id of the copy in which they were met. */
  metIn?: string | undefined;
  /** Takes texts and images out of what our feed told (feed/redact.ts). */
  redact: Redact;
  now: Date;
}

export interface RefusedChange extends Refusal {
  heard: HeardChange;
}

export interface Ingested {
  /** Entities that were made or described anew. */
  applied: number;
  /** Entities that were here and are gone now. */
  deleted: number;
  refused: RefusedChange[];
}

/** Writes them, within the caller's transaction; the caller holds the peer's row. */
export async function ingestChanges(registry: Registry, tx: Tx, { changes, origins, ...how }: Ingest): Promise<Ingested> {
  const tooLong = changes.filter(({ heard }) => Buffer.byteLength(heard.uri) > LONGEST_URI);
  const refused = tooLong.map(({ heard }): RefusedChange => ({
    heard,
    reason: "too_large",
    detail: `its URI is longer than ${LONGEST_URI} bytes`,
  }));
  const told = await lockTold(
    tx,
    changes.filter((change) => !tooLong.includes(change)),
    origins,
  );
  const applied = told.filter((one) => one.verdict === "apply");
  // Events before what they point at, as submissions lock them.
  await lockEvents(
    tx,
    applied.flatMap(({ heard, held }) => (heard.kind === "event" && held?.entityId) || []),
  );
  const came = new Map([
    ...(await ingestOthers(
      registry,
      tx,
      applied.filter((one) => one.heard.kind !== "event"),
      how.now,
    )),
    ...(await ingestEvents(
      registry,
      tx,
      applied.filter((one) => one.heard.kind === "event"),
      how.now,
    )),
  ]);
  const kept = applied.flatMap((one) => {
    const outcome = came.get(one.heard.uri)!;
    if (!("reason" in outcome)) return [{ ...one, ...outcome }];
    refused.push({ heard: one.heard, ...outcome });
    return [];
  });
  await keep(registry, tx, kept, told, how);
  await partFromGone(
    registry,
    tx,
    kept.flatMap((one) => (one.gone && one.heard.kind === "event" && one.entityId !== null ? [one.entityId] : [])),
  );
  return {
    applied: kept.filter((one) => !one.gone).length,
    deleted: kept.filter((one) => one.gone && one.entityId !== null && one.held !== undefined && !one.held.gone).length,
    refused,
  };
}

type Judged = Told & Pick<JudgedChange, "verdict" | "withheld">;

/** What is to be done, now that nobody else does it; what has been overtaken meanwhile is left out. */
async function lockTold(tx: Tx, changes: readonly JudgedChange[], origins: Ingest["origins"]): Promise<Judged[]> {
  // The other half of a series, too: it may be heard by another peer's words at the same time, and neither would see the other.
  await lockIdentities(
    tx,
    changes
      .flatMap(({ heard, custody }) => [heard.uri, ...Object.values(halvesNamed(heard, custody.node))])
      .flatMap((uri) => (uri === undefined ? [] : [uriKey(uri).readUInt32BE(0) % IDENTITY_BUCKETS])),
  );
  const held = await heldEntities(
    tx,
    changes.map(({ heard }) => heard.uri),
  );
  const speakers = await speakersOf(tx, changes, origins);
  return changes.flatMap(({ heard, custody, verdict, gone, withheld }): Judged[] => {
    const before = held.get(heard.uri);
    if (before !== undefined && compareCustody(custody, before) < 0) return [];
    const origin = { base: custody.node, nodeId: origins.get(custody.node)!.nodeId };
    const speaker = speakers.get(custody.node)!;
    return [
      { heard, custody, gone, withheld, origin, speaker, held: before, verdict: saysMore(before, heard, speaker) ? "apply" : verdict },
    ];
  });
}

/** What was said before and is not shown here may be said again: with its texts, or by a source that is listened to again. */
const saysMore = (held: HeldEntity | undefined, heard: HeardChange, speaker: Speaker): boolean =>
  held === undefined || (!held.gone && ((held.redacted && !heard.redacted) || (held.entityId === null && !speaker.withdrawn)));

/** The sources of the origins that speak here, in one order. */
async function speakersOf(tx: Tx, changes: readonly JudgedChange[], origins: Ingest["origins"]): Promise<Map<string, Speaker>> {
  const bases = [...new Set(changes.map(({ custody }) => custody.node))];
  const idOf = (base: string) => origins.get(base)!.sourceId;
  const held = new Map((await holdSpeakers(tx, bases.map(idOf))).map((speaker) => [speaker.id, speaker]));
  return new Map(bases.map((base) => [base, held.get(idOf(base))!]));
}

async function keep(
  registry: Registry,
  tx: Tx,
  applied: readonly (Judged & Exclude<Came, Refusal>)[],
  told: readonly Judged[],
  { viaNodeId, metIn, redact, now }: Pick<Ingest, "viaNodeId" | "metIn" | "redact" | "now">,
): Promise<void> {
  const rowOf = ({ heard, custody, gone, withheld, origin }: Judged): Omit<StatementRow, "entityId"> => ({
    uri: heard.uri,
    kind: heard.kind,
    originNodeId: origin.nodeId,
    viaNodeId,
    hops: custody.hops,
    epoch: custody.epoch,
    position: custody.position,
    version: custody.version,
    gone,
    withheld,
    ...halvesNamed(heard, origin.base),
    document: heard.text,
    digest: heard.digest,
    redacted: heard.redacted,
  });
  const rows = applied.map((one): StatementRow => {
    const row = { ...rowOf(one), entityId: one.entityId };
    // The end of an entity tells no texts, whatever its origin puts there.
    if (one.keepTexts && !one.heard.gone) return row;
    const document = canonicalText(withoutProtectedAnywhere(one.heard.document));
    return document === row.document ? row : { ...row, document, redacted: true };
  });
  const forgotten = await findForgotten(
    tx,
    applied.map(({ heard, speaker }, n) => ({ uri: heard.uri, gone: heard.gone, document: rows[n]!.document, sourceId: speaker.id })),
  );
  await writeStatements(tx, rows, metIn, now);
  const noted = told.filter((one) => one.verdict === "note");
  await noteStatements(
    tx,
    noted.map((one) => ({ ...rowOf(one), entityId: null })),
    metIn,
    now,
  );
  await linkForeignHalves(
    tx,
    applied.flatMap(({ heard }) => (heard.kind === "event" ? [heard.uri] : [])),
    now,
  );
  for (const kind of ENTITY_KINDS)
    await tellAgain(
      tx,
      kind,
      applied.flatMap((one) => (one.heard.kind === kind && one.entityId !== null ? [one.entityId] : [])),
    );
  await tellGone(
    tx,
    applied.flatMap(({ heard, entityId, held }) =>
      heard.gone && entityId === null ? [{ uri: heard.uri, toldId: held?.toldId ?? registry.mint(now.getTime()) }] : [],
    ),
    now,
  );
  await forgetTexts(tx, forgotten, redact, now);
}
