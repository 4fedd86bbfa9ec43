/** `await using peers = await startPeers()`: scripted peers, honest and hostile, in another process. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What a hostile peer knows of the node that reads it, and of others whom that node listens to. */
export interface World {
  /** Base of the reading node. */
  here: string;
  /** URIs of its own entities. */
  ours: { event: string; place: string; organization: string; person: string };
  /** A node that the reader follows, and what is held of it. */
  other: { base: string; event: string; place: string; epoch: string; position: number };
  /** A node of which only a relay has told. */
  far: { base: string; event: string; epoch: string; position: number };
}

export interface PeerCalls {
  /** A new peer that is honest so far; its base. */
  open(): string;
  /** Good events, numbered from `from` on. */
  tell(base: string, from: number, count: number): void;
  /** From now on it does what the case of that name says. */
  misbehave(base: string, name: string, world: World): void;
  /** "URI digest" of its items after a position. */
  digests(base: string, from: number): string[];
  /** What it was asked for: path and query. */
  heard(base: string): string[];
}

export type Peers = { [Name in keyof PeerCalls]: (...given: Parameters<PeerCalls[Name]>) => Promise<ReturnType<PeerCalls[Name]>> } & {
  pid: number;
} & AsyncDisposable;

export async function startPeers(): Promise<Peers> {
  const child = fork(fileURLToPath(new URL("hostile-peer-child.ts", import.meta.url)), [], { execArgv: [] });
  const waiting = new Map<number, { done: (value: never) => void; failed: (error: Error) => void }>();
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  child.on("exit", (code) => {
    for (const { failed } of waiting.values()) failed(new Error(`The process of the peers ended (${code}).`));
  });
  child.on("message", ({ id, value, error }: { id: number; value?: never; error?: string }) => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) one?.done(value as never);
    else one?.failed(new Error(error));
  });
  let last = 0;
  const answerTo = (id: number) => new Promise<never>((done, failed) => waiting.set(id, { done, failed }));
  await answerTo(0);
  const call =
    (name: keyof PeerCalls) =>
    (...given: unknown[]) => {
      last += 1;
      const answer = answerTo(last);
      child.send({ id: last, name, given });
      return answer;
    };
  return {
    pid: child.pid!,
    open: call("open"),
    tell: call("tell"),
    misbehave: call("misbehave"),
    digests: call("digests"),
    heard: call("heard"),
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await ended;
    },
  };
}
