/**
 * Epochs: within one, a position means the same change for ever. A database that may have lost what readers saw
 * (restored, failed over, or embedded and not closed cleanly) begins another: positions go on from the head that it
 * has, and cursors of the epoch before are answered 410 with a link to the snapshot.
 */
import type { Database } from "../db/database.ts";
import { changeEpoch, insertFeedHead, lockFeedHead, type LockedHead } from "../db/feed.ts";
import { notifyFeed } from "../db/feed-log.ts";
import type { Tx } from "../db/handle.ts";
import type { Clock } from "../domain/clock.ts";
import { nextEpochAt } from "../domain/custody.ts";
import { createMint, ulidOf } from "../domain/iri.ts";

/** A new name for an epoch, which sorts behind that of the epoch before: a ULID. */
export const mintEpoch = (clock: Clock, before = ""): string => ulidOf(createMint()(nextEpochAt(clock().getTime(), before)));

/** At start: makes the head where there is none, and begins an epoch where one is due. Returns the epoch that holds now. */
export async function openEpoch(database: Database, { clean, clock }: { clean: boolean; clock: Clock }): Promise<string> {
  return database.transact(async (tx) => {
    const fresh = mintEpoch(clock);
    await insertFeedHead(tx, fresh, clock());
    const head = await lockFeedHead(tx, { wait: true });
    if (head!.epoch === fresh) return fresh;
    return clean ? renewedEpoch(tx, head!, clock) : beginEpoch(tx, head!, clock);
  });
}

/** The head's epoch, or a new one when this is not the database that the head was written in. The caller holds the head. */
export async function renewedEpoch(tx: Tx, head: LockedHead, clock: Clock): Promise<string> {
  const same = head.stored.systemIdentifier === head.now.systemIdentifier && head.stored.timeline === head.now.timeline;
  return same ? head.epoch : beginEpoch(tx, head, clock);
}

async function beginEpoch(tx: Tx, head: LockedHead, clock: Clock): Promise<string> {
  const epoch = mintEpoch(clock, head.epoch);
  await changeEpoch(tx, epoch, head.now);
  await notifyFeed(tx, "");
  return epoch;
}
