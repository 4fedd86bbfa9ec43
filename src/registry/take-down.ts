/**
 * A takedown: the texts and images of an event leave everything that this node keeps and gives out; the facts stay. Of what was
 * removed the audit log keeps the hashes, so that it can be told later whether a text was the one.
 *
 *   1. Lock the event, what was merged into it, and the head of the feed: nobody writes or numbers their texts meanwhile.
 *   2. Gather the texts by which copies elsewhere are known.
 *   3. Empty claims, records, items of runs, kept answers, the outbox, the log, and notes, each where they stand.
 *   4. Mark the events, so that new texts are not let in (without-texts.ts), and decide anew. The commit makes the search index anew
 *      and tells the feed.
 */
import { audit } from "../db/audit.ts";
import type { Tx } from "../db/database.ts";
import { lockEvents } from "../db/events.ts";
import { lockDocuments, redactDocuments, tellAgain } from "../db/foreign-entities.ts";
import { lockFeedHead } from "../db/feed.ts";
import {
  findMerged,
  findOnceMerged,
  forgetAnswers,
  markTakenDown,
  notesAbout,
  protectedClaims,
  redactClaims,
  redactJobs,
  redactOutbox,
  redactRecords,
  redactRunItems,
  takenDownOf,
  rewriteNotes,
  textsInRecords,
  textsOf,
  unmarkTakenDown,
} from "../db/takedowns.ts";
import { RegistryError } from "../domain/errors.ts";
import { ulidOf } from "../domain/iri.ts";
import { withoutProtectedAnywhere } from "../domain/protected-fields.ts";
import type { EntityKind } from "../domain/vocabulary.ts";
import { canonicalText } from "./content.ts";
import type { Caller, Registry } from "./context.ts";
import { resettleEvents } from "./resettle.ts";
import { valueHash } from "./settle.ts";
import { copiesOf, withoutCopies } from "./text-copies.ts";

/** Takes texts and images out of what the feed showed of an entity (feed/redact.ts); given `only`, out of items that show one of these. */
export type Redact = (tx: Tx, kind: EntityKind, id: string, only?: ReadonlySet<string>) => Promise<number[]>;

export interface Takedown {
  /** One that was merged stands for the one that took it in. */
  eventId: string;
  /** For the audit log; never shown to the public. */
  reason: string;
  redact: Redact;
}

/** Safe to call again: it removes what has come in since, if anything has. Throws `not_found`. */
export async function takeDown(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  { eventId, reason, redact }: Takedown,
): Promise<{ eventId: string; removed: number }> {
  const now = registry.clock();
  const { keptId, ids } = await lockMerged(tx, eventId);
  await lockFeedHead(tx, { wait: true });
  const once = await findOnceMerged(tx, ids);
  const texts = await textsOf(tx, ids);
  const copies = copiesOf(texts);

  // Of events that were one with these once, only what these brought along: their own sources' words stay.
  const theirs = await textsInRecords(tx, once);
  const strays = new Set(texts.filter((text) => !theirs.has(text)));
  const own = await protectedClaims(tx, ids);
  const stray = (await protectedClaims(tx, once)).filter((claim) => !claim.present && strays.has(claim.value as string));
  const claims = [...own, ...stray].map((claim) => ({ ...claim, hash: valueHash(claim.value) }));
  await redactClaims(tx, claims, now);
  const runItems = await redactRunItems(tx, ids, copies.inBytes, now);
  const records = await redactRecords(tx, ids, now);
  await redactStatements(tx, ids, texts, now);
  const answers = await forgetAnswers(tx, [...ids, ...once].map(ulidOf));
  await redactOutbox(tx, ids);
  await redactJobs(tx, copies.inJson);
  const notes = (await notesAbout(tx, [...ids, ...once])).map((note) => ({ note, said: withoutCopies(note.said, texts) }));
  await rewriteNotes(
    tx,
    notes.filter(({ note, said }) => said !== note.said).map(({ note, said }) => ({ ...note, said })),
  );
  let changes = 0;
  for (const id of ids) changes += (await redact(tx, "event", id)).length;
  for (const id of once) changes += (await redact(tx, "event", id, strays)).length;

  await markTakenDown(tx, ids, reason, now);
  await resettleEvents(registry, tx, [keptId], now);
  await registry.enqueue(tx, { queue: "embed-events" });
  await audit(
    tx,
    [
      {
        ...entryOf(caller, keptId, reason),
        action: "event.taken_down",
        details: {
          eventIds: ids.map(ulidOf),
          sha256: [...new Set([...claims.map((claim) => claim.hash), ...texts.map(valueHash)])].toSorted(),
          claims: claims.length,
          records,
          runItems,
          answers,
          changes,
        },
      },
    ],
    now,
  );
  return { eventId: keptId, removed: texts.length };
}

/** What origins say of these events, which the feed passes on, is held and told without texts and images. */
async function redactStatements(tx: Tx, ids: readonly string[], texts: readonly string[], now: Date): Promise<void> {
  const held = await lockDocuments(tx, ids);
  const redacted = held.map(({ uri, document }) => {
    const said = withoutCopies(withoutProtectedAnywhere(JSON.parse(document)), texts);
    return { uri, document: canonicalText(said) };
  });
  await redactDocuments(tx, redacted, now);
  await tellAgain(
    tx,
    "event",
    held.map((one) => one.entityId),
  );
}

/** Lets new texts and images in again; what was removed is gone, until its source says it anew. Throws `not_found`, `conflict`. */
export async function liftTakedown(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  { eventId, reason }: { eventId: string; reason?: string | undefined },
): Promise<{ eventId: string }> {
  const { keptId, ids } = await lockMerged(tx, eventId);
  if ((await takenDownOf(tx, ids)).length === 0) throw new RegistryError("conflict", { detail: "Nothing of this event was taken down." });
  const now = registry.clock();
  await unmarkTakenDown(tx, ids, now);
  await audit(tx, [{ ...entryOf(caller, keptId, reason), action: "event.takedown_lifted" }], now);
  return { eventId: keptId };
}

/** Locks the event that this one leads to and all that lead there. Throws `not_found`. */
async function lockMerged(tx: Tx, eventId: string): Promise<{ keptId: string; ids: string[] }> {
  for (let locked: string[] = []; ;) {
    const merged = await findMerged(tx, eventId);
    if (merged === undefined) throw new RegistryError("not_found", { detail: "There is no such event." });
    // A merge may have come in between; whoever merges holds both, so that what we have locked stays as it is.
    if (merged.ids.every((id) => locked.includes(id))) return merged;
    // In the order in which a pull locks them.
    await lockDocuments(tx, merged.ids);
    locked = [...(await lockEvents(tx, merged.ids)).keys()];
  }
}

const entryOf = (caller: Caller, entityId: string, reason: string | undefined) => ({
  actor: caller.actor,
  onBehalfOf: caller.onBehalfOf,
  entityKind: "event" as const,
  entityId,
  reason,
  requestId: caller.requestId,
});
