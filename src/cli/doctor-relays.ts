/** What the doctor looks at of the relay: streams to which nothing can be told, or that lack changes although nothing is known to be wrong. */
import { listStreamRelays } from "../db/stream-relays.ts";
import type { CalendsNode } from "../node.ts";
import type { Finding } from "./finding.ts";

/** So many changes are told within seconds where a relay runs. */
const FAR_BEHIND = 10_000;

/** Nothing for a node that never relayed. */
export async function examineRelays({ database }: CalendsNode): Promise<Finding[]> {
  const relays = await database.read(listStreamRelays);
  return relays.map(({ stream, position, lag, blockedBy, blockedSince }) => ({
    name: `relay to ${stream}`,
    ok: blockedBy === null && lag < FAR_BEHIND,
    found: blockedBy === null ? `at position ${position}, ${lag} behind the feed` : `since ${blockedSince!.toISOString()}: ${blockedBy}`,
    advice: "see docs/operations.md, The relay; nothing is lost, it goes on by itself where it can",
  }));
}
