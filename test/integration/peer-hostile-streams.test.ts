/**
 * Streams of hostile peers: listened to beside an honest one. Whatever is sent, it is a nudge at most, and few of them; each has one
 * connection, and comes back ever later; the honest stream is heard at once; and nothing is held of it.
 */
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createPeerClient } from "../../src/federation/peer/client.ts";
import { followPeers, type FollowedPeer } from "../../src/federation/peer/follow.ts";
import { profileOf } from "../../src/federation/peer/profile.ts";
import { drip, pour, respond, wire } from "../support/hostile-tools.ts";
import { watchLoop } from "../support/loop-watch.ts";
import { FEED, openScriptedPeer, type Behaviour, type ScriptedPeer } from "../support/scripted-peer.ts";

const STREAM = `${FEED}/stream`;
const EVENTS = { "content-type": "text/event-stream" };
const heartbeat = (head: number | string) => `event: heartbeat\nid: x\ndata: {"cursor":"x","head":${head}}\n\n`;
const said = (text: string): Behaviour => respond(200, text, EVENTS);
/** Connections that the reader makes while the test looks: each time, it has waited as long as it wanted to. */
const ROUNDS = 5;

const STREAMS: readonly (readonly [name: string, behaviour: Behaviour, nudges: number])[] = [
  ["is one line without an end", pour(Buffer.alloc(64 * 1024, "x"), { begin: "data: ", headers: EVENTS, bytes: 80 * 1024 ** 2 }), 0],
  ["is a gigabyte of empty lines", pour(Buffer.alloc(64 * 1024, "\n"), { headers: EVENTS, bytes: 1024 ** 3 }), 0],
  ["is a gigabyte of lies about its head", pour(Buffer.from(heartbeat(10 ** 9).repeat(500)), { headers: EVENTS, bytes: 1024 ** 3 }), 1],
  ["is garbage", said(Buffer.from(Array.from({ length: 4_096 }, (_, n) => (n * 7_919) % 256)).toString("latin1")), 0],
  ["closes at once", said(""), 0],
  ["closes in the middle of its head", (request) => void request.socket.destroy(), 0],
  ["is a page of HTML", respond(200, "<html>", { "content-type": "text/html" }), 0],
  ["wants to be left alone", respond(429, "", { "retry-after": "1000000000" }), 0],
  ["is gone for ever", respond(410, "{}"), 1],
  ["refuses our cursor", respond(400, "{}"), 1],
  ["sends us in a circle", respond(307, "", { location: STREAM }), 0],
  ["sends us to the cloud's own secrets", respond(307, "", { location: "http://169.254.169.254/" }), 0],
  ["drips", (_request, response) => drip(response.writeHead(200, EVENTS), ":\n"), 0],
  ["never answers", () => undefined, 0],
  ["speaks another language", wire("220 mail.example ESMTP\r\n"), 0],
  ["has a head below nothing", said(heartbeat(-5)), 0],
  ["has a head beyond what a number holds", said(heartbeat("9".repeat(400))), 0],
  ["has a head in a text", said(heartbeat('"11"')), 0],
  ["tells of a change within a text", said(`event: change\ndata: {"name":"\\",\\"sequence_number\\":99}"}\n\n`), 0],
];

async function followed(origin: ScriptedPeer, id: string): Promise<FollowedPeer> {
  const document = (await (await fetch(`${origin.base}/.well-known/sel-profile`)).json()) as Record<string, unknown>;
  return {
    id,
    base: origin.base,
    accessKey: null,
    privateAddress: true,
    profile: profileOf(document, origin.base),
    cursor: "c1",
    position: 10,
    bootstrap: null,
  };
}

test.each(STREAMS)("a stream that %s", async (_name, behaviour, nudges) => {
  await using stack = new AsyncDisposableStack();
  const [hostile, honest] = [stack.use(await openScriptedPeer()), stack.use(await openScriptedPeer())];
  hostile.answer(STREAM, behaviour);
  honest.answer(STREAM, (_request, response) => {
    response.writeHead(200, EVENTS).write(heartbeat(11));
    drip(response, ":\n");
  });
  const peers = [await followed(hostile, "hostile"), await followed(honest, "honest")];
  const clientOf = createPeerClient({ allow: [], userAgent: "Calends" });
  const nudged: string[] = [];
  const pauses: number[] = [];
  let honestHeard = (): void => undefined;
  const heard = new Promise<void>((done) => (honestHeard = done));
  let rounds = 0;
  let enough = (): void => undefined;
  const looked = new Promise<void>((done) => (enough = done));
  using watch = watchLoop();
  {
    await using _following = followPeers({
      peers: async () => peers,
      nudge: async (id) => {
        nudged.push(id);
        if (id === "honest") honestHeard();
      },
      // The honest one is never taken for silent, however long this process has to wait for its turn.
      client: (peer) => {
        const real = clientOf(peer);
        return peer.base === honest.base ? { ...real, open: (url, ask) => real.open(url, { ...ask, timeoutMs: 60_000 }) } : real;
      },
      random: () => 0.5,
      // A pause before another connection ends at once, up to as many as are wanted; the list is not read again.
      wait: (milliseconds, signal) =>
        new Promise((done, failed) => {
          signal?.addEventListener("abort", () => failed(signal.reason as Error), { once: true });
          if (milliseconds >= 30_000 || milliseconds === 1_000 || rounds >= ROUNDS) return;
          pauses.push(milliseconds);
          rounds += 1;
          if (rounds >= ROUNDS) enough();
          else done();
        }),
      log: { info: () => undefined, warn: () => undefined },
      limits: { reloadMs: 30_000, aheadMs: 1_000, silenceMs: 500, bytes: 1024 ** 2, pauseMs: 100, longestPauseMs: 10_000 },
    });
    await heard;
    // What keeps its connection open is never asked again.
    await Promise.race([looked, dripped(hostile)]);
  }
  await turn();
  expect(nudged.filter((id) => id === "hostile")).toHaveLength(nudges);
  expect(nudged.filter((id) => id === "honest")).toHaveLength(1);
  const asked = hostile.heard.filter((path) => path.startsWith(STREAM)).length;
  expect(asked).toBeLessThanOrEqual((ROUNDS + 1) * 4);
  // Each pause is at least as long as the one before, but for what it brought.
  if (nudges === 0 && pauses.length > 1) expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  expect(watch.longest()).toBeLessThan(1_000);

  async function dripped(peer: ScriptedPeer): Promise<void> {
    if (behaviour !== STREAMS.find(([name]) => name === "drips")![1]) return looked;
    while (!peer.heard.some((path) => path.startsWith(STREAM))) await turn();
  }
});
