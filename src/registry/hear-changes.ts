/**
 * What a peer tells, from its judgement to its effect, within the transaction that moves the peer's cursor:
 *
 *   1. each item is judged by the rules of origin alone (domain/custody.ts);
 *   2. the origins of what is left are there, and the statements held of its URIs are locked;
 *   3. each is judged again, in order, against what is held and what the items before it made of that;
 *   4. our own filters take away what is not wanted here, and the quota what is too much;
 *   5. the newest word about each URI takes effect (registry/ingest-changes.ts), and what was refused is kept with its reason.
 *      Where that word cannot be read, what stands is the newest that can: 3 to 5 again for that URI, without it.
 */
import type { Tx } from "../db/database.ts";
import { countTold, readFollowed } from "../db/peers.ts";
import { lockStatements, type LockedStatement } from "../db/statements.ts";
import { keepRefusals, type NewRefusal } from "../db/sync-log.ts";
import { judgeChange, type Hearing, type HeardChange } from "../domain/custody.ts";
import { isPeerBase } from "../domain/peer-base.ts";
import { passesFilters } from "../domain/peer-filters.ts";
import { MOST_ENTITIES, type Peer } from "../domain/peer.ts";
import { withoutProtectedAnywhere } from "../domain/protected-fields.ts";
import type { BadItem, Counts } from "../domain/pull.ts";
import { canonicalText } from "./content.ts";
import type { Registry } from "./context.ts";
import type { Refusal } from "./foreign-entities.ts";
import { ingestChanges, type JudgedChange } from "./ingest-changes.ts";
import { ensureOrigins, whyNoOrigins } from "./origins.ts";
import type { Redact } from "./take-down.ts";

export interface Heard {
  /** Its row is locked by the caller. */
  peer: Peer;
  /** In the order in which the peer tells them. */
  changes: readonly HeardChange[];
  bad: readonly BadItem[];
  /** Id of the copy in which they are met. */
  metIn?: string | undefined;
  redact: Redact;
}

type Held = Omit<LockedStatement, "uri" | "originNodeId" | "entityId"> & {
  /** Neither gone nor shown: its source was not listened to. */
  waits: boolean;
};

/** Applies what holds; returns what became of each item. Every item is counted once. */
export async function hearChanges(registry: Registry, tx: Tx, heard: Heard): Promise<Counts> {
  return (await hearEach(registry, tx, heard)).counts;
}

/** As hearChanges; also says what was refused, and why. */
export async function hearEach(
  registry: Registry,
  tx: Tx,
  { peer, changes, bad, metIn, redact }: Heard,
): Promise<{ counts: Counts; refused: readonly BadItem[] }> {
  const now = registry.clock();
  const hearing: Hearing = {
    base: registry.base,
    peer: { base: peer.base, relay: peer.relay, origins: peer.filters.origins },
    followed: await readFollowed(tx),
    now: now.getTime(),
  };
  const refused: BadItem[] = [...bad];

  const candidates = changes.filter((heard) => {
    const judgement = judgeChange(heard, undefined, hearing);
    if (judgement.verdict === "refuse") refused.push(badItem(heard, judgement));
    return judgement.verdict === "apply";
  });
  const { origins, noOrigins } = await originsOf(registry, tx, peer, candidates);
  const locked = await lockStatements(tx, [...new Set(candidates.map(({ uri }) => uri))]);
  const unknown = candidates.some(({ uri }) => !locked.has(uri));
  const most = peer.filters.maxEntities ?? MOST_ENTITIES;
  const quota = { most, room: unknown ? Math.max(0, most - (await countTold(tx, peer.id))) : 0, taken: new Set<string>() };
  const stored = new Map([...locked].map(([uri, one]) => [uri, { ...one, waits: one.entityId === null && !one.gone }]));

  const counts = { applied: 0, deleted: 0 };
  /** By URI: a word that is judged anew is refused anew, or not. */
  const outOfOrder = new Map<string, BadItem[]>();
  let words: readonly HeardChange[] = candidates;
  while (words.length > 0) {
    const judged = judgeInOrder(words, { stored, peer, hearing, noOrigins, quota });
    for (const { uri } of words) outOfOrder.delete(uri);
    for (const [uri, items] of judged.refused) outOfOrder.set(uri, items);
    const ingested = await ingestChanges(registry, tx, { viaNodeId: peer.id, changes: judged.newest, origins, metIn, redact, now });
    counts.applied += ingested.applied;
    counts.deleted += ingested.deleted;
    // A word that cannot be read leaves the one before it, whether that came on this page or on another one.
    const unreadable = new Map(ingested.refused.map(({ heard, ...why }) => [heard, why]));
    for (const [heard, why] of unreadable) refused.push(badItem(heard, why));
    const uris = new Set([...unreadable.keys()].map(({ uri }) => uri));
    words = words.filter((heard) => uris.has(heard.uri) && !unreadable.has(heard));
  }
  refused.push(...[...outOfOrder.values()].flat());
  await noteRefusals(registry, tx, peer.id, refused);
  const passedOver = changes.length + bad.length - counts.applied - counts.deleted - refused.length;
  return { counts: { ...counts, refused: refused.length, passedOver }, refused };
}

interface Judging {
  /** What is held of the URIs before any of these words. */
  stored: ReadonlyMap<string, Held>;
  peer: Peer;
  hearing: Hearing;
  /** Why what a relay names is no origin here. */
  noOrigins: ReadonlyMap<string, string>;
  /** Of entities that are new here: how many more the peer may tell of, and which those are. */
  quota: { most: number; room: number; taken: Set<string> };
}

/** Each word against what is held and what the words before it made of that; of those that hold, the newest about each URI. */
function judgeInOrder(
  words: readonly HeardChange[],
  { stored, peer, hearing, noOrigins, quota }: Judging,
): { newest: JudgedChange[]; refused: Map<string, BadItem[]> } {
  const held = new Map(stored);
  const newest = new Map<string, JudgedChange>();
  const refused = new Map<string, BadItem[]>();
  for (const heard of words) {
    const noOrigin = noOrigins.get(heard.custody!.node);
    const judged =
      noOrigin === undefined ? decide(heard, held.get(heard.uri), peer, hearing) : ({ reason: "false_custody", detail: noOrigin } as const);
    if (judged === "passed over") continue;
    if ("reason" in judged) {
      refused.set(heard.uri, [...(refused.get(heard.uri) ?? []), badItem(heard, judged)]);
      continue;
    }
    if (!held.has(heard.uri) && !quota.taken.has(heard.uri)) {
      if (quota.taken.size >= quota.room) {
        const detail = `it may tell of ${quota.most} entities, and this is another one`;
        refused.set(heard.uri, [...(refused.get(heard.uri) ?? []), badItem(heard, { reason: "quota", detail })]);
        continue;
      }
      quota.taken.add(heard.uri);
    }
    const { custody, gone, withheld } = judged;
    const { kind, digest, redacted } = heard;
    held.set(heard.uri, { kind, ...custody, viaNodeId: peer.id, gone, withheld, waits: false, digest, redacted });
    const earlier = newest.get(heard.uri);
    newest.set(heard.uri, earlier?.verdict === "apply" ? { ...judged, verdict: "apply" } : judged);
  }
  return { newest: [...newest.values()], refused };
}

const badItem = (heard: HeardChange, { reason, detail, faults }: Refusal): BadItem => ({
  reason,
  detail,
  faults,
  uri: heard.uri,
  position: heard.position,
  text: keptOf(heard),
});

/** What is kept of a refused word. Texts and images are not: no takedown would find them there. */
export const keptOf = ({ document }: HeardChange): string => canonicalText(withoutProtectedAnywhere(document));

/** What an item comes to, by what is held of its URI and by our own filters. */
function decide(heard: HeardChange, held: Held | undefined, peer: Peer, hearing: Hearing): JudgedChange | Refusal | "passed over" {
  const judgement = judgeChange(heard, held, hearing);
  if (judgement.verdict === "refuse") return judgement;
  const passes = heard.gone || passesFilters(heard, peer.filters);
  if (judgement.verdict === "pass") return judgement.why === "same" && !heard.gone ? toldAgain(heard, held!, peer, passes) : "passed over";
  const { verdict, custody } = judgement;
  if (passes) return { heard, custody, verdict, gone: heard.gone, withheld: false };
  // Of what is held back already the newer word is kept: it may show less than what was passed on once.
  return held === undefined || (held.gone && !held.withheld)
    ? "passed over"
    : { heard, custody, verdict: "apply", gone: true, withheld: true };
}

/** The same word, as a new copy tells it again: what has changed meanwhile may be whom we listen to, and what we want to hear. */
function toldAgain(heard: HeardChange, held: Held, peer: Peer, passes: boolean): JudgedChange | "passed over" {
  const same = { heard, custody: heard.custody!, verdict: "apply", gone: false, withheld: false } as const;
  if (held.withheld && passes) return same;
  // Its source may still say nothing: then nothing comes of it (ingest-changes.ts).
  if (held.waits && passes) return { ...same, verdict: "note" };
  // Another peer that told of it has filters of its own.
  if (!held.gone && !passes && held.viaNodeId === peer.id) return { ...same, gone: true, withheld: true };
  return "passed over";
}

/** The peer itself, and the origins of which it tells as a relay. */
async function originsOf(registry: Registry, tx: Tx, peer: Peer, candidates: readonly HeardChange[]) {
  const told = new Set(candidates.map(({ custody }) => custody!.node));
  told.delete(peer.base);
  const origins = await ensureOrigins(registry, tx, { bases: [...told].filter(isPeerBase), trust: peer.trust, namedBy: peer.id });
  if (peer.sourceId !== null) origins.set(peer.base, { nodeId: peer.id, sourceId: peer.sourceId });
  const left = [...told].filter((base) => !origins.has(base));
  const noOrigins = left.length === 0 ? new Map<string, string>() : await whyNoOrigins(tx, left);
  if (peer.sourceId === null) noOrigins.set(peer.base, "the peer has no source in whose name it could speak here");
  return { origins, noOrigins };
}

/** Bytes: an index holds it. */
const MOST_URI = 2_000;
const MOST_TEXT = 2_000;
const MOST_DETAIL = 500;

/** Keeps what was refused of a peer, with the reason: the same again is counted. */
export async function noteRefusals(registry: Registry, tx: Tx, nodeId: string, refused: readonly BadItem[]): Promise<void> {
  const now = registry.clock();
  const byKey = new Map<string, NewRefusal>();
  for (const { reason, uri, detail, position, text } of refused) {
    const told = cutTo(storable(uri), MOST_URI);
    const times = (byKey.get(`${reason} ${told}`)?.times ?? 0) + 1;
    byKey.set(`${reason} ${told}`, {
      id: registry.mint(now.getTime()),
      reason,
      uri: told,
      position: Number.isSafeInteger(position) ? position : undefined,
      detail: storable(detail.slice(0, MOST_DETAIL)),
      item: text === undefined ? undefined : storable(text.slice(0, MOST_TEXT)),
      times,
    });
  }
  await keepRefusals(tx, nodeId, [...byKey.values()], now);
}

/** What a hostile peer writes may hold what PostgreSQL's text cannot. */
const storable = (text: string): string => text.toWellFormed().replaceAll("\0", "\ufffd");

/** Its first `most` bytes, without the half of a character. */
const cutTo = (text: string, most: number): string => new TextDecoder().decode(Buffer.from(text).subarray(0, most), { stream: true });
