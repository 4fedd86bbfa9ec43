/** What a peer can do to the node that pulls from it: one named case each, with what must come of the pull. */
import type { HostilePeer } from "./hostile-tools.ts";
import { COPIES } from "./hostile-copies.ts";
import { DOCUMENTS } from "./hostile-documents.ts";
import { FEEDS } from "./hostile-feeds.ts";
import { ORIGINS } from "./hostile-origins.ts";
import { PROFILES } from "./hostile-profiles.ts";
import { RELAYS } from "./hostile-relays.ts";
import { SEL_FEEDS } from "./hostile-sel.ts";
import { TRANSPORTS } from "./hostile-transports.ts";

export type { HostilePeer } from "./hostile-tools.ts";

export const HOSTILE_PEERS: readonly HostilePeer[] = [
  ...ORIGINS,
  ...RELAYS,
  ...DOCUMENTS,
  ...FEEDS,
  ...TRANSPORTS,
  ...COPIES,
  ...PROFILES,
  ...SEL_FEEDS,
];

/** Of each way in which a pull may end and in which the database may be left, the first: a taste of the list, in a fifth of its time. */
export const HOSTILE_TASTE: readonly HostilePeer[] = [...Map.groupBy(HOSTILE_PEERS, endOf).values()].map(([first]) => first!);

function endOf({ outcome, alarm, refused = [], partly, fresh, counts }: HostilePeer): string {
  return JSON.stringify([outcome, alarm, [...new Set(refused)].toSorted(), partly, fresh, counts]);
}
