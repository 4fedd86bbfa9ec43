/** Where a node is when a person names it: at a public address or not. Kept, as its own DNS may answer otherwise later. */
import { isFixedAddress } from "../../domain/peer-base.ts";
import { whyRefused } from "../addresses.ts";
import { resolveAll, type Resolve } from "../ask-safely.ts";

export interface FoundPeer {
  /** It has no public address: the person who names it means that one. */
  privateAddress: boolean;
  /** Answers for its name what it answered now. */
  resolveAgain: Resolve;
}

/** Looks its name up once. A name that is not found is no private one; whoever dials it says so. */
export async function findPeer(base: string, resolve: Resolve = resolveAll): Promise<FoundPeer> {
  if (isFixedAddress(base)) return { privateAddress: true, resolveAgain: resolve };
  const { hostname } = new URL(base);
  const [found] = await Promise.allSettled([resolve(hostname)]);
  if (found.status === "rejected" || found.value.length === 0) return { privateAddress: false, resolveAgain: resolve };
  const answers = found.value;
  return {
    // One of each kind is how a name attacks: it is not taken for a private one, and the client refuses it.
    privateAddress: answers.every(({ address }) => whyRefused(address) !== undefined),
    resolveAgain: async (name) => (name === hostname ? answers : resolve(name)),
  };
}
