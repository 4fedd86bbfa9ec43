/** What a site can do to its visitor: one case each, with what must come of the visit. `PORT` in a text is the site's own. */
import type { ServerResponse } from "node:http";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import type { HarvestLimits } from "../../src/federation/harvest/visit.ts";
import type { HarvestFormat } from "../../src/registry/harvests.ts";
import type { Behaviour } from "./hostile-site.ts";

export interface HostileVisit {
  readonly name: string;
  /** What the source's page answers; without it, the good calendar that it answered before. */
  readonly answer?: Behaviour;
  /** As `answer`, given the good calendar's events. */
  readonly shows?: (good: Record<string, unknown>[]) => string | Buffer;
  readonly robots?: Behaviour;
  /** Other paths of the same host. */
  readonly paths?: Readonly<Record<string, Behaviour>>;
  /** Where the source is visited instead. */
  readonly url?: string;
  readonly format?: HarvestFormat;
  /** The site has shown nothing good before, and its robots.txt is not known. */
  readonly fresh?: true;
  /** What the host's name leads to, look-up by look-up, from this visit on. */
  readonly resolves?: readonly string[][];
  readonly limits?: Partial<HarvestLimits>;
  readonly outcome: "taken" | "unchanged" | "failed" | "disallowed" | "postponed" | "suspicious" | "waiting";
  /** What the trouble line must say; absent: there is none. */
  readonly trouble?: RegExp;
  readonly status?: number;
  readonly counts?: object;
  /** Hours until the next visit; the rhythm is six. */
  readonly hours?: number;
}

const SHORT = { timeoutMs: 300 };
/** Bombs and streams are told by their size long before the limit of every day. */
const SMALL = { maxBytes: 512 * 1024 };

const status =
  (code: number, headers: Record<string, string> = {}, body?: string | Buffer): Behaviour =>
  (_request, response) =>
    void response.writeHead(code, headers).end(body);
const ok = (body: string | Buffer, headers: Record<string, string> = {}) =>
  status(200, { "content-type": "application/ld+json", ...headers }, body);
const to = (location: string): Behaviour => {
  return (request, response) =>
    void response.writeHead(302, { location: location.replaceAll("PORT", String(request.socket.localPort)) }).end();
};
/** Bytes on the wire, as no HTTP library would send them. */
const wire =
  (...parts: (string | Buffer)[]): Behaviour =>
  (_request, { socket }) => {
    for (const part of parts) socket!.write(part);
    socket!.end();
  };
/** Writes without an end, as fast as it is read. */
const endless =
  (headers: Record<string, string>, chunk: Buffer): Behaviour =>
  (_request, response) => {
    response.writeHead(200, headers);
    const pour = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", pour);
    pour();
  };
/** A byte every few milliseconds, until the visitor leaves. */
function drip(response: ServerResponse, byte: string): void {
  const timer = setInterval(() => response.write(byte), 20);
  response.on("close", () => clearInterval(timer));
}
const robots = (text: string): Behaviour => status(200, { "content-type": "text/plain" }, text);

const ZEROS = Buffer.alloc(60 * 1024 * 1024);
const MANY_HEADERS = Object.fromEntries(Array.from({ length: 1_500 }, (_, n) => [`x-header-${n}`, "some value"]));

const TIME: HostileVisit[] = [
  { name: "never answers", answer: () => undefined, limits: SHORT, outcome: "failed", trouble: /no complete answer within 0\.3 s/ },
  {
    name: "drips its headers",
    answer: (_request, { socket }) => {
      socket!.write("HTTP/1.1 200 OK\r\n");
      const timer = setInterval(() => socket!.write("x: y\r\n"), 20);
      socket!.on("close", () => clearInterval(timer));
    },
    limits: SHORT,
    outcome: "failed",
    trouble: /no complete answer within/,
  },
  {
    name: "drips its body",
    answer: (_request, response) => drip(response.writeHead(200), " "),
    limits: SHORT,
    outcome: "failed",
    trouble: /no complete answer within/,
  },
  {
    name: "says 103 without an end",
    answer: (_request, response) => {
      const timer = setInterval(() => response.writeEarlyHints({ link: "</a.css>; rel=preload" }), 20);
      response.on("close", () => clearInterval(timer));
    },
    limits: SHORT,
    outcome: "failed",
    trouble: /no complete answer within/,
  },
  { name: "closes before an answer", answer: ({ socket }) => void socket.destroy(), outcome: "failed", trouble: /connection/ },
  { name: "resets before an answer", answer: ({ socket }) => void socket.resetAndDestroy(), outcome: "failed", trouble: /connection/ },
  {
    name: "resets after its headers",
    answer: (_request, response) => void response.writeHead(200).write("[", () => response.socket!.resetAndDestroy()),
    outcome: "failed",
    trouble: /connection/,
  },
  {
    name: "ends in the middle of its body",
    answer: wire("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n[{"),
    outcome: "failed",
    trouble: /connection/,
  },
];

const HTTP: HostileVisit[] = [
  {
    name: "says that its body is shorter than it is",
    answer: wire('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n[{"a":1}]'),
    outcome: "failed",
    trouble: /JSON/,
  },
  {
    name: "says two lengths",
    answer: wire("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n[]"),
    outcome: "failed",
    trouble: /does not speak HTTP/,
  },
  {
    name: "sends broken chunks",
    answer: wire("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n[]\r\n"),
    outcome: "failed",
    trouble: /does not speak HTTP|connection/,
  },
  { name: "does not speak HTTP", answer: wire("220 mail.example ESMTP ready\r\n"), outcome: "failed", trouble: /does not speak HTTP/ },
  {
    name: "has a NUL in a header",
    answer: wire("HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 2\r\n\r\n[]"),
    outcome: "failed",
    trouble: /does not speak HTTP/,
  },
  {
    name: "wants another protocol",
    answer: wire("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"),
    outcome: "failed",
    trouble: /another protocol/,
  },
  { name: "has a huge header", answer: ok("[]", { "x-huge": "x".repeat(40_000) }), outcome: "failed", trouble: /headers are larger/ },
  { name: "has very many headers", answer: ok("[]", MANY_HEADERS), outcome: "failed", trouble: /headers are larger/ },
  { name: "has a plain port where TLS was asked for", url: "https://HOST:PORT/events", outcome: "failed", trouble: /connection/ },
];

const STATUS: HostileVisit[] = [
  { name: "answers 304 to what we know", answer: status(304), outcome: "unchanged", status: 304 },
  { name: "answers 304 with a body", answer: wire("HTTP/1.1 304 Not Modified\r\n\r\n[]"), outcome: "unchanged", status: 304 },
  { name: "answers 304 although nothing was asked", answer: status(304), fresh: true, outcome: "failed", status: 304, trouble: /304/ },
  {
    name: "answers 429 for two hours",
    answer: status(429, { "retry-after": "7200" }),
    outcome: "postponed",
    status: 429,
    trouble: /429.*patience/,
    hours: 6,
  },
  {
    name: "answers 429 for nine hours",
    answer: status(429, { "retry-after": "32400" }),
    outcome: "postponed",
    status: 429,
    trouble: /429/,
    hours: 9,
  },
  {
    name: "answers 429 until a date",
    answer: status(429, { "retry-after": "Fri, 31 Dec 2049 23:59:59 GMT" }),
    outcome: "postponed",
    status: 429,
    trouble: /429/,
    hours: 24,
  },
  {
    name: "answers 429 for ever",
    answer: status(429, { "retry-after": "99999999999999999999" }),
    outcome: "postponed",
    status: 429,
    trouble: /429/,
    hours: 24,
  },
  {
    name: "answers 429 with nonsense",
    answer: status(429, { "retry-after": "soon" }),
    outcome: "postponed",
    status: 429,
    trouble: /429/,
    hours: 6,
  },
  {
    name: "answers 429 for less than nothing",
    answer: status(429, { "retry-after": "-5" }),
    outcome: "postponed",
    status: 429,
    trouble: /429/,
    hours: 6,
  },
  {
    name: "answers 503 for a while",
    answer: status(503, { "retry-after": "60" }),
    outcome: "postponed",
    status: 503,
    trouble: /503/,
    hours: 6,
  },
  { name: "answers 503", answer: status(503), outcome: "failed", status: 503, trouble: /503/ },
  { name: "answers 500", answer: status(500, {}, "Traceback"), outcome: "failed", status: 500, trouble: /500/ },
  { name: "answers 502", answer: status(502), outcome: "failed", status: 502, trouble: /502/ },
  { name: "answers 404", answer: status(404), outcome: "failed", status: 404, trouble: /404/ },
  { name: "answers 410", answer: status(410), outcome: "failed", status: 410, trouble: /410/ },
  { name: "answers 401", answer: status(401, { "www-authenticate": "Basic" }), outcome: "failed", status: 401, trouble: /401/ },
  { name: "answers 204", answer: status(204), outcome: "failed", status: 204, trouble: /204/ },
  {
    name: "answers 206 with a part",
    answer: status(206, { "content-range": "bytes 0-1/100" }, "[]"),
    outcome: "failed",
    status: 206,
    trouble: /206/,
  },
  { name: "redirects nowhere", answer: status(302), outcome: "failed", status: 302, trouble: /302/ },
];

const REDIRECTS: HostileVisit[] = [
  {
    name: "redirects three times",
    answer: to("/1"),
    paths: { "/1": to("/2"), "/2": to("/3"), "/3": ok("[]") },
    fresh: true,
    outcome: "taken",
    counts: { found: 0 },
  },
  {
    name: "redirects four times",
    answer: to("/1"),
    paths: { "/1": to("/2"), "/2": to("/3"), "/3": to("/4"), "/4": ok("[]") },
    outcome: "failed",
    trouble: /redirects more than 3 times/,
  },
  { name: "redirects to itself", answer: to("/events"), outcome: "failed", trouble: /redirects more than 3 times/ },
  { name: "redirects to what is no URL", answer: to("http://[::1"), outcome: "failed", trouble: /no URL/ },
  {
    name: "redirects to a host whose robots.txt says no",
    answer: to("http://closed.example:PORT/events"),
    outcome: "disallowed",
    trouble: /closed\.example/,
  },
  ...[
    "http://127.0.0.1:PORT/",
    "http://127.1:PORT/",
    "http://2130706433:PORT/",
    "http://0x7f000001:PORT/",
    "http://0177.0.0.1:PORT/",
    "http://127.0.0.3:PORT/",
    "http://localhost:PORT/",
    "http://0.0.0.0:PORT/",
    "http://[::1]:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::ffff:7f00:1]:PORT/",
    "http://[64:ff9b::7f00:1]:PORT/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://100.64.0.1/",
    "http://[fe80::1]/",
    "http://[fd00:ec2::254]/",
    "http://user:secret@127.0.0.1:PORT/",
    "https://127.0.0.1:PORT/",
  ].map((location): HostileVisit => ({
    name: `redirects to ${location}`,
    answer: to(location),
    outcome: "failed",
    trouble: /is not dialled|user's name/,
  })),
  ...["file:///etc/passwd", "ftp://127.0.0.1:PORT/", "gopher://127.0.0.1:PORT/_GET", "data:application/json,[]", "javascript:alert(1)"].map(
    (location): HostileVisit => ({
      name: `redirects to ${location}`,
      answer: to(location),
      outcome: "failed",
      trouble: /only http and https/,
    }),
  ),
];

const NAMES: HostileVisit[] = [
  { name: "has moved to this machine", resolves: [["127.0.0.1"]], outcome: "failed", trouble: /127\.0\.0\.1 is not dialled/ },
  {
    name: "has a private address beside its public one",
    resolves: [["127.0.0.2", "10.0.0.1"]],
    outcome: "failed",
    trouble: /10\.0\.0\.1 is not dialled/,
  },
  {
    name: "has another address after its robots.txt",
    fresh: true,
    resolves: [["127.0.0.2"], ["127.0.0.1"]],
    outcome: "failed",
    trouble: /not dialled/,
  },
  {
    name: "has another address after a redirect",
    answer: to("/again"),
    resolves: [["127.0.0.2"], ["::ffff:127.0.0.1"]],
    outcome: "failed",
    trouble: /not dialled/,
  },
  { name: "has no address any more", resolves: [[]], outcome: "failed", trouble: /has no address/ },
  { name: "is at a forbidden address by itself", url: "http://127.0.0.1:PORT/", outcome: "failed", trouble: /not dialled/ },
];

const SIZE: HostileVisit[] = [
  {
    name: "is a gzip bomb",
    answer: ok(gzipSync(ZEROS), { "content-encoding": "gzip" }),
    outcome: "failed",
    trouble: /grows more than 100-fold/,
  },
  {
    name: "is a brotli bomb",
    answer: ok(brotliCompressSync(ZEROS), { "content-encoding": "br" }),
    outcome: "failed",
    trouble: /grows more than 100-fold/,
  },
  {
    name: "is a deflate bomb",
    answer: ok(deflateSync(ZEROS), { "content-encoding": "deflate" }),
    outcome: "failed",
    trouble: /coding "deflate" is not understood/,
  },
  {
    name: "is gzip within gzip",
    answer: ok(gzipSync(gzipSync(ZEROS)), { "content-encoding": "gzip, gzip" }),
    outcome: "failed",
    trouble: /is not understood/,
  },
  { name: "says gzip and is none", answer: ok("[]", { "content-encoding": "gzip" }), outcome: "failed", trouble: /no sound gzip/ },
  {
    name: "is half a gzip",
    answer: ok(gzipSync("[1, 2, 3]").subarray(0, 20), { "content-encoding": "gzip" }),
    outcome: "failed",
    trouble: /no sound gzip/,
  },
  {
    name: "streams without an end",
    answer: endless({}, Buffer.alloc(64 * 1024, " ")),
    limits: SMALL,
    outcome: "failed",
    trouble: /larger than 524288 bytes/,
  },
  {
    name: "announces two gigabytes",
    answer: wire("HTTP/1.1 200 OK\r\ncontent-length: 2147483648\r\n\r\n["),
    outcome: "failed",
    trouble: /larger than/,
  },
];

const BODY: HostileVisit[] = [
  { name: "is empty", answer: ok(""), outcome: "failed", trouble: /empty/i },
  {
    name: "is an HTML page of an error",
    answer: status(200, { "content-type": "text/html" }, "<!doctype html><h1>Not found</h1>"),
    outcome: "failed",
    trouble: /JSON|HTML/,
  },
  { name: "is a PNG", answer: ok(Buffer.from("89504e470d0a1a0a0000000d49484452", "hex")), outcome: "failed", trouble: /./ },
  { name: "is full of NULs", answer: ok(Buffer.alloc(5_000)), outcome: "failed", trouble: /./ },
  { name: "is cut off in the middle", shows: (good) => JSON.stringify(good).slice(0, -20), outcome: "failed", trouble: /JSON/ },
  { name: "is a number", answer: ok("42"), outcome: "taken", trouble: /cannot be read/, counts: { rejected: 1, withdrawn: 0 } },
  {
    name: "is nested ever deeper",
    answer: ok("[".repeat(200_000) + "]".repeat(200_000)),
    outcome: "failed",
    trouble: /32 levels of nesting/,
  },
  {
    name: "is an object nested ever deeper",
    answer: ok('{"a":'.repeat(50_000) + "1" + "}".repeat(50_000)),
    outcome: "failed",
    trouble: /./,
  },
  { name: "is JSON where a calendar was", format: "ics", shows: (good) => JSON.stringify(good), outcome: "failed", trouble: /./ },
  {
    name: "is a calendar that does not end",
    format: "ics",
    answer: ok("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\n"),
    outcome: "failed",
    trouble: /./,
  },
  {
    name: "is a page without any event",
    format: "html",
    answer: status(200, { "content-type": "text/html" }, "<p>Closed for the season.</p>"),
    outcome: "failed",
    trouble: /./,
  },
  {
    name: "is right but bears a wrong type",
    shows: (good) => JSON.stringify(good),
    answer: status(200, { "content-type": "image/png" }),
    outcome: "unchanged",
  },
  {
    name: "begins with a byte order mark",
    shows: (good) => `\ufeff${JSON.stringify(good)}`,
    outcome: "taken",
    counts: { found: 2, rejected: 0, missing: 0 },
  },
  {
    name: "is Latin-1 and says UTF-8",
    shows: (good) => Buffer.from(JSON.stringify([{ ...good[0], name: "Fête de la musique" }]), "latin1"),
    outcome: "failed",
    trouble: /UTF-8/,
  },
  {
    name: "has one bad event among good ones",
    shows: (good) => JSON.stringify([...good, { ...good[0], "@id": "https://source.example/bad", startDate: "someday" }]),
    outcome: "taken",
    counts: { found: 3, rejected: 1, missing: 0 },
  },
  {
    name: "has an event that is a string",
    shows: (good) => JSON.stringify([...good, "an event"]),
    outcome: "taken",
    counts: { missing: 0 },
  },
  {
    name: "has one id many times",
    shows: (good) =>
      JSON.stringify(Array.from({ length: 50 }, (_, n) => ({ ...good[0], name: `Version ${n}` })).concat(good.slice(1) as never)),
    outcome: "taken",
    counts: { found: 51, updated: 1, rejected: 49, missing: 0 },
  },
  {
    name: "claims our own addresses",
    shows: (good) => JSON.stringify([...good, { ...good[0], "@id": "https://node.example/events/01JQ0000000000000000000000" }]),
    outcome: "taken",
    counts: { found: 3, rejected: 1, missing: 0 },
  },
  {
    name: "names a context at a private address",
    shows: (good) => JSON.stringify(good.map((one) => ({ ...one, "@context": "http://127.0.0.1:PORT/context.json" }))),
    outcome: "taken",
    trouble: /most of them cannot be read/,
    counts: { found: 2, rejected: 2, missing: 0 },
  },
  {
    name: "has a prototype in it",
    shows: (good) => JSON.stringify(good).replace('"name"', '"__proto__":{"polluted":true},"name"'),
    outcome: "taken",
    counts: { found: 2, rejected: 1, missing: 1 },
  },
  {
    name: "has a name of a megabyte",
    shows: (good) => JSON.stringify([...good, { ...good[0], "@id": "https://source.example/long", name: "x".repeat(1_000_000) }]),
    outcome: "taken",
    counts: { found: 3, rejected: 1, missing: 0 },
  },
  {
    name: "has half a surrogate in a name",
    shows: (good) => JSON.stringify([...good, { ...good[0], "@id": "https://source.example/half", name: "half \ud800 pair" }]),
    outcome: "taken",
    counts: { missing: 0 },
  },
];

const ROBOTS: HostileVisit[] = [
  { name: "forbids all", robots: robots("User-agent: *\nDisallow: /"), outcome: "disallowed", trouble: /does not let us visit \/events/ },
  {
    name: "forbids us",
    robots: robots("User-agent: *\nAllow: /\n\nUser-agent: calends\nDisallow: /ev*s$"),
    outcome: "disallowed",
    trouble: /does not let us visit/,
  },
  { name: "forbids others", robots: robots("User-agent: GPTBot\nDisallow: /\n"), outcome: "unchanged" },
  { name: "forbids what lies around it", robots: robots("User-agent: *\nDisallow: /\nAllow: /events"), outcome: "unchanged" },
  { name: "has a robots.txt that fails, after one that did not", robots: status(500), outcome: "unchanged" },
  { name: "has a robots.txt that fails", robots: status(500), fresh: true, outcome: "disallowed", trouble: /robots\.txt.*it answered 500/ },
  {
    name: "has a robots.txt that asks for patience",
    robots: status(503, { "retry-after": "3600" }),
    fresh: true,
    outcome: "postponed",
    status: 503,
    trouble: /503/,
  },
  { name: "keeps its robots.txt to itself", robots: status(403), fresh: true, outcome: "taken", counts: { found: 2 } },
  {
    name: "has a page for a robots.txt",
    robots: status(200, { "content-type": "text/html" }, "<html>Disallow: /</html>"),
    fresh: true,
    outcome: "taken",
  },
  {
    name: "has a robots.txt of two megabytes",
    robots: robots("User-agent: *\nDisallow: /\n" + "# padding\n".repeat(200_000)),
    fresh: true,
    outcome: "disallowed",
    trouble: /does not let us/,
  },
  {
    name: "has a robots.txt without an end",
    robots: endless({ "content-type": "text/plain" }, Buffer.alloc(64 * 1024, "#")),
    fresh: true,
    outcome: "disallowed",
    trouble: /larger than/,
  },
  {
    name: "has a robots.txt that is a bomb",
    robots: status(200, { "content-encoding": "gzip" }, gzipSync(ZEROS)),
    fresh: true,
    outcome: "disallowed",
    trouble: /100-fold|larger/,
  },
  {
    name: "has a robots.txt that never comes",
    robots: () => undefined,
    limits: SHORT,
    fresh: true,
    outcome: "failed",
    trouble: /no complete answer/,
  },
  {
    name: "has a robots.txt that redirects to this machine",
    robots: to("http://127.0.0.1:PORT/robots.txt"),
    fresh: true,
    outcome: "failed",
    trouble: /not dialled/,
  },
  { name: "has a robots.txt that redirects for ever", robots: to("/robots.txt"), fresh: true, outcome: "taken", counts: { found: 2 } },
  { name: "wants half a minute between two requests", robots: robots("User-agent: *\nCrawl-delay: 30\n"), fresh: true, outcome: "waiting" },
];

export const HOSTILE_VISITS: readonly HostileVisit[] = [...TIME, ...HTTP, ...STATUS, ...REDIRECTS, ...NAMES, ...SIZE, ...BODY, ...ROBOTS];
