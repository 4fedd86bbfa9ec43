/** What the doctor looks at of feed subscriptions: those that were given up, and those whose receiver has not been reached for long. */
import { listSubscribers, type SubscriberVitals } from "../db/subscriber-vitals.ts";
import { ulidOf } from "../domain/iri.ts";
import { spanOf } from "../federation/peer/describe.ts";
import type { CalendsNode } from "../node.ts";
import type { Finding } from "./finding.ts";

/** Longer than the first three waits between attempts. */
const FAR_BEHIND_SECONDS = 3_600;
/** Those in trouble come first. */
const LOOKED_AT = 1_000;
const NAMED = 20;

/** Nothing for a node whose feed nobody subscribes to. */
export async function examineSubscribers({ database, registry }: CalendsNode): Promise<Finding[]> {
  const all = await database.read((on) => listSubscribers(on, LOOKED_AT));
  return all.length === 0 ? [] : findingsOf(all, registry.clock());
}

export function findingsOf(all: readonly SubscriberVitals[], now: Date): Finding[] {
  const failed = all.filter(({ state }) => state === "failed");
  const behind = all.filter((one) => waitingSeconds(one, now) > FAR_BEHIND_SECONDS);
  const resting = [["paused", "paused"] as const, ["revoked", "of a revoked key"] as const].flatMap(([state, words]) => {
    const number = all.filter((one) => one.state === state).length;
    return number === 0 ? [] : [`${number} ${words} (told nothing)`];
  });
  return [
    {
      name: "subscribers",
      ok: failed.length === 0,
      found:
        failed.length === 0
          ? [`${all.length}, none given up`, ...resting].join(", ")
          : `given up: ${named(failed, ({ lastError, lagPositions }) => [lastError, `${lagPositions} changes wait`])}`,
      advice:
        "ask who keeps the receiver; when it answers again, wake the subscription at /admin/peers or by POST …/feed-subscriptions/ID/resume",
    },
    {
      name: "subscribers far behind",
      ok: behind.length === 0,
      found: behind.length === 0 ? "none" : named(behind, (one) => [spanOf(waitingSeconds(one, now)), one.lastError]),
      advice: "each is tried again by itself, for three days; where none of them has an error, no worker runs (ROLES)",
    },
  ];
}

/** For how long something waits to be told to one that is to be told; 0 where nothing does. */
function waitingSeconds({ state, lagPositions, behindSince, deliveredAt, createdAt }: SubscriberVitals, now: Date): number {
  if ((state !== "active" && state !== "failing") || lagPositions === 0) return 0;
  return (now.getTime() - (behindSince ?? deliveredAt ?? createdAt).getTime()) / 1000;
}

function named(subscribers: readonly SubscriberVitals[], words: (one: SubscriberVitals) => (string | null)[]): string {
  const each = subscribers.slice(0, NAMED).map(
    (one) =>
      `${one.name} at ${one.host}, ${ulidOf(one.id)} (${words(one)
        .filter((word) => word !== null)
        .join(", ")})`,
  );
  const more = subscribers.length - each.length;
  return [...each, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}
