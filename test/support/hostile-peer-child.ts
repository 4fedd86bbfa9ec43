/** Scripted peers in a process of their own, so that what they cost is not the reader's; told what to do over IPC (hostile-peer-process.ts). */
import { HOSTILE_PEERS } from "./hostile-peers.ts";
import { eventBy } from "./hostile-tools.ts";
import { openScriptedPeer, type ScriptedPeer } from "./scripted-peer.ts";
import type { PeerCalls, World } from "./hostile-peer-process.ts";

const peers = new Map<string, ScriptedPeer>();
const peerAt = (base: string): ScriptedPeer => peers.get(base)!;

const calls: { [Name in keyof PeerCalls]: (...given: Parameters<PeerCalls[Name]>) => Promise<ReturnType<PeerCalls[Name]>> } = {
  async open() {
    const peer = await openScriptedPeer();
    peers.set(peer.base, peer);
    return peer.base;
  },
  async tell(base, from, count) {
    for (let n = from; n < from + count; n++) peerAt(base).tell({ path: `events/${n}`, document: eventBy(base, n) });
  },
  async misbehave(base, name, world: World) {
    HOSTILE_PEERS.find((one) => one.name === name)!.turns(peerAt(base), world);
  },
  async digests(base, from) {
    return peerAt(base)
      .items.slice(from)
      .map(({ uri, digest }) => `${String(uri)} ${String(digest).slice("sha-256:".length)}`);
  },
  async heard(base) {
    return peerAt(base).heard;
  },
};

// A client that gives up in the middle is what these peers are about.
process.on("uncaughtException", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE" && error.code !== "ECONNRESET") throw error;
});
process.on("message", ({ id, name, given }: { id: number; name: keyof PeerCalls; given: never[] }) => {
  void (calls[name] as (...all: never[]) => Promise<unknown>)(...given).then(
    (value) => process.send!({ id, value }),
    (error: Error) => process.send!({ id, error: error.stack }),
  );
});
// A test that was broken off leaves nobody behind.
process.on("disconnect", () => process.exit());
process.send!({ id: 0 });
