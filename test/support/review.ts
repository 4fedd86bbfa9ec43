/** Something for people to look at: items of each kind, made as the registry makes them where a test can. */
import { uuidOf } from "../../src/domain/iri.ts";
import { openReviews, pairTopic, type NewReview } from "../../src/db/reviews.ts";
import type { EntityKind } from "../../src/domain/vocabulary.ts";
import { anEvent, type TestNode } from "./http.ts";

/** Submits an event as this key's source; its uuid. */
export async function submitted(node: TestNode, key: string, more: Record<string, unknown>): Promise<string> {
  const response = await node.ask("/api/v1/events", { key, body: anEvent(more) });
  const ulid = response.headers.get("location")?.slice(-26);
  if (ulid === undefined) throw new Error(`the event was refused: ${await response.text()} ${JSON.stringify(node.log.at(-2)?.["err"])}`);
  return uuidOf(ulid)!;
}

/** Opens items, which must not be open already; their uuids. */
export async function opened(node: TestNode, ...items: Omit<NewReview, "id">[]): Promise<string[]> {
  const { registry, database } = node;
  const now = registry.clock();
  const made = items.map((item) => ({ id: registry.mint(now.getTime()), ...item }));
  const added = await database.transact((tx) => openReviews(tx, made, now));
  if (added.length < made.length) throw new Error(`open already is one of ${made.map(({ topic }) => topic).join(", ")}`);
  return made.map(({ id }) => id);
}

/** A pair that some rule found to be alike. */
export async function openDuplicate(node: TestNode, a: string, b: string, kind: EntityKind = "event"): Promise<string> {
  const [entityId, otherId] = a < b ? [a, b] : [b, a];
  const details = { rule: "strong", score: 0.91, features: { name: 0.83, minutes: 10 } };
  const [item] = await opened(node, { kind: "duplicate", topic: pairTopic(kind, a, b), entityKind: kind, entityId, otherId, details });
  return item!;
}
