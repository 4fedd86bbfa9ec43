/** A reader for tests of pulls: the real client over real sockets, and what it hears kept in memory. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPeerClient, type PeerClient, type PeerTarget } from "../../src/federation/peer/client.ts";
import type { Peer } from "../../src/domain/peer.ts";
import { pullPeer, type PullParts, type PullResult } from "../../src/federation/peer/pull.ts";
import { createMemoryPeerStore, type MemoryPeerStore } from "./memory-peer-store.ts";
import { openScriptedPeer } from "./scripted-peer.ts";

export interface Reader extends AsyncDisposable {
  store: MemoryPeerStore;
  parts: PullParts;
  folder: string;
  /** Pulls until nothing is left to do at once; the last result. */
  pull(peer: Peer, more?: Partial<PullParts>): Promise<Exclude<PullResult, { outcome: "skipped" }>>;
  /** The peer as it is kept now. */
  now(peer: Peer): Peer;
  /** Moves the clock on. */
  later(milliseconds: number): void;
}

export interface ReaderOptions {
  base?: string;
  /** Laid over the real client. */
  client?: (real: PeerClient, peer: PeerTarget) => PeerClient;
}

/** `await using reader = await openReader()`. */
export async function openReader({ base = "https://reader.example", client = (real) => real }: ReaderOptions = {}): Promise<Reader> {
  const folder = await mkdtemp(join(tmpdir(), "calends-pull-"));
  let now = Date.parse("2026-05-02T12:00:00Z");
  const clock = () => new Date(now);
  const store = createMemoryPeerStore({ base, clock });
  const real = createPeerClient({ allow: [], userAgent: "Calends/0.1 (+https://reader.example)" });
  let seed = 1;
  const parts: PullParts = {
    store,
    client: (peer) => client(real(peer), peer),
    clock,
    random: () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647,
    wait: () => Promise.resolve(),
    folder,
    log: { info: () => undefined, warn: () => undefined },
  };
  return {
    store,
    parts,
    folder,
    async pull(peer, more = {}) {
      for (;;) {
        const result = await pullPeer({ ...parts, ...more }, peer.id);
        if (result.outcome === "skipped") throw new Error(`${peer.base} was skipped: it is ${store.peers.get(peer.id)?.status}`);
        if ("more" in result.end && result.end.more) continue;
        return result;
      }
    },
    now: (peer) => store.peers.get(peer.id)!,
    later: (milliseconds) => void (now += milliseconds),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** A peer with `count` events, and a reader who has read them. */
export async function following(count = 12) {
  const stack = new AsyncDisposableStack();
  const origin = stack.use(await openScriptedPeer());
  origin.tellMany(count);
  const reader = stack.use(await openReader());
  const peer = reader.store.add({ base: origin.base, bootstrapBy: "feed" });
  await reader.pull(peer);
  origin.heard.length = 0;
  return { origin, reader, peer, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
