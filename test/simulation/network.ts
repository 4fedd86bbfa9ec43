/** The lines between nodes: slow, cut, lossy, and at times answered by a cache that has an old answer. A PeerClient as the pull knows it. */
import type { PeerClient, PeerRequest } from "../../src/federation/peer/client.ts";
import { SafeFetchError } from "../../src/federation/safe-fetch-error.ts";
import { answer, type Answer } from "./answers.ts";
import { Crashed, type SimulatedNode, type World } from "./model.ts";
import type { Random } from "./random.ts";

/** Chances, of one request each; all 0 on a line that is whole. */
export interface LineFaults {
  lost: number;
  cut: number;
  /** The answer comes late, so that others overtake it. */
  late: number;
  /** Somebody in between repeats an earlier answer to the same request. */
  repeated: number;
}

export const WHOLE: LineFaults = { lost: 0, cut: 0, late: 0, repeated: 0 };

export interface Network {
  faults: LineFaults;
  /** Pairs of names (`pairOf`) that cannot reach each other, and how many reasons there are for it. */
  parted: Map<string, number>;
  /** The client of one life of a node. */
  client(node: SimulatedNode): PeerClient;
}

export const pairOf = (one: SimulatedNode, other: SimulatedNode): string => [one.name, other.name].toSorted().join("|");

const ON_THE_WAY = [5, 400] as const;
const LATE = [5_000, 60_000] as const;
const TIMEOUT = 30_000;

export function createNetwork(world: World, random: Random): Network {
  const { scheduler, nodes } = world;
  const earlier = new Map<string, Answer>();
  const network: Network = { faults: WHOLE, parted: new Map(), client };

  /** One request and its answer, with at most one thing that goes wrong. `cut` says after how many bytes the answer breaks off. */
  async function exchange(node: SimulatedNode, life: number, url: string, asked: Readonly<Record<string, string>>) {
    const { faults } = network;
    const wait = async (milliseconds: number) => {
      await scheduler.park(milliseconds);
      if (node.life !== life) throw new Crashed();
    };
    const other = nodes.find(({ base }) => url.startsWith(`${base}/`));
    if (other === undefined) throw new Error(`${node.name} asks ${url}, which is no node of this simulation`);
    const apart = () => !other.up || (network.parted.get(pairOf(node, other)) ?? 0) > 0;
    await wait(random.int(...ON_THE_WAY));
    if (apart()) throw new SafeFetchError("connection", url, "the connection is refused");
    const key = `${node.name} ${url} ${JSON.stringify(asked)}`;
    const old = earlier.get(key);
    const repeated = old !== undefined && random.chance(faults.repeated);
    const given = repeated ? old : answer(world, other, url, asked);
    earlier.set(key, given);
    if (repeated) world.trace(`${node.name} <- ${other.name}: an earlier answer is repeated to ${pathOf(url)}`);
    if (random.chance(faults.lost)) {
      await wait(TIMEOUT);
      throw new SafeFetchError("time", url, "no complete answer");
    }
    const late = random.chance(faults.late);
    await wait(late ? random.int(...LATE) : random.int(...ON_THE_WAY));
    if (apart()) throw new SafeFetchError("connection", url, "the connection is reset");
    const cut = given.body.length > 0 && random.chance(faults.cut) ? random.int(0, given.body.length - 1) : undefined;
    return { ...given, cut };
  }

  function client(node: SimulatedNode): PeerClient {
    const { life } = node;
    /** Follows redirects, as the real client does. */
    const ask = async (url: string, { headers = {} }: PeerRequest = {}) => {
      let at = url;
      for (;;) {
        const given = await exchange(node, life, at, headers);
        const { location } = given.headers;
        if (given.status !== 307 || location === undefined) return { ...given, url: at, headers: new Headers(given.headers) };
        at = location;
      }
    };
    return {
      async get(url, request) {
        const { cut, ...given } = await ask(url, request);
        if (cut !== undefined) throw new SafeFetchError("connection", url, "the answer broke off");
        return given;
      },
      async open(url, request) {
        const { cut, body, ...head } = await ask(url, request);
        return { ...head, body: piecesOf(body, cut, url), close: () => undefined };
      },
    };
  }

  return network;
}

/** A body in two pieces, or the beginning of one that breaks off. */
async function* piecesOf(body: Buffer, cut: number | undefined, url: string): AsyncGenerator<Buffer> {
  const whole = cut === undefined ? body : body.subarray(0, cut);
  const middle = whole.length >> 1;
  if (middle > 0) yield whole.subarray(0, middle);
  yield whole.subarray(middle);
  if (cut !== undefined) throw new SafeFetchError("connection", url, "the answer broke off");
}

const pathOf = (url: string): string => new URL(url).pathname;
