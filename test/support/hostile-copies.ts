/** First copies that are not what they should be: snapshots, and closed pages. */
import type { IncomingMessage } from "node:http";
import { createHash, randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Alarm } from "../../src/domain/peer.ts";
import { encodeCursor } from "../../src/feed/cursor.ts";
import { eventBy, drip, eventAt, respond, tombstoneOf, type HostilePeer } from "./hostile-tools.ts";
import type { World } from "./hostile-peer-process.ts";
import { FEED, json, sendFile, type Behaviour, type ScriptedPeer } from "./scripted-peer.ts";

const SNAPSHOT = `${FEED}/snapshot`;
const BY_SNAPSHOT: Partial<HostilePeer> = { settings: { bootstrapBy: "snapshot" }, fresh: true };
const BY_PAGES: Partial<HostilePeer> = { settings: { bootstrapBy: "pages" }, fresh: true };

/** What a copy has lost may be there all the same. */
const GAPS = /^gaps: 1 lines of its snapshot cannot be read/;

type Outcome = Pick<HostilePeer, "outcome"> & Partial<HostilePeer>;
const stopped = (alarm: Alarm, detail: RegExp): Outcome => ({ outcome: "alarm", alarm, detail });
const failed = (detail: RegExp): Outcome => ({ outcome: "failed", detail });
const taken = (more: Partial<HostilePeer> = {}): Outcome => ({ outcome: "applied", refused: [], counts: { applied: 3 }, ...more });

/** The snapshot is answered like this. */
const answered = (name: string, behaviour: (peer: ScriptedPeer) => Behaviour, outcome: Outcome): HostilePeer => ({
  name: `snapshot: ${name}`,
  ...BY_SNAPSHOT,
  turns: (peer) => peer.answer(SNAPSHOT, behaviour(peer)),
  ...outcome,
});
/** The snapshot's lines are these; its hash is right. */
const lines = (
  name: string,
  change: (lines: string[], peer: ScriptedPeer, world: World) => (string | Buffer)[],
  outcome: Outcome,
): HostilePeer => ({
  name: `snapshot: ${name}`,
  ...BY_SNAPSHOT,
  turns(peer, world) {
    const { file } = fileOf(peer, (all) => change(all, peer, world));
    peer.answer(SNAPSHOT, (request, response) => sendFile(request, response, file));
  },
  ...outcome,
});
/** The header says something else. */
const header = (name: string, change: (header: Record<string, unknown>, peer: ScriptedPeer) => unknown, outcome: Outcome): HostilePeer =>
  lines(name, ([first, ...rest], peer) => [JSON.stringify(change(JSON.parse(first!) as Record<string, unknown>, peer)), ...rest], outcome);
/** More lines, counted in the header. */
const more = (name: string, added: (peer: ScriptedPeer, world: World) => unknown[], outcome: Outcome): HostilePeer =>
  lines(
    name,
    ([first, ...rest], peer, world) => {
      const lines = added(peer, world).map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
      const said = JSON.parse(first!) as Record<string, unknown>;
      const count = [...lines, ...rest].filter((one) => one.includes('"snapshot":')).length;
      return [JSON.stringify({ ...said, count, lines: rest.length + lines.length }), ...lines, ...rest];
    },
    outcome,
  );

/** Once what was written is on its way. */
const breakOff = ({ socket }: IncomingMessage) => void setTimeout(() => socket.destroy(), 50);

function fileOf(peer: ScriptedPeer, change: (lines: string[]) => (string | Buffer)[]) {
  let all: string[] = [];
  peer.snapshot((lines) => (all = lines));
  const body = gzipSync(Buffer.concat(change(all).map((line) => Buffer.concat([Buffer.from(line), Buffer.from("\n")]))));
  return { file: digested(body) };
}
const digested = (body: Buffer) => ({ body, sha256: createHash("sha256").update(body).digest("hex") });
const line = (document: Record<string, unknown>, position: unknown = 1, kind = "event") => ({
  uri: document["@id"],
  kind,
  sequence_number: position,
  version: 1,
  ...(document["sel:tombstone"] === true ? { tombstone: document } : { snapshot: document }),
});
/** Closed pages answer with this. */
const pages = (name: string, change: (page: Record<string, any>) => unknown, outcome: Outcome): HostilePeer => ({
  name: `pages: ${name}`,
  ...BY_PAGES,
  turns(peer) {
    for (let n = 4; n <= 25; n++) peer.tell({ path: `events/${n}`, document: eventBy(peer.base, n) });
    peer.changePage = (page) => (page["page"] === undefined ? page : change(page));
  },
  ...outcome,
});

export const COPIES: HostilePeer[] = [
  answered(
    "has another hash than it says",
    (peer) => {
      const { body } = peer.snapshot();
      return (request, response) => sendFile(request, response, { body, sha256: "ab".repeat(32) });
    },
    stopped("snapshot", /loaded twice/),
  ),
  answered(
    "is another file whenever it is asked for",
    () => (request, response) => sendFile(request, response, digested(randomBytes(500))),
    failed(/again and again/),
  ),
  answered("is no gzip", () => (request, response) => sendFile(request, response, digested(randomBytes(500))), failed(/again and again/)),
  answered(
    "is half a gzip",
    (peer) => {
      const half = digested(peer.snapshot().body.subarray(0, -30));
      return (request, response) => sendFile(request, response, half);
    },
    stopped("snapshot", /no sound gzip|no header/),
  ),
  answered(
    "is a bomb",
    () => {
      const bomb = digested(gzipSync(Buffer.alloc(64 * 1024 * 1024, "x"), { level: 9 }));
      return (request, response) => sendFile(request, response, bomb);
    },
    stopped("snapshot", /-fold|no header/),
  ),
  answered(
    "is a terabyte",
    () => respond(200, "x", { etag: `"${"ab".repeat(32)}"`, "content-length": String(2 ** 40) }),
    failed(/bytes are taken|are taken/),
  ),
  answered(
    "is longer than it says",
    (peer) => {
      const file = peer.snapshot();
      let asked = 0;
      return (_request, response) => {
        asked += 1;
        const etag = `"${file.sha256}"`;
        if (asked === 1) response.writeHead(200, { etag, "content-length": String(file.body.length) }).end(file.body);
        else response.writeHead(200, { etag }).end(Buffer.concat([file.body, Buffer.alloc(100_000)]));
      };
    },
    failed(/larger than/),
  ),
  answered(
    "drips",
    (peer) => {
      const file = peer.snapshot();
      return (_request, response) => {
        response.writeHead(200, { etag: `"${file.sha256}"`, "content-length": "100000" });
        drip(response, "x");
      };
    },
    { ...failed(/less than|nothing came/), limits: { requestMs: 1_000 } },
  ),
  answered(
    "breaks off, and ignores where we were",
    (peer) => {
      const { body, sha256 } = peer.snapshot();
      let asked = 0;
      return (request, response) => {
        asked += 1;
        response.writeHead(200, { etag: `"${sha256}"`, "content-length": String(body.length) });
        if (asked === 2) response.write(body.subarray(0, 50), () => breakOff(request));
        else response.end(body);
      };
    },
    taken(),
  ),
  answered(
    "goes on with other bytes than we asked for",
    (peer) => {
      const { body, sha256 } = peer.snapshot();
      return (request, response) => {
        const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
        if (from > 0) {
          const rest = randomBytes(body.length - from);
          response.writeHead(206, { etag: `"${sha256}"`, "content-range": `bytes ${from}-${body.length - 1}/${body.length}` }).end(rest);
        } else
          response
            .writeHead(200, { etag: `"${sha256}"`, "content-length": String(body.length) })
            .write(body.subarray(0, 50), () => breakOff(request));
      };
    },
    stopped("snapshot", /loaded twice/),
  ),
  answered(
    "goes on at another byte than we asked for",
    (peer) => {
      const { body, sha256 } = peer.snapshot();
      return (request, response) => {
        if (request.headers.range !== undefined)
          response
            .writeHead(206, { etag: `"${sha256}"`, "content-range": `bytes 7-${body.length - 1}/${body.length}` })
            .end(body.subarray(7));
        else
          response
            .writeHead(200, { etag: `"${sha256}"`, "content-length": String(body.length) })
            .write(body.subarray(0, 50), () => breakOff(request));
      };
    },
    failed(/comes from 7/),
  ),
  answered("lies with the cloud's own secrets", () => respond(307, "", { location: "http://169.254.169.254/" }), failed(/not dialled/)),
  answered("lies in a file", () => respond(307, "", { location: "file:///etc/passwd" }), failed(/only http and https/)),
  answered("is sent round in circles", () => respond(307, "", { location: SNAPSHOT }), failed(/redirects more than 3 times/)),
  answered("wants us to wait for ever", () => respond(429, "", { "retry-after": "1000000000" }), failed(/answered 429/)),
  answered("is gone for ever", () => json(410, {}), failed(/again and again/)),
  lines("has no header", (all) => all.slice(1), stopped("snapshot", /no header/)),
  lines("is empty", () => [], stopped("snapshot", /no header/)),
  lines("has a line too few", (all) => all.slice(0, -1), stopped("snapshot", /has 2 lines/)),
  lines("has a line too many", (all) => [...all, all.at(-1)!], stopped("snapshot", /has 4 lines/)),
  header("counts what is not there", (said) => ({ ...said, count: 2 ** 40 }), stopped("snapshot", /has 3 lines/)),
  header(
    "is of an epoch that the feed does not have",
    (said) => ({ ...said, epoch: "01WRONG", cursor: encodeCursor({ epoch: "01JW0000000000000000000000", position: 3 }) }),
    { ...failed(/again and again/), partly: true },
  ),
  header(
    "goes further than the feed",
    (said, { epoch }) => ({ ...said, position: 1_000, cursor: encodeCursor({ epoch, position: 1_000 }) }),
    { ...stopped("cursor_refused", /head is 3/), partly: true },
  ),
  header("has a cursor that is older than itself", (said, { epoch }) => ({ ...said, cursor: encodeCursor({ epoch, position: 0 }) }), {
    ...stopped("positions", /4 was expected, it gives 1/),
    partly: true,
  }),
  header("has another hash than the feed at its end", (said) => ({ ...said, hash: "ab".repeat(32) }), taken()),
  header("has a position that is none", (said) => ({ ...said, position: -1 }), stopped("snapshot", /no header/)),
  more(
    "has a line of two megabytes",
    ({ base }) => [line(eventBy(base, 8, { description: "x".repeat(2_000_000) }))],
    taken({ refused: ["too_large"], detail: GAPS }),
  ),
  more("has a line that is no JSON", () => ["{"], taken({ refused: ["malformed"], detail: GAPS })),
  more("has a line nested beyond all depth", () => ["[".repeat(100_000)], taken({ refused: ["malformed"], detail: GAPS })),
  more("tells of our event", (_peer, { ours }) => [line(eventAt(ours.event))], taken({ refused: ["own_uri"] })),
  more("says that our event is gone", (_peer, { ours }) => [line(tombstoneOf(ours.event))], taken({ refused: ["own_uri"] })),
  more("tells of another node's event", (_peer, { other }) => [line(eventAt(other.event))], taken({ refused: ["foreign_uri"] })),
  more("tells of what comes after it", ({ base }) => [line(eventBy(base, 8), 1_000_000)], taken({ refused: ["malformed"] })),
  more("tells of a position that is a text", ({ base }) => [line(eventBy(base, 8), "1")], taken({ refused: ["malformed"] })),
  more(
    "tells of an event ten thousand times",
    ({ base }) => Array.from({ length: 2_000 }, () => line(eventBy(base, 8))),
    taken({ counts: { applied: 4 } }),
  ),
  pages("is another page than was asked for", (page) => ({ ...page, page: 7 }), stopped("positions", /it gives page 7/)),
  pages("is of another epoch", (page) => ({ ...page, epoch: "01WRONG" }), stopped("positions", /it gives page 1 of 01WRONG/)),
  pages(
    "begins anew again and again",
    (page) => ({ ...page, changes: page["changes"].slice(1) }),
    stopped("positions", /1 was expected, it gives 2/),
  ),
  pages("has no items", (page) => ({ ...page, changes: [] }), stopped("unreadable", /is none/)),
  pages("has 10,001 items", (page) => ({ ...page, changes: Array(10_001).fill(page["changes"][0]) }), taken({ counts: { applied: 25 } })),
  pages("gives a cursor of a megabyte", (page) => ({ ...page, next_cursor: "x".repeat(1024 ** 2) }), stopped("unreadable", /next_cursor/)),
];
