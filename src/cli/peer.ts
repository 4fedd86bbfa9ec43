/** `calends peer list|show|sync|set|pause|resume|resync|remove`: the nodes that this one follows; how one is added is in peer-add.ts. */
import { pullsFrom } from "../domain/peer.ts";
import { listKeys } from "../db/api-keys.ts";
import type { Tx } from "../db/database.ts";
import { RegistryError } from "../domain/errors.ts";
import { ulidOf } from "../domain/iri.ts";
import { describePeer, describeRefusal, describeRun } from "../federation/peer/describe.ts";
import type { CalendsNode } from "../node.ts";
import { changePeer, peerRefusals, peerRuns, removePeer, requestResync, type PeerListing } from "../registry/peers.ts";
import { command, textOf, UsageError, type Cli, type Option } from "./command.ts";
import { operator } from "./open-node.ts";
import { addCommand } from "./peer-add.ts";
import { findPeer, openForPeers, peersOf } from "./peer-node.ts";
import { PEER_OPTIONS, peerSettings, withKey } from "./peer-options.ts";
import { filterNote, peerFacts, peerTable } from "./peer-report.ts";
import { syncPeer } from "./peer-sync.ts";

const JSON_OPTION = { type: "boolean", help: "print JSON" } as const satisfies Option;
const ONE = { least: 1, most: 1 } as const;

const list = command({
  name: "peer list",
  usage: "[--json]",
  summary: "show the peers: how far behind each we are, and what went wrong",
  options: { json: JSON_OPTION },
  takes: { least: 0, most: 0 },
  async run(cli, { flags }) {
    await using node = await openForPeers(cli);
    const peers = await peersOf(node);
    cli.stdout.write(flags.json ? `${JSON.stringify(peers.map(describePeer))}\n` : peerTable(peers));
    return 0;
  },
});

const showOne = command({
  name: "peer show",
  usage: "URL [--json]",
  summary: "show one peer: its last pulls, what was refused, and what to do about an alarm",
  options: { json: JSON_OPTION },
  takes: ONE,
  async run(cli, { flags, positionals }) {
    await using node = await openForPeers(cli);
    const peer = await findPeer(node, positionals[0]!);
    const [runs, refusals] = await node.database.read(
      async (on) => [await peerRuns(on, peer.base, 20), await peerRefusals(on, peer.base, 50)] as const,
    );
    cli.stdout.write(
      flags.json
        ? `${JSON.stringify({ ...describePeer(peer), runs: runs.map(describeRun), refusals: refusals.map(describeRefusal) })}\n`
        : peerFacts(peer, runs, refusals),
    );
    return 0;
  },
});

const sync = command({
  name: "peer sync",
  usage: "[URL] [--json]",
  summary: "pull a peer now, to the end; without URL every one that is active",
  options: { json: JSON_OPTION },
  takes: { least: 0, most: 1 },
  async run(cli, { flags, positionals }) {
    await using node = await openForPeers(cli);
    const [url] = positionals;
    const all =
      url === undefined ? (await peersOf(node)).filter((peer) => pullsFrom(peer) && peer.status === "active") : [await findPeer(node, url)];
    if (url === undefined && all.length === 0) throw notNow('There is no active peer to pull from: see "calends peer list".');
    for (const peer of all) {
      if (!pullsFrom(peer)) throw notNow(`${peer.base} is not pulled from: calends peer set ${peer.base} --direction both`);
      if (peer.status !== "active") throw notNow(stoppedWords(peer));
    }
    let failed = 0;
    for (const peer of all) {
      if (!(await syncPeer(cli, node, peer, flags.json === true))) failed++;
    }
    return failed === 0 ? 0 : 1;
  },
});

const set = command({
  name: "peer set",
  usage: "URL [options]",
  summary: "change a peer; after another trust its events follow; other filters hold for what comes",
  options: { ...PEER_OPTIONS, json: JSON_OPTION },
  takes: ONE,
  async run(cli, { flags, positionals }) {
    if (Object.keys(flags).every((flag) => flag === "json"))
      throw new UsageError('calends peer set: say what to change. See "calends peer set --help".');
    const given = await withKey(flags, cli);
    await using node = await openForPeers(cli);
    const peer = await findPeer(node, positionals[0]!);
    const change = peerSettings(given, peer.filters);
    const caller = operator(cli);
    await node.database.transact((tx) => changePeer(node.registry, caller, tx, peer.base, change), caller);
    const peers = [await findPeer(node, peer.base)];
    if (flags.json) cli.stdout.write(`${JSON.stringify(peers.map(describePeer))}\n`);
    else cli.stdout.write(`${peerTable(peers)}${filterNote(peer, peers[0]!)}`);
    return 0;
  },
});

/** `peer VERB URL`: one change, and one line that says what follows from it. */
const deed = (
  verb: string,
  summary: string,
  said: (base: string, direction: PeerListing["direction"]) => string,
  act: (node: CalendsNode, cli: Cli, tx: Tx, base: string) => Promise<unknown>,
) =>
  command({
    name: `peer ${verb}`,
    usage: "URL",
    summary,
    options: {},
    takes: ONE,
    async run(cli, { positionals }) {
      await using node = await openForPeers(cli);
      const { base, direction } = await findPeer(node, positionals[0]!);
      await node.database.transact((tx) => act(node, cli, tx, base), operator(cli));
      cli.stdout.write(`${said(base, direction)}\n`);
      return 0;
    },
  });

const pause = deed(
  "pause",
  "ask a peer no more for now; what it said stays",
  (base) => `${base} is paused; calends peer resume ${base} lets it go on.`,
  ({ registry }, cli, tx, base) => changePeer(registry, operator(cli), tx, base, { status: "paused" }),
);
const resume = deed(
  "resume",
  "ask a peer again, from where it stopped; an alarm is taken back",
  (base, direction) =>
    direction === "push"
      ? `${base} is active: it may push again.`
      : `${base} is active; a running node pulls it within a minute, or now: calends peer sync ${base}`,
  ({ registry }, cli, tx, base) => changePeer(registry, operator(cli), tx, base, { status: "active" }),
);
const resync = deed(
  "resync",
  "make a new copy of a peer; what that does not contain is gone",
  (base) => `${base} will be copied anew by a running node, or now: calends peer sync ${base}`,
  ({ registry }, cli, tx, base) => requestResync(registry, operator(cli), tx, base),
);

const remove = command({
  name: "peer remove",
  usage: "URL --reason TEXT",
  summary: "ask a peer no more, and let what it said of its events count no more",
  options: { reason: { type: "string", value: "TEXT", help: "why; stands in the audit log" } },
  takes: ONE,
  async run(cli, { flags, positionals }) {
    const reason = textOf(flags.reason)?.trim();
    if (!reason) throw new UsageError("calends peer remove: say why, with --reason TEXT.");
    await using node = await openForPeers(cli);
    const { base, relay } = await findPeer(node, positionals[0]!);
    const caller = operator(cli);
    await node.database.transact((tx) => removePeer(node.registry, caller, tx, base, { reason }), caller);
    cli.stdout.write(`${base} is no peer any more; a worker of the node settles its events anew.\n`);
    if (relay) cli.stdout.write("What it passed on of other nodes stays, and nobody keeps it up: add those as peers (calends peer add).\n");
    const keys = (await node.database.read(listKeys)).filter(({ source, revokedAt }) => source === base && revokedAt === null);
    for (const { id } of keys) cli.stdout.write(`Its key for this node still reads here: calends key revoke ${ulidOf(id)}\n`);
    return 0;
  },
});

export const peerCommands = [addCommand, list, showOne, sync, set, pause, resume, resync, remove];

/** A state, and no wrong command line. */
const notNow = (detail: string): RegistryError => new RegistryError("conflict", { detail });

const stoppedWords = ({ base, status, alarm }: PeerListing): string =>
  status === "paused"
    ? `${base} is paused: calends peer resume ${base}`
    : `${base} was stopped by an alarm (${alarm ?? "unknown"}): calends peer show ${base} says what to do.`;
