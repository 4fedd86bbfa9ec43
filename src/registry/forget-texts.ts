/**
 * A takedown at the origin, or anything else by which a text or image that it showed is shown no more, reaches what is kept here of its
 * word: what our feed told of it, its past records and its past claims. Where such a text was shown as one of our own events (a person had
 * merged the two), it leaves that one's past too, unless somebody else says the same of it. A text that is only another now stays in the past.
 */
import type { Tx } from "../db/database.ts";
import { isKeptStill } from "../db/feed-log.ts";
import { lockFeedHead } from "../db/feed.ts";
import {
  dropWaitingTexts,
  dropWaitingWords,
  emptyMerged,
  heldWords,
  metBy,
  redactPastRecords,
  textClaims,
  textsInPastRecords,
  type HeldWord,
  type OriginEvent,
  type TextClaim,
} from "../db/origin-texts.ts";
import { notesAbout, redactClaims, rewriteNotes } from "../db/takedowns.ts";
import { RegistryError } from "../domain/errors.ts";
import { protectedPaths } from "../domain/protected-fields.ts";
import type { EntityKind } from "../domain/vocabulary.ts";
import { valueHash } from "./settle.ts";
import type { Redact } from "./take-down.ts";
import { withoutCopies } from "./text-copies.ts";

/** What an origin says of one of its entities now, as it is kept. */
export interface NewWord {
  uri: string;
  /** The origin says that it is no more: then nothing of it is shown, and nothing is forgotten. */
  gone: boolean;
  document: string;
  /** The origin's source. */
  sourceId: string;
}

/** An entity of which its origin shows a text or image no more. */
export interface Forgotten {
  entityId: string;
  kind: EntityKind;
  sourceId: string;
}

/** Those of these words that show less than what is held; to be asked before they are kept. */
export async function findForgotten(tx: Tx, words: readonly NewWord[]): Promise<Forgotten[]> {
  const alive = new Map(words.filter((word) => !word.gone).map((word) => [word.uri, word]));
  const held = await heldWords(tx, [...alive.keys()]);
  return held.flatMap((before) => {
    const { document, sourceId } = alive.get(before.uri)!;
    return showsLess(before, document) ? [{ entityId: before.entityId, kind: before.kind, sourceId }] : [];
  });
}

function showsLess({ document: before }: HeldWord, now: string): boolean {
  if (before === now) return false;
  const [then, still] = [JSON.parse(before) as Record<string, unknown>, protectedPaths(JSON.parse(now))];
  // Before it was gone it may have shown anything.
  if (then["sel:tombstone"] === true) return still.size === 0;
  return [...protectedPaths(then)].some((path) => !still.has(path));
}

/**
 * Takes their past texts and images out of everything. The new words are kept already, and told by this transaction. Throws `unavailable`
 * while a snapshot is made that such words have undone before (feed/snapshot.ts).
 */
export async function forgetTexts(tx: Tx, forgotten: readonly Forgotten[], redact: Redact, now: Date): Promise<void> {
  if (forgotten.length === 0) return;
  const events = forgotten.filter(({ kind }) => kind === "event");
  // From here on nobody numbers what is to be forgotten.
  await lockFeedHead(tx, { wait: true });
  if (await isKeptStill(tx, now)) {
    const detail = "A snapshot of this node's feed is being made, which words that take texts back have undone before: say it again later.";
    throw new RegistryError("unavailable", { detail });
  }
  await dropWaitingWords(
    tx,
    forgotten.map((one) => one.entityId),
  );
  if (events.length > 0) await forgetWords(tx, events, redact, now);
  for (const { kind, entityId } of forgotten) await redact(tx, kind, entityId);
}

async function forgetWords(tx: Tx, events: readonly OriginEvent[], redact: Redact, now: Date): Promise<void> {
  const inRecords = await textsInPastRecords(tx, events);
  const met = await metBy(
    tx,
    events.map((one) => one.entityId),
  );
  const claims = await textClaims(tx, [...new Set([...met.values()].flat())]);
  const gone = events.flatMap(({ entityId, sourceId }) => {
    const around = met.get(entityId)!.map((eventId): MetEvent => {
      const said = (claims.get(eventId) ?? []).map((claim) => ({ ...claim, own: claim.sourceId === sourceId }));
      return { eventId, claims: said };
    });
    return goneOf(entityId, around, inRecords.get(entityId) ?? []);
  });
  const emptied = new Map(gone.flatMap((one) => one.claims.map((claim) => [claim.id, claim])));
  await redactClaims(tx, [...emptied.values()], now);
  await redactPastRecords(tx, events, now);
  const texts = [...new Set(gone.flatMap((one) => one.texts))];
  const eventIds = [...new Set(gone.map((one) => one.eventId))];
  await emptyMerged(tx, eventIds, texts, now);
  const notes = await notesAbout(tx, eventIds);
  const cleaned = notes.map((note) => ({ ...note, said: withoutCopies(note.said, texts) }));
  await rewriteNotes(
    tx,
    cleaned.filter(({ said }, n) => said !== notes[n]!.said),
  );
  // Once for each event, however many of those that it met have said less.
  const elsewhere = Map.groupBy(
    gone.filter((one) => one.eventId !== one.entityId && one.texts.length > 0),
    (one) => one.eventId,
  );
  for (const [eventId, said] of elsewhere) {
    const only = new Set(said.flatMap((one) => one.texts));
    await dropWaitingTexts(tx, eventId, [...only]);
    await redact(tx, "event", eventId, only);
  }
}

/** An event that is, or once was, one with an origin's by a merge (or is that one itself), and what is said of its texts. */
interface MetEvent {
  eventId: string;
  claims: (TextClaim & { /** Of the origin's source. */ own: boolean })[];
}

/** For the origin's event and each that it was merged with: the past claims to empty, and the texts that nobody says of it any more. */
function goneOf(entityId: string, met: readonly MetEvent[], inRecords: readonly string[]) {
  const own = met.flatMap(({ claims }) => claims.filter((claim) => claim.own));
  const still = new Set(own.filter((claim) => claim.present).map((claim) => claim.value));
  const its = own.filter((claim) => claim.eventId === entityId && !claim.present).map((claim) => claim.value as string);
  const texts = [...new Set([...its, ...inRecords])].filter((text) => !still.has(text));
  return met.map(({ eventId, claims }) => {
    const others = new Set(claims.filter((claim) => !claim.own).map((claim) => claim.value));
    return {
      entityId,
      eventId,
      claims: claims
        .filter((claim) => claim.own && !claim.present && (eventId === entityId || texts.includes(claim.value as string)))
        .map(({ id, value }) => ({ id, hash: valueHash(value) })),
      texts: texts.filter((text) => !others.has(text)),
    };
  });
}
