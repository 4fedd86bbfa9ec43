/**
 * Places, organizations and persons as events mention them: found by their match key or made, all of a chunk at once.
 * A better description replaces the one held; an equal or lesser one writes nothing.
 */
import type { AgentMention, PlaceMention } from "../domain/submission.ts";
import { pgTyped, type Reader, type Tx } from "./handle.ts";
import * as queries from "./queries/mentions.queries.ts";

/** The best mention of a place or agent wins by trust, then by how much it says, then by time (milliseconds), then by hash. */
export interface Described {
  trust: number;
  detail: number;
  at: number;
  hash: Buffer;
}

export interface Mention<T> {
  id: string;
  key: Buffer;
  said: T;
  described: Described;
}

export type MentionKind = "place" | "organization" | "person";

const FIND = { place: queries.findPlaces, organization: queries.findOrganizations, person: queries.findPersons };
const UPSERT = { place: queries.upsertPlaces, organization: queries.upsertOrganizations, person: queries.upsertPersons };

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const described = (one: Mention<unknown>) => ({
  id: one.id,
  key: hex(one.key),
  trust: one.described.trust,
  detail: one.described.detail,
  at: new Date(one.described.at).toISOString(),
  hash: hex(one.described.hash),
});

/** The ids of what these keys name, merges followed; a key that nothing has is absent. Keys of the map are hex. */
export async function findByMatchKey(on: Reader, kind: MentionKind, keys: readonly Buffer[]): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map();
  const rows = await FIND[kind].run({ keys: keys.map(hex) }, pgTyped(on));
  return new Map(rows.map((row) => [hex(row.match_key), row.id]));
}

/** Finds or makes what is mentioned; returns match key (hex) -> id. One mention per key. */
export function upsertPlaces(tx: Tx, mentions: readonly Mention<PlaceMention>[], now: Date): Promise<Map<string, string>> {
  return upsert(tx, "place", mentions, now);
}

/** As upsertPlaces, for organizers and performers of one kind. */
export function upsertAgents(
  tx: Tx,
  kind: "organization" | "person",
  mentions: readonly Mention<AgentMention>[],
  now: Date,
): Promise<Map<string, string>> {
  return upsert(tx, kind, mentions, now);
}

async function upsert(tx: Tx, kind: MentionKind, mentions: readonly Mention<object>[], now: Date): Promise<Map<string, string>> {
  if (mentions.length === 0) return new Map();
  // In one order for every transaction, so that two of them wait for each other and never in a circle.
  const ordered = mentions.toSorted((a, b) => Buffer.compare(a.key, b.key));
  await UPSERT[kind].run({ mentions: JSON.stringify(ordered.map((one) => ({ ...one.said, ...described(one) }))), now }, pgTyped(tx));
  return findByMatchKey(
    tx,
    kind,
    ordered.map((one) => one.key),
  );
}
