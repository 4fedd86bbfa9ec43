/** The peer's row during a pull: held while anything of it is applied, and what is known of its head. */
import type { Tx } from "../db/database.ts";
import { lockPeer, readPeerById } from "../db/peers.ts";
import { pullsFrom, type Peer } from "../domain/peer.ts";
import type { Registry } from "./context.ts";

/** Whether anything may be pulled from it: a person may have stopped it while a pull was under way. */
export const isPulled = (peer: Peer): boolean => peer.status === "active" && pullsFrom(peer);

/** One transaction in the peer's name, which holds its row; "moved" where it is not pulled from any more. */
export async function withPeer<T>(registry: Registry, peerId: string, work: (tx: Tx, peer: Peer) => Promise<T>): Promise<T | "moved"> {
  const known = await registry.database.read((on) => readPeerById(on, peerId));
  if (known === undefined) return "moved";
  return registry.database.transact(
    async (tx) => {
      const peer = await lockPeer(tx, { id: peerId });
      return peer !== undefined && isPulled(peer) ? work(tx, peer) : "moved";
    },
    { actor: `peer:${known.base}` },
  );
}

/** What is known of how far the peer's feed goes, and since when we are behind. An unknown head leaves it as it is. */
export function headMembers(
  peer: Pick<Peer, "behindSince">,
  { head, position }: { head: number | null; position: number },
  now: Date,
): Partial<Pick<Peer, "head" | "headAt" | "behindSince">> {
  return head === null ? {} : { head, headAt: now, behindSince: position >= head ? null : (peer.behindSince ?? now) };
}
