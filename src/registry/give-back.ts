/** After the undoing of a merge: finds by their words which events belong to the one that was gone, and gives them back. */
import type { Tx } from "../db/database.ts";
import { findByMatchKey, type MentionKind } from "../db/mentions.ts";
import {
  moveEvents,
  moveUnspoken,
  performingAs,
  readIdentities,
  replacePerformers,
  standingAt,
  writeIdentities,
  type NamedOccurrence,
  type Word,
} from "../db/standing.ts";
import { agentKey, identityKey, placeKey } from "../domain/similarity.ts";
import type { AgentMention, PlaceMention } from "../domain/submission.ts";

/** Events of one statement. */
const CHUNK = 500;

export interface GivingBack {
  kind: MentionKind;
  /** Where they stand now, and where those of these match keys (hex) belong. */
  from: string;
  to: string;
  keys: ReadonlySet<string>;
  /** What no word tells: as the merge noted it. */
  unspoken?: string[] | undefined;
  occurrences?: string[] | undefined;
  overrides?: NamedOccurrence[] | undefined;
}

/** Returns the events that show another place or agent now. The chains (merged_into_id) are put right by then. */
export async function giveBack(tx: Tx, { kind, from, to, keys, ...noted }: GivingBack, now: Date): Promise<string[]> {
  const given = await moveUnspoken(tx, kind, { from, to }, noted, now);
  const hasKey = (mention: AgentMention | PlaceMention) => keys.has(keyOfMention(kind, mention));
  for await (const words of inChunks((after) => standingAt(tx, kind, from, after, CHUNK))) {
    const back = words.filter((word) => hasKey(word.value as AgentMention | PlaceMention)).map((word) => word.eventId);
    await moveEvents(tx, kind, { from, to }, back, now);
    given.push(...back);
  }
  if (kind === "place") return [...new Set(given)];
  for await (const words of inChunks((after) => performingAs(tx, kind, from, after, CHUNK))) {
    const back = words.filter((word) => performersOf(word).some((one) => one.kind === kind && hasKey(one)));
    await writePerformers(tx, back, now);
    given.push(...back.map((word) => word.eventId));
  }
  return [...new Set(given)];
}

const performersOf = (word: Word) => word.value as AgentMention[];

const keyOfMention = (kind: MentionKind, mention: AgentMention | PlaceMention): string =>
  (kind === "place" ? placeKey(mention as PlaceMention) : agentKey(mention as AgentMention)).toString("hex");

/** Writes the performers as the winning word names them: each once, the first time that it is named. */
async function writePerformers(tx: Tx, words: readonly Word[], now: Date): Promise<void> {
  const keysOf = (kind: AgentMention["kind"]) =>
    words.flatMap((word) => performersOf(word).flatMap((one) => (one.kind === kind ? [agentKey(one)] : [])));
  const ids = {
    organization: await findByMatchKey(tx, "organization", keysOf("organization")),
    person: await findByMatchKey(tx, "person", keysOf("person")),
  };
  const events = words.map((word) => {
    const named = new Map(performersOf(word).map((one) => [ids[one.kind].get(agentKey(one).toString("hex"))!, one.kind]));
    return {
      eventId: word.eventId,
      performers: [...named].map(([id, kind]) => (kind === "person" ? { personId: id } : { organizationId: id })),
    };
  });
  await replacePerformers(tx, events, now);
}

/** The exact identity of these events, by the venue that they have now. */
export async function rekeyEvents(tx: Tx, eventIds: readonly string[]): Promise<void> {
  for (let n = 0; n < eventIds.length; n += CHUNK) {
    const identities = await readIdentities(tx, eventIds.slice(n, n + CHUNK));
    await writeIdentities(
      tx,
      identities.map((one) => ({ id: one.id, key: identityKey(one, one.venueId).toString("hex") })),
    );
  }
}

/** Page after page, each after the last event of the one before. */
async function* inChunks(read: (after: string | undefined) => Promise<Word[]>): AsyncGenerator<Word[]> {
  for (let after: string | undefined; ;) {
    const words = await read(after);
    if (words.length > 0) yield words;
    if (words.length < CHUNK) return;
    after = words.at(-1)!.eventId;
  }
}
