/**
 * Decides events anew over everything that is said of them now: after a withdrawal, a change of trust, a merge or its
 * undoing. What comes out depends on the records, the sources and what was taken back, and on nothing else.
 */
import { writeClaims } from "../db/claims.ts";
import type { Tx } from "../db/database.ts";
import { lapseEvents } from "../db/events.ts";
import { eventsOfSource } from "../db/records.ts";
import { readSpeakers } from "../db/speaker.ts";
import type { Registry } from "./context.ts";
import { keepEventKeys } from "./event-keys.ts";
import { raiseReviews } from "./raise-reviews.ts";
import { claimsWith, conclude, differs, suffices, unspoken, type Speaker, type Standing } from "./settle.ts";
import { claimChanges, loadWorkings, type Working } from "./working.ts";
import { writeSettled } from "./write-settled.ts";

/** Events of one transaction. */
const CHUNK = 200;

/** Locks these events, decides each anew, and writes what differs. One that nobody speaks for any more goes out of sight. */
export async function resettleEvents(registry: Registry, tx: Tx, eventIds: readonly string[], now: Date): Promise<Working[]> {
  const workings = [...new Set((await loadWorkings(tx, eventIds)).values())].filter((one) => one.found.lifecycleState !== "deleted");
  const speakers = new Map((await readSpeakers(tx, sourcesOf(workings))).map((speaker) => [speaker.id, speaker]));
  for (const working of workings) decideAnew(working, speakers);
  await writeSettled(
    registry,
    tx,
    workings.flatMap(({ id, found, settled }) =>
      settled === undefined ? [] : [{ id, isNew: false, differs: comesBack(found) || differs(found, settled), settled }],
    ),
    now,
  );
  await lapseEvents(
    tx,
    workings.flatMap(({ id, now: standing, settled }) =>
      settled === undefined ? [{ id, state: standing.lifecycleState!, hash: standing.contentHash! }] : [],
    ),
    now,
  );
  await writeClaims(tx, claimChanges(workings), now);
  // What is found by other keys now waits for the scan.
  await keepEventKeys(
    tx,
    workings.filter((one) => differs(one.found, one.now)).map((one) => one.id),
    now,
  );
  await raiseReviews(registry, tx, workings, now);
  return workings;
}

/** Of an event that nobody spoke for, places and agents may have been merged or parted meanwhile: it is written anew. */
const comesBack = ({ claims }: Standing): boolean => !claims.some((claim) => claim.isWinner);

function decideAnew(working: Working, speakers: ReadonlyMap<string, Speaker>): void {
  const { id, found } = working;
  const all = sourcesOf([working]).map((source) => speakers.get(source)!);
  const claims = claimsWith(id, found, found.records, all);
  if (suffices(claims)) working.now = working.settled = conclude(found, found.records, claims);
  else working.now = unspoken(found, found.records, claims);
}

const sourcesOf = (workings: readonly Working[]): string[] => [
  ...new Set(workings.flatMap(({ found }) => [...found.records, ...found.claims].map((one) => one.sourceId))),
];

/** Decides every event anew of which this source speaks, or did; each chunk is a transaction, and all of it may be done twice. */
export async function resettleSource(registry: Registry, sourceId: string): Promise<{ events: number }> {
  // All at once, 16 bytes each: page by page, every page would sort what is left.
  const all = await registry.database.read((on) => eventsOfSource(on, sourceId));
  for (let at = 0; at < all.length; at += CHUNK) {
    const ids = all.slice(at, at + CHUNK);
    await registry.database.transact((tx) => resettleEvents(registry, tx, ids, registry.clock()), { actor: "job:resettle-source" });
  }
  return { events: all.length };
}
