/** A bad line: a TCP proxy in front of a node that can be cut, slow, reset in mid-answer, or end answers half-way. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** `bad`: each connection gets one of the others by chance, or none. */
export const WEATHERS = ["calm", "cut", "slow", "reset", "half", "bad"] as const;
export type Weather = (typeof WEATHERS)[number];

export interface TcpProxy extends AsyncDisposable {
  /** Where it listens; for ever the same. */
  readonly url: string;
  /** How connections fare from now on; `cut` ends those that are open too. */
  weather(next: Weather): void;
  /** How many connections were troubled so far, by what. */
  readonly troubled: ReadonlyMap<Weather, number>;
}

export interface ProxyOptions {
  /** Port on this machine that it leads to; nobody need listen there yet. */
  to: number;
  /** In [0, 1). */
  random: () => number;
}

/** Of an answer, before it breaks off. */
const LEAST_BYTES = 100;
const MOST_BYTES = 40_000;
const SLOW_CHUNK = 2_048;
const SLOW_PAUSE_MS = 10;

export async function startProxy({ to, random }: ProxyOptions): Promise<TcpProxy> {
  const open = new Set<Socket>();
  const troubled = new Map<Weather, number>();
  let now: Weather = "calm";

  const fate = (): Weather =>
    now !== "bad" ? now : random() < 0.4 ? "calm" : (["cut", "slow", "reset", "half"] as const)[Math.floor(random() * 4)]!;

  const server = createServer({ allowHalfOpen: true }, (reader) => {
    const trouble = fate();
    if (trouble !== "calm") troubled.set(trouble, (troubled.get(trouble) ?? 0) + 1);
    // Both ends learn of each other's end by what follows; an error of one is the end of both.
    reader.on("error", () => reader.destroy());
    if (trouble === "cut") return void reader.destroy();
    const node = connect({ port: to, host: "127.0.0.1", allowHalfOpen: true });
    for (const each of [reader, node]) {
      open.add(each);
      each.on("close", () => open.delete(each));
    }
    node.on("error", () => reader.destroy());
    node.on("close", () => reader.destroySoon());
    reader.on("close", () => node.destroy());
    reader.pipe(node);
    void pass(node, reader, trouble, LEAST_BYTES + Math.floor(random() * (MOST_BYTES - LEAST_BYTES)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    troubled,
    weather(next) {
      now = next;
      if (next === "cut") for (const socket of open) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** The answer's way back. */
async function pass(from: Socket, into: Socket, trouble: Weather, most: number): Promise<void> {
  let passed = 0;
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      const left = most - passed;
      passed += chunk.length;
      if (trouble === "slow") await drip(chunk, into);
      else if ((trouble === "reset" || trouble === "half") && chunk.length >= left) {
        into.write(chunk.subarray(0, left));
        if (trouble === "reset") into.resetAndDestroy();
        else into.end();
        return;
      } else if (!into.write(chunk)) await once(into, "drain");
    }
    into.end();
  } catch {
    // Either end went away; the other is told by its close.
    into.destroy();
  }
}

async function drip(chunk: Buffer, into: Socket): Promise<void> {
  for (let at = 0; at < chunk.length && !into.destroyed; at += SLOW_CHUNK) {
    into.write(chunk.subarray(at, at + SLOW_CHUNK));
    await delay(SLOW_PAUSE_MS);
  }
}
