/** What settled events give a person to look at: sources of equal rank that contradict each other, and events that nobody speaks for. */
import type { Tx } from "../db/database.ts";
import { closeReviews, openReviews, type NewReview } from "../db/reviews.ts";
import { contestedFields } from "../domain/conflicts.ts";
import type { Registry } from "./context.ts";
import { suffices, valueHash, type Standing } from "./settle.ts";
import type { Working } from "./working.ts";

/** Opens and closes what these events give to look at; returns the ids of the new items by event. */
export async function raiseReviews(registry: Registry, tx: Tx, workings: readonly Working[], now: Date): Promise<Map<string, string[]>> {
  const opened: NewReview[] = [];
  const settled: string[] = [];
  const returned: string[] = [];
  for (const { id, found, now: standing, isNew } of workings) {
    const contested = contestedFields(standing.claims);
    const about = { id: registry.mint(now.getTime()), entityKind: "event" as const, entityId: id };
    if (contested.length > 0)
      opened.push({
        ...about,
        kind: "conflict",
        topic: conflictTopic(id),
        details: { fields: contested, said: saidOf(standing, contested) },
      });
    else if (!isNew && found.claims.length > 0) settled.push(conflictTopic(id));
    const [spoken, speaks] = [suffices(found.claims), suffices(standing.claims)];
    if (spoken && !speaks && standing.lifecycleState === "withdrawn")
      opened.push({
        ...about,
        ...onlySource(found),
        id: registry.mint(now.getTime()),
        kind: "withdrawn",
        topic: withdrawnTopic(id),
        details: {},
      });
    if (!isNew && !spoken && speaks) returned.push(withdrawnTopic(id));
  }
  const added = await openReviews(tx, opened, now);
  await closeReviews(tx, settled, { state: "resolved", resolution: "settled", decidedBy: "registry" }, now);
  await closeReviews(tx, returned, { state: "resolved", resolution: "returned", decidedBy: "registry" }, now);
  const eventOf = new Map(opened.map((item) => [item.topic, item.entityId!]));
  const ids = new Map<string, string[]>();
  for (const { id, topic } of added) ids.set(eventOf.get(topic)!, [...(ids.get(eventOf.get(topic)!) ?? []), id]);
  return ids;
}

/** What is said now, in short: once dismissed, a contradiction is told again when it is another one. */
const saidOf = ({ claims }: Standing, contested: readonly string[]): string =>
  valueHash(
    claims
      .filter((claim) => contested.includes(claim.field))
      .map((claim) => `${claim.sourceId} ${claim.field} ${valueHash(claim.value)}`)
      .toSorted(),
  );

/** The source that alone spoke for it, so that it is found among that source's troubles. */
function onlySource({ claims }: Standing): { sourceId?: string } {
  const [sourceId, ...others] = new Set(claims.map((claim) => claim.sourceId));
  return sourceId === undefined || others.length > 0 ? {} : { sourceId };
}

export const conflictTopic = (eventId: string): string => `conflict event ${eventId}`;
export const withdrawnTopic = (eventId: string): string => `withdrawn event ${eventId}`;
