/** Feeds that are fine as to what they say, and foul as to how: packing, headers, connections, redirects, letters. */
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from "node:zlib";
import { feedAnswers, rawPage, respond, SHORT, SMALL, tellEvent, wire, type HostilePeer } from "./hostile-tools.ts";
import { FEED, type Behaviour, type ScriptedPeer } from "./scripted-peer.ts";

const failed = (name: string, detail: RegExp, behaviour: Behaviour, more: Partial<HostilePeer> = {}): HostilePeer => ({
  name,
  turns(peer) {
    tellEvent(peer, 9);
    peer.answer(FEED, behaviour);
  },
  outcome: "failed",
  detail,
  ...more,
});
/** What an honest page becomes, on its way. */
const turned = (
  name: string,
  change: (text: string) => string | Buffer,
  headers: Record<string, string>,
  more: Partial<HostilePeer>,
): HostilePeer => ({
  name,
  turns(peer: ScriptedPeer) {
    tellEvent(peer, 9);
    peer.answer(FEED, rawPage(peer, change, headers));
  },
  outcome: "failed",
  ...more,
});
const to = (location: string) => respond(307, "", { location });

const ZEROS = Buffer.alloc(32 * 1024 * 1024, " ");
/** Quick to pack: at its best, brotli takes a second for it. */
const brotli = () => brotliCompressSync(ZEROS, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
const bomb = (coding: string, pack: () => Buffer): HostilePeer => ({
  name: `packs a bomb: ${coding}`,
  // Packed where it is sent from alone: three processes read this list.
  turns: (peer) => peer.answer(FEED, respond(200, pack(), { "content-encoding": coding })),
  outcome: "alarm",
  alarm: "unreadable",
  detail: /too large/,
});

export const TRANSPORTS: HostilePeer[] = [
  bomb("gzip", () => gzipSync(ZEROS)),
  bomb("br", brotli),
  failed("packs a bomb: zstd", /not understood/, respond(200, zstdCompressSync(ZEROS), { "content-encoding": "zstd" })),
  failed("packs a page twice", /not understood/, respond(200, gzipSync(gzipSync("{}")), { "content-encoding": "gzip, gzip" })),
  failed(
    "packs half a page",
    /no sound gzip/,
    respond(200, gzipSync(ZEROS.subarray(0, 100_000)).subarray(0, 50), { "content-encoding": "gzip" }),
  ),
  failed("says that it packs, and does not", /no sound br/, respond(200, "{}".repeat(100), { "content-encoding": "br" })),
  failed(
    "never ends its headers",
    /no complete answer within 0\.3 s/,
    (_request, { socket }) => {
      socket!.write("HTTP/1.1 200 OK\r\n");
      const timer = setInterval(() => socket!.write("x: y\r\n"), 20);
      socket!.on("close", () => clearInterval(timer));
    },
    { limits: SHORT },
  ),
  failed("has a megabyte of headers", /headers are larger/, wire("HTTP/1.1 200 OK\r\n", `x: ${"y".repeat(1024 ** 2)}\r\n\r\n{}`)),
  failed("speaks another language", /does not speak HTTP/, wire("220 mail.example ESMTP\r\n")),
  failed("says a length and means another", /the connection/, wire("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}")),
  failed("says two lengths", /does not speak HTTP/, wire("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 9\r\n\r\n{}")),
  failed(
    "breaks its chunks",
    /does not speak HTTP|the connection/,
    wire("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff1\r\n{"),
  ),
  failed("hangs up", /the connection/, (request) => void request.socket.destroy()),
  failed(
    "wants another protocol",
    /another protocol|does not speak HTTP/,
    wire("HTTP/1.1 101 Switching\r\nupgrade: evil\r\nconnection: upgrade\r\n\r\n"),
  ),
  failed(
    "says that it will go on, for ever",
    /no complete answer within|the connection/,
    (_request, { socket }) => {
      const timer = setInterval(() => socket!.write("HTTP/1.1 100 Continue\r\n\r\n"), 20);
      socket!.on("close", () => clearInterval(timer));
    },
    { limits: SHORT },
  ),
  {
    name: "sends us in a circle",
    turns: (peer) => peer.answer(FEED, (request, response) => void response.writeHead(307, { location: request.url }).end()),
    outcome: "failed",
    detail: /redirects more than 3 times/,
  },
  failed("sends us to the cloud's own secrets", /not dialled/, to("http://169.254.169.254/latest/meta-data/")),
  failed("sends us to this machine", /not dialled/, to("http://127.0.0.1:1/")),
  failed("sends us to this machine in other figures", /not dialled/, to("http://0x7f.1:1/")),
  failed("sends us to this machine in six", /not dialled/, to("http://[::ffff:127.0.0.1]:1/")),
  failed("sends us to a file", /only http and https/, to("file:///etc/passwd")),
  failed("sends us to somebody with a password", /user's name or password/, to("http://user:secret@example.com/")),
  {
    name: "sends us to another peer's feed",
    turns: (peer, { other }) => peer.answer(FEED, respond(307, "", { location: other.base + FEED })),
    outcome: "failed",
    detail: /not dialled/,
  },
  turned(
    "calls its page HTML",
    (text) => text,
    { "content-type": "text/html" },
    { outcome: "applied", refused: [], counts: { applied: 1 } },
  ),
  turned(
    "begins with a mark of its byte order",
    (text) => `\ufeff${text}`,
    {},
    { outcome: "applied", refused: [], counts: { applied: 1 } },
  ),
  turned(
    "writes UTF-16",
    (text) => Buffer.from(`\ufeff${text}`, "utf16le"),
    { "content-type": "application/json; charset=utf-16" },
    { detail: /no JSON|no UTF-8/ },
  ),
  turned("writes Latin-1", (text) => Buffer.from(text.replace("Concert", "Konz\u00e9rt"), "latin1"), {}, { detail: /no UTF-8/ }),
  turned("writes after the end", (text) => `${text}{}`, {}, { detail: /no JSON/ }),
  turned("writes JSON that is none", (text) => text.replace("{", "{,"), {}, { detail: /no JSON/ }),
  turned(
    "gives members twice",
    (text) => text.replace('{"changes"', '{"changes":[],"head":99,"changes"'),
    {},
    { outcome: "applied", refused: [], counts: { applied: 1 } },
  ),
  failed("asks us to sign in", /no JSON/, respond(200, "<!doctype html><title>Please sign in</title>")),
  failed("wants a key", /wants a key/, respond(401, "", { "www-authenticate": "Basic realm=evil" })),
  {
    name: "pours out more than the limit of every day",
    turns: feedAnswers(respond(200, "", { "content-length": String(2 ** 40) })),
    outcome: "alarm",
    alarm: "unreadable",
    detail: /too large/,
    limits: SMALL,
  },
];
