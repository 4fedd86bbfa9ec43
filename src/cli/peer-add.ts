/** `calends peer add URL`: another node is met, shown, and kept as a peer. */
import { createInterface } from "node:readline/promises";
import { parseConfig } from "../config.ts";
import type { Tx } from "../db/database.ts";
import type { PeerDirection } from "../domain/peer.ts";
import { createPeerClient } from "../federation/peer/client.ts";
import { describePeer } from "../federation/peer/describe.ts";
import { meetNewPeer, type PeerWish } from "../federation/peer/meet.ts";
import type { CalendsNode } from "../node.ts";
import { createKey } from "../registry/api-keys.ts";
import { addPeer } from "../registry/peers.ts";
import { command, type Cli } from "./command.ts";
import { operator } from "./open-node.ts";
import { baseGiven, findPeer, openForPeers } from "./peer-node.ts";
import { PEER_OPTIONS, peerSettings, withKey } from "./peer-options.ts";
import { foundOf } from "./peer-report.ts";

export const addCommand = command({
  name: "peer add",
  usage: "URL [options]",
  summary: "meet another node, and follow it from now on",
  details: `Reads URL/.well-known/sel-profile and shows what was found. The address may be private: naming it here allows it.
A running node pulls it within a minute; "calends peer sync URL" pulls it now.`,
  options: {
    ...PEER_OPTIONS,
    "issue-key": { type: "boolean", help: "also make a key of role peer for it, and print the secret, once" },
    yes: { type: "boolean", short: "y", help: "do not ask" },
    json: { type: "boolean", help: "print JSON" },
  },
  takes: { least: 1, most: 1 },
  async run(cli, { flags, positionals }) {
    const { accessKey, ...settings } = peerSettings(await withKey(flags, cli));
    const wish: PeerWish = { ...settings, url: baseGiven(positionals[0]!), accessKey: accessKey ?? undefined };
    await using node = await openForPeers(cli);
    const { peer, met } = await meetNewPeer(clientOf(cli, node), wish, cli.stopping);
    if (met !== undefined && flags.json !== true) cli.stderr.write(foundOf(met));
    if (flags.yes !== true && !(await isWanted(cli, peer.base))) {
      cli.stderr.write("Nothing was added.\n");
      return 1;
    }
    const caller = operator(cli);
    const secret = await node.database.transact(async (tx) => {
      await addPeer(node.registry, caller, tx, peer);
      return flags["issue-key"] === true ? await issueKey(node, cli, tx, peer.base) : undefined;
    }, caller);
    const added = describePeer(await findPeer(node, peer.base));
    if (flags.json) cli.stdout.write(`${JSON.stringify({ ...added, ...(secret !== undefined && { issuedKey: secret }) })}\n`);
    else {
      cli.stderr.write(`${peer.base} is a peer now, with trust ${added.trust}. ${whatNow(added.direction, peer.base, secret)}\n`);
      // The secret alone on standard output, so that it can be piped into a vault.
      if (secret !== undefined) {
        cli.stderr.write("Its key for this node follows; it is not shown again.\n");
        cli.stdout.write(`${secret}\n`);
      }
    }
    return 0;
  },
});

function whatNow(direction: PeerDirection | undefined, base: string, secret: string | undefined): string {
  if (direction !== "push") return `A running node pulls it within a minute; now: calends peer sync ${base}`;
  const key = secret === undefined ? `a key of role peer: calends key create NAME --role peer --source ${base}` : "the key below";
  return `Nothing is pulled from it: it pushes, with ${key}`;
}

function clientOf(cli: Cli, { base }: CalendsNode) {
  const { fetchAllow = [] } = parseConfig(cli.env);
  return createPeerClient({ allow: fetchAllow, userAgent: `Calends (+${base})` });
}

/** On a terminal a person is asked; a script has said what it wants. */
async function isWanted({ stdin, stderr, stopping }: Cli, base: string): Promise<boolean> {
  if (stdin.isTTY !== true) return true;
  const terminal = createInterface({ input: stdin, output: stderr });
  try {
    return /^\s*y(es)?\s*$/i.test(await terminal.question(`Follow ${base} from now on? [y/N] `, { signal: stopping }));
  } finally {
    terminal.close();
  }
}

/** A key of role peer that speaks for that peer's own source. */
async function issueKey({ registry }: CalendsNode, cli: Cli, tx: Tx, base: string): Promise<string> {
  const { secret } = await createKey(registry, operator(cli), tx, { name: base, role: "peer", source: base });
  return secret;
}
