/** The node of a peer command, and the peer that the command names. */
import { parseConfig } from "../config.ts";
import { RegistryError } from "../domain/errors.ts";
import { ulidOf } from "../domain/iri.ts";
import { baseOfUrl } from "../federation/peer/meet.ts";
import type { CalendsNode } from "../node.ts";
import { listPeers, type PeerListing } from "../registry/peers.ts";
import { UsageError, type Cli } from "./command.ts";
import { openNode } from "./open-node.ts";

/** As `openNode`; where a running node has the embedded database, the line leads to that node. */
export async function openForPeers(cli: Cli): Promise<CalendsNode> {
  try {
    return await openNode(cli);
  } catch (error) {
    if (!(error instanceof Error && /is in use by another calends process/.test(error.message))) throw error;
    const { nodeUrl, port, dataDir } = parseConfig(cli.env);
    const node = nodeUrl ?? `http://localhost:${port}`;
    throw new Error(
      `The node that runs on ${dataDir} keeps its embedded database to itself: steer its peers at ${node}/admin/peers or by its admin API (${node}/api/v1/admin/peers), or stop it first.`,
      { cause: error },
    );
  }
}

/** All of them, by base. */
export const peersOf = ({ database, registry }: CalendsNode): Promise<PeerListing[]> =>
  database.read((on) => listPeers(on, registry.clock()));

/** The base that was typed, as it is kept. Throws a UsageError for what is none. */
export function baseGiven(url: string): string {
  try {
    return baseOfUrl(url);
  } catch (error) {
    throw error instanceof RegistryError ? new UsageError(error.message) : error;
  }
}

const ofBase = (peers: readonly PeerListing[], base: string) => peers.find((peer) => peer.base === base);

/** By its address, however it is written, or by its id. */
export async function findPeer(node: CalendsNode, given: string): Promise<PeerListing> {
  const peers = await peersOf(node);
  const found = peers.find(({ id }) => ulidOf(id) === given) ?? ofBase(peers, baseGiven(given));
  if (found === undefined) throw new UsageError(`There is no peer ${given}: calends peer list shows them, calends peer add makes one.`);
  return found;
}
