/** Following the stream of a peer: a nudge when it goes beyond where we stand, and never more than that, whatever is sent. */
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { createPeerClient } from "../../src/federation/peer/client.ts";
import { followPeers, type FollowedPeer } from "../../src/federation/peer/follow.ts";
import { profileOf } from "../../src/federation/peer/profile.ts";
import { FEED, json, openScriptedPeer, type Behaviour, type ScriptedPeer } from "../support/scripted-peer.ts";

const STREAM = `${FEED}/stream`;
const change = (position: number, more = "") =>
  `event: change\nid: x\ndata: {"action":"create"${more},"received_timestamp":"2026-05-01T12:00:00Z","sequence_number":${position},"snapshot":{}}\n\n`;
const heartbeat = (head: number) => `event: heartbeat\nid: x\ndata: {"cursor":"x","head":${head}}\n\n`;

/** A stream that the test writes into; `opened` resolves with each connection. */
function scripted(origin: ScriptedPeer) {
  const waiting: ((response: ServerResponse) => void)[] = [];
  const open: ServerResponse[] = [];
  const behaviour: Behaviour = (_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    const next = waiting.shift();
    if (next === undefined) open.push(response);
    else next(response);
  };
  origin.answer(STREAM, behaviour);
  return { opened: () => new Promise<ServerResponse>((done) => (open.length > 0 ? done(open.shift()!) : waiting.push(done))) };
}

/** A follower of `origin`; what a nudge does, the test says. Time passes at once, but for the reload of the list, which the test asks for. */
async function following(origin: ScriptedPeer, limits: object = {}) {
  const document = await (await fetch(`${origin.base}/.well-known/sel-profile`)).json();
  const profile = profileOf(document as Record<string, unknown>, origin.base);
  const peer: FollowedPeer = {
    id: "a",
    base: origin.base,
    accessKey: "key",
    privateAddress: true,
    profile,
    cursor: "c1",
    position: 10,
    bootstrap: null,
  };
  const peers = [peer];
  const nudges: number[] = [];
  const pauses: { milliseconds: number; end: () => void }[] = [];
  let heard: (() => void) | undefined;
  const warnings: object[] = [];
  const follower = followPeers({
    peers: async () => structuredClone(peers),
    nudge: async () => {
      nudges.push(peer.position);
      heard?.();
    },
    client: createPeerClient({ allow: [], userAgent: "Calends" }),
    random: () => 0.5,
    wait: (milliseconds, signal) =>
      new Promise((done, failed) => {
        const pause = { milliseconds, end: done };
        pauses.push(pause);
        const end = () => {
          if (pauses.includes(pause)) pauses.splice(pauses.indexOf(pause), 1);
          failed(signal!.reason as Error);
        };
        signal?.addEventListener("abort", end, { once: true });
      }),
    log: { info: () => undefined, warn: (details) => void warnings.push(details) },
    limits,
  });
  return {
    peer,
    peers,
    nudges,
    pauses,
    warnings,
    nudged: () => new Promise<void>((done) => (heard = done)),
    /** Lets every pause of that kind end. */
    pass: async (milliseconds: number) => {
      while (!pauses.some((one) => one.milliseconds === milliseconds)) await new Promise((done) => setImmediate(done));
      for (const one of pauses.splice(0)) {
        if (one.milliseconds === milliseconds) one.end();
        else pauses.push(one);
      }
    },
    [Symbol.asyncDispose]: () => follower[Symbol.asyncDispose](),
  };
}

it("asks for what follows our cursor, with the key, and nudges for what is new alone", async () => {
  await using origin = await openScriptedPeer();
  const stream = scripted(origin);
  await using follower = await following(origin);
  const connection = await stream.opened();
  expect(origin.heard.at(-1)).toBe(`${STREAM}?since=c1`);
  expect(origin.last).toMatchObject({ authorization: "Bearer key", accept: "text/event-stream" });
  connection.write(change(10) + heartbeat(10) + change(3, ',"custody":{"sequence_number":99}'));
  const nudged = follower.nudged();
  connection.write(change(11) + change(12) + heartbeat(12));
  await nudged;
  expect(follower.nudges).toEqual([10]);
});

it("looks again soon: who is still behind is nudged again, and a peer that cries wolf is not heard for ever", async () => {
  await using origin = await openScriptedPeer();
  const stream = scripted(origin);
  await using follower = await following(origin);
  const connection = await stream.opened();
  const first = follower.nudged();
  connection.write(heartbeat(1_000_000));
  await first;
  for (let look = 0; look < 10; look++) await follower.pass(look < 5 ? 1_000 : look % 2 === 0 ? 1_000 : 30_000);
  expect(follower.nudges).toHaveLength(5);

  // A pull that brought something makes it worth hearing again.
  follower.peer.position = 20;
  await follower.pass(1_000);
  const again = follower.nudged();
  connection.write(change(21));
  await again;
  expect(follower.nudges).toHaveLength(6);
});

describe("whatever is sent, little is held", () => {
  it("a line without an end is passed over, and the next event is heard", async () => {
    await using origin = await openScriptedPeer();
    const stream = scripted(origin);
    await using follower = await following(origin);
    const connection = await stream.opened();
    const nudged = follower.nudged();
    connection.write(`event: change\ndata: ${"x".repeat(3_000_000)}\n\n`);
    connection.write(change(11));
    await nudged;
    expect(follower.nudges).toEqual([10]);
  });

  it("a connection that brings too much is made anew, ever later", async () => {
    await using origin = await openScriptedPeer();
    const stream = scripted(origin);
    await using follower = await following(origin, { bytes: 100_000 });
    for (const milliseconds of [1_500, 3_000, 6_000]) {
      const connection = await stream.opened();
      connection.write("x".repeat(200_000));
      await follower.pass(milliseconds);
    }
    expect(follower.nudges).toEqual([]);
  });
});

it.each<[string, Behaviour]>([
  ["500", json(500, {})],
  ["no event stream", json(200, {})],
  ["nothing", (request) => void request.socket.destroy()],
])("a stream that answers %s is asked again later, and said once", async (_what, behaviour) => {
  await using origin = await openScriptedPeer();
  origin.answer(STREAM, behaviour);
  await using follower = await following(origin);
  for (const milliseconds of [1_500, 3_000, 6_000, 12_000]) await follower.pass(milliseconds);
  expect(follower.warnings).toMatchObject([{ peer: origin.base, failures: 3 }]);
});

it("a cursor that is refused is a matter for a pull", async () => {
  await using origin = await openScriptedPeer();
  origin.answer(STREAM, json(410, { code: "wrong_epoch" }));
  await using follower = await following(origin);
  await follower.nudged();
  expect(follower.nudges).toEqual([10]);
});

it("follows who comes, and leaves who goes; a peer whose first copy is under way is not followed", async () => {
  await using origin = await openScriptedPeer();
  const stream = scripted(origin);
  await using follower = await following(origin);
  const connection = await stream.opened();
  const closed = new Promise((done) => connection.on("close", done));
  follower.peers.splice(0);
  await follower.pass(30_000);
  await follower.pass(1_000);
  await closed;
  follower.peers.push({ ...follower.peer, bootstrap: { id: "x", way: "snapshot", resync: false, lines: 0, page: 1 } });
  await follower.pass(30_000);
  await follower.pass(1_000);
  follower.peers.splice(0, 1, follower.peer);
  const before = origin.heard.length;
  await follower.pass(30_000);
  await follower.pass(1_000);
  await stream.opened();
  expect(origin.heard.length).toBe(before + 1);
});
