/** What the doctor looks at of peers: those that an alarm stopped, that are far behind, or whose word is refused. */
import { pullsFrom } from "../domain/peer.ts";
import { spanOf } from "../federation/peer/describe.ts";
import type { CalendsNode } from "../node.ts";
import { listPeers, type PeerListing } from "../registry/peers.ts";
import type { Finding } from "./finding.ts";

/** Behind for so long is more than one missed pull, whatever the schedule. */
const FAR_BEHIND_SECONDS = 3_600;
const FAR_BEHIND_PULLS = 5;

/** Nothing for a node without peers. */
export async function examinePeers({ database, registry }: CalendsNode): Promise<Finding[]> {
  const all = await database.read((on) => listPeers(on, registry.clock()));
  if (all.length === 0) return [];
  const stopped = all.filter(({ status }) => status === "broken");
  const now = registry.clock();
  const behind = all.filter((peer) => isFarBehind(peer, now));
  const refusing = all.filter(({ refusedLast24h }) => refusedLast24h > 0);
  const named = (peers: readonly PeerListing[], words: (peer: PeerListing) => string) =>
    peers.length === 0 ? "none" : peers.map((peer) => `${peer.base} (${words(peer)})`).join(", ");
  return [
    {
      name: "peers",
      ok: stopped.length === 0,
      found:
        stopped.length === 0 ? `${all.length}, none stopped by an alarm` : `stopped: ${named(stopped, ({ alarm }) => alarm ?? "unknown")}`,
      advice: "calends peer show URL says what to do about each",
    },
    {
      name: "peers far behind",
      ok: behind.length === 0,
      found: named(behind, ({ lagSeconds, lastError }) =>
        [lagSeconds === null ? "never heard" : spanOf(lagSeconds), lastError].filter((part) => part !== null).join(", "),
      ),
      advice: "calends peer sync URL pulls one now and says what goes wrong; a worker must run (ROLES)",
    },
    {
      name: "refused of peers",
      ok: refusing.length === 0,
      found: named(refusing, ({ refusedLast24h }) => `${refusedLast24h} in 24 hours`),
      advice: "calends peer show URL has each with its reason; their operator should know",
    },
  ];
}

/** Also one that was never heard: it fails, or nobody has asked it although it was due. */
export function isFarBehind(peer: PeerListing, now: Date): boolean {
  const { status, lagSeconds, everySeconds, failures, nextPullAt } = peer;
  if (status !== "active" || !pullsFrom(peer)) return false;
  const overdueSeconds = nextPullAt === null ? 0 : (now.getTime() - nextPullAt.getTime()) / 1000;
  const most = Math.max(FAR_BEHIND_SECONDS, FAR_BEHIND_PULLS * everySeconds);
  return lagSeconds === null ? failures > 1 || overdueSeconds > most : lagSeconds > most;
}
