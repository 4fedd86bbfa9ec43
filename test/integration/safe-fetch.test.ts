/**
 * The safe client against real sockets. A trap listens on every address of this machine: whatever is forbidden would
 * end there. 127.0.0.2 plays the public internet, for it stands on the allow-list; nothing else is let in.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createRawServer, type AddressInfo, type Server, type Socket } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  createSafeFetch,
  SafeFetchError,
  whyNotTarget,
  type FetchRequest,
  type SafeFetchOptions,
} from "../../src/federation/safe-fetch.ts";

const PUBLIC = "127.0.0.2";
const AGENT = "Calends/0.1 (+https://node.example)";

/** What the server at the public address does, by path. */
type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;
const paths = new Map<string, Behaviour>();
const heard: IncomingMessage[] = [];
const sprung: string[] = [];

const server = createServer((request, response) => {
  heard.push(request);
  const behaviour = paths.get(request.url!.split("?")[0]!);
  if (behaviour === undefined) response.writeHead(404).end();
  else behaviour(request, response);
});
// Port 0 twice would be two ports, and a port that is free at one address need not be so at another: one door for all of them.
const door = createRawServer({ allowHalfOpen: true }, (socket) => {
  const address = socket.localAddress!.replace("::ffff:", "");
  if (address === PUBLIC) return void server.emit("connection", socket);
  sprung.push(address);
  socket.end("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nSECRET");
});
let port: number;

/** At any free port, which it resolves with. */
const listen = (on: Server, host: string) =>
  new Promise<number>((done, failed) => {
    on.once("error", failed).listen(0, host, () => done((on.address() as AddressInfo).port));
  });
beforeAll(async () => void (port = await listen(door, "::")));
afterAll(() => void door.close());
beforeEach(() => {
  paths.clear();
  heard.length = sprung.length = 0;
});

const publicly = (options: Partial<SafeFetchOptions> = {}) => createSafeFetch({ allow: [PUBLIC], userAgent: AGENT, ...options });
const at = (path: string) => `http://${PUBLIC}:${port}${path}`;
const serve = (path: string, behaviour: Behaviour) => {
  paths.set(path, behaviour);
  return at(path);
};
async function refusal(url: string, request?: FetchRequest, fetch = publicly()): Promise<SafeFetchError> {
  try {
    await fetch(url, request);
  } catch (error) {
    if (error instanceof SafeFetchError) return error;
    throw error;
  }
  throw new Error(`${url} was fetched.`);
}

describe("what is let in", () => {
  test("is fetched, decoded, and told who asks", async () => {
    const url = serve("/page", (_request, response) => {
      response.writeHead(200, { "content-type": "text/plain", "content-encoding": "gzip", "set-cookie": ["a=1", "b=2"] });
      response.end(gzipSync("good day"));
    });
    const answer = await publicly()(url, { headers: { Accept: "text/plain", "User-Agent": "Mozilla/5.0" } });
    expect({ ...answer, body: answer.body.toString() }).toMatchObject({ status: 200, url, body: "good day" });
    expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(heard[0]!.headers).toMatchObject({ "user-agent": AGENT, accept: "text/plain", host: `${PUBLIC}:${port}` });
  });

  test.each([
    ["brotli", "br", brotliCompressSync("good day"), "good day"],
    ["no coding", "identity", Buffer.from("good day"), "good day"],
    ["an empty body under a coding", "gzip", Buffer.alloc(0), ""],
  ])("with %s", async (_name, coding, body, text) => {
    const url = serve("/coded", (_request, response) => response.writeHead(200, { "content-encoding": coding }).end(body));
    expect((await publicly()(url)).body.toString()).toBe(text);
  });

  test("a 304 and the answer of a HEAD have no body, whatever their headers say", async () => {
    const url = serve("/same", (request, response) =>
      response
        .writeHead(request.method === "HEAD" ? 200 : 304, {
          "content-encoding": "gzip",
          ...(request.method === "HEAD" && { "content-length": "99999999999" }),
        })
        .end(),
    );
    expect(await publicly()(url)).toMatchObject({ status: 304, body: Buffer.alloc(0) });
    expect(await publicly()(url, { method: "HEAD" })).toMatchObject({ status: 200, body: Buffer.alloc(0) });
  });

  test("a body is sent with its length", async () => {
    const got: string[] = [];
    const url = serve("/hook", (request, response) => {
      request.on("data", (chunk) => got.push(String(chunk))).on("end", () => response.writeHead(204).end());
    });
    expect((await publicly()(url, { method: "POST", body: "é" })).status).toBe(204);
    expect([got.join(""), heard[0]!.headers["content-length"]]).toEqual(["é", "2"]);
  });

  test("a host by name and port, whatever it resolves to", async () => {
    serve("/", (_request, response) => response.end("intranet"));
    const resolve = () => Promise.resolve([{ address: PUBLIC, family: 4 }]);
    const named = publicly({ allow: [`intranet.example:${port}`], resolve });
    expect((await named(`http://intranet.example:${port}/`)).body.toString()).toBe("intranet");
    expect((await refusal(`http://other.example:${port}/`, {}, named)).fault).toBe("address");
  });

  test("the caller's own abort is passed on as it is", async () => {
    const stop = new AbortController();
    const url = serve("/slow", () => stop.abort(new Error("enough")));
    await expect(publicly()(url, { signal: stop.signal })).rejects.toThrow("enough");
  });
});

/** Every spelling of somewhere forbidden that we could think of; `PORT` is the trap's. */
const HOSTILE = [
  "http://127.0.0.1:PORT/",
  "http://127.0.0.3:PORT/",
  "http://127.1:PORT/",
  "http://127.0.1:PORT/",
  "http://2130706433:PORT/",
  "http://0x7f000001:PORT/",
  "http://0x7F.0.0.1:PORT/",
  "http://0x7f.0x0.0x0.0x1:PORT/",
  "http://0177.0.0.1:PORT/",
  "http://0177.0.0.01:PORT/",
  "http://017700000001:PORT/",
  "http://00000177.1:PORT/",
  "http://0x7f.1:PORT/",
  "http://127.0.0.1.:PORT/",
  "http://0:PORT/",
  "http://0.0.0.0:PORT/",
  "http://0x0:PORT/",
  "http://00:PORT/",
  "http://１２７.０.０.１:PORT/",
  "http://①②⑦.⓪.⓪.①:PORT/",
  "http://127。0。0。1:PORT/",
  "http://%31%32%37.0.0.1:PORT/",
  "http:127.0.0.1:PORT/",
  "http:\\\\127.0.0.1:PORT/",
  "http:///127.0.0.1:PORT/",
  " \thttp://127.0.0.1:PORT/",
  "ht\ntp://127.0.0.1:PORT/",
  "HTTP://127.0.0.1:PORT/",
  "https://127.0.0.1:PORT/",
  "http://localhost:PORT/",
  "http://localhost.:PORT/",
  "http://LOCALHOST:PORT/",
  "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/",
  "http://[::1]:PORT/",
  "http://[0:0:0:0:0:0:0:1]:PORT/",
  "http://[0000::0001]:PORT/",
  "http://[::]:PORT/",
  "http://[::ffff:127.0.0.1]:PORT/",
  "http://[::ffff:7f00:1]:PORT/",
  "http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/",
  "http://[::ffff:0.0.0.0]:PORT/",
  "http://[::127.0.0.1]:PORT/",
  "http://[64:ff9b::127.0.0.1]:PORT/",
  "http://[64:ff9b:1::127.0.0.1]:PORT/",
  "http://[2002:7f00:1::]:PORT/",
  "http://[2001:0:7f00:1::]:PORT/",
  "http://[fe80::1]:PORT/",
  "http://[fc00::1]:PORT/",
  "http://[fd00:ec2::254]/latest/meta-data/",
  "http://[ff02::1]:PORT/",
  "http://169.254.169.254/latest/meta-data/",
  "http://0xa9fea9fe/latest/meta-data/",
  "http://2852039166/latest/meta-data/",
  "http://[::ffff:a9fe:a9fe]/latest/meta-data/",
  "http://168.63.129.16/machine",
  "http://100.100.100.200/latest/meta-data/",
  "http://192.0.0.192/opc/v2/",
  "http://10.0.0.1:PORT/",
  "http://012.0.0.1:PORT/",
  "http://172.16.0.1:PORT/",
  "http://192.168.1.1:PORT/",
  "http://100.64.0.1:PORT/",
  "http://198.18.0.1:PORT/",
  "http://192.0.2.1:PORT/",
  "http://224.0.0.1:PORT/",
  "http://255.255.255.255:PORT/",
  "http://nobody@127.0.0.1:PORT/",
  "http://public.example@127.0.0.1:PORT/",
  "http://public.example:80@127.0.0.1:PORT/",
  "http://user:secret@127.0.0.2:PORT/",
  "http://127.0.0.2:PORT@127.0.0.1:PORT/",
  "http://127.0.0.1:PORT#@127.0.0.2:PORT/",
  "http://127.0.0.1:PORT\\@127.0.0.2:PORT/",
  "http://[::1%25lo]:PORT/",
  "http://[::1]@127.0.0.1:PORT/",
  "file:///etc/passwd",
  "ftp://127.0.0.1:PORT/",
  "gopher://127.0.0.1:PORT/_GET",
  "data:text/plain,hello",
  "unix:/var/run/docker.sock",
  "javascript:alert(1)",
  "//127.0.0.1:PORT/",
  "127.0.0.1:PORT",
  "http://",
  "",
];

describe("what is forbidden is never dialled", () => {
  test("the table is long enough, and the trap is sharp", async () => {
    expect(new Set(HOSTILE).size).toBeGreaterThanOrEqual(60);
    await createSafeFetch({ allow: ["127.0.0.0/8", "::1"], userAgent: AGENT })(`http://127.0.0.1:${port}/`);
    await createSafeFetch({ allow: ["127.0.0.0/8", "::1"], userAgent: AGENT })(`http://[::1]:${port}/`);
    expect(sprung).toEqual(["127.0.0.1", "::1"]);
  });

  test.each(HOSTILE)("%j", async (spelling) => {
    const { fault, message } = await refusal(spelling.replaceAll("PORT", String(port)), { timeoutMs: 5_000 });
    // Not every system knows "localhost." with its dot.
    expect(["url", "address", ...(spelling.includes("localhost.") ? ["name"] : [])]).toContain(fault);
    expect(message).not.toMatch(/\n|secret/);
    expect(sprung).toEqual([]);
  });

  // As a Location, what is no URL of its own is a path at the server that said so.
  test.each(HOSTILE)("as a redirect: %j", async (spelling) => {
    const location = Buffer.from(spelling.replaceAll("PORT", String(port)).replaceAll("\n", "")).toString("latin1");
    serve("/away", (_request, response) => response.writeHead(302, { location }).end());
    const outcome = await publicly()(at("/away"), { timeoutMs: 5_000 }).then(
      (answer) => (answer.url.startsWith(at("/")) ? "stayed" : answer.url),
      (error: SafeFetchError) => error.fault,
    );
    expect(["url", "address", "name", "redirects", "stayed"]).toContain(outcome);
    expect(sprung).toEqual([]);
  });

  test("a name that resolves to the machine itself, or to a private address beside a public one", async () => {
    for (const addresses of [["127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], [PUBLIC, "127.0.0.1"], ["10.0.0.1"], ["not an address"]]) {
      const resolve = () => Promise.resolve(addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })));
      const { fault, message } = await refusal(`http://evil.example:${port}/`, {}, publicly({ resolve }));
      expect([fault, message]).toEqual(["address", expect.stringContaining(`${addresses.at(-1)} is not dialled: `)]);
    }
    expect(sprung).toEqual([]);
  });

  test("a name whose second answer is another: each connection dials what was judged for it", async () => {
    const answers = [PUBLIC, "127.0.0.1", "127.0.0.1"];
    const resolve = () => Promise.resolve([{ address: answers.shift()!, family: 4 }]);
    const fetch = publicly({ resolve });
    serve("/first", (_request, response) => response.writeHead(302, { location: "/second" }).end());
    expect((await refusal(`http://rebinds.example:${port}/first`, {}, fetch)).fault).toBe("address");
    expect((await refusal(`http://rebinds.example:${port}/first`, {}, fetch)).fault).toBe("address");
    expect([heard.length, sprung, answers]).toEqual([1, [], []]);
  });

  test("a name without an address, and one that nobody knows", async () => {
    const nowhere = publicly({ resolve: () => Promise.resolve([]) });
    expect((await refusal(`http://nowhere.example:${port}/`, {}, nowhere)).fault).toBe("name");
    const unknown = publicly({ resolve: () => Promise.reject(Object.assign(new Error("ENOTFOUND"), { code: "ENOTFOUND" })) });
    expect((await refusal(`http://unknown.example:${port}/`, {}, unknown)).message).toBe(
      `http://unknown.example:${port}/: unknown.example was not found.`,
    );
  });

  test("nor is a proxy that the environment names", async () => {
    process.env["HTTP_PROXY"] = process.env["http_proxy"] = `http://127.0.0.1:${port}`;
    process.env["NODE_USE_ENV_PROXY"] = "1";
    try {
      serve("/direct", (_request, response) => response.end("direct"));
      expect((await publicly()(at("/direct"))).body.toString()).toBe("direct");
      expect(sprung).toEqual([]);
    } finally {
      for (const name of ["HTTP_PROXY", "http_proxy", "NODE_USE_ENV_PROXY"]) delete process.env[name];
    }
  });

  test("a URL can be judged before it is kept", () => {
    expect(whyNotTarget("http://169.254.169.254/")).toBe("169.254.169.254 is not dialled: link-local (cloud metadata lives there)");
    expect(whyNotTarget("ftp://public.example/")).toBe("ftp: is not fetched: only http and https are");
    expect(whyNotTarget("https://public.example/hook?a=b")).toBeUndefined();
    expect(whyNotTarget("http://127.0.0.1:9/", ["127.0.0.1:9"])).toBeUndefined();
    expect(whyNotTarget("http://a.localhost:9/")).toBe("a.localhost is not dialled: loopback");
    for (const allowed of ["localhost:9", "127.0.0.0/8", "::1"]) expect(whyNotTarget("http://localhost:9/", [allowed])).toBeUndefined();
  });
});

describe("redirects", () => {
  const chain = (length: number) => {
    for (let n = 0; n < length; n++) serve(`/${n}`, (_request, response) => response.writeHead(301, { location: `/${n + 1}` }).end());
    return serve(`/${length}`, (_request, response) => response.end("there"));
  };

  test("three are followed, a fourth is not", async () => {
    const end = chain(4);
    expect(await publicly()(at("/1"))).toMatchObject({ url: end, body: Buffer.from("there") });
    expect((await refusal(at("/0"))).reason).toBe("it redirects more than 3 times");
  });

  test("a loop ends", async () => {
    const url = serve("/loop", (_request, response) => response.writeHead(307, { location: "/loop" }).end());
    expect((await refusal(url)).fault).toBe("redirects");
    expect(heard).toHaveLength(4);
  });

  test("with none wanted, a redirect is an answer", async () => {
    expect(chain(1)).toBe(at("/1"));
    expect((await publicly()(at("/0"), { maxRedirects: 0 })).status).toBe(301);
    expect(heard).toHaveLength(1);
  });

  test.each([
    [301, "GET", undefined],
    [302, "GET", undefined],
    [303, "GET", undefined],
    [307, "POST", "application/json"],
    [308, "POST", "application/json"],
  ])("a POST goes on after a %i as %s", async (status, method, type) => {
    serve("/from", (request, response) => request.resume().on("end", () => response.writeHead(status, { location: "/to" }).end()));
    serve("/to", (request, response) => request.resume().on("end", () => response.end()));
    await publicly()(at("/from"), { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
    expect([heard[1]!.method, heard[1]!.headers["content-type"]]).toEqual([method, type]);
  });

  test("another origin is not told what was meant for the first", async () => {
    const resolve = () => Promise.resolve([{ address: PUBLIC, family: 4 }]);
    serve("/from", (_request, response) => response.writeHead(302, { location: `http://other.example:${port}/to` }).end());
    serve("/to", (_request, response) => response.end());
    const headers = { Authorization: "Bearer secret", Cookie: "a=1", Accept: "text/calendar", "webhook-signature": "v1,abc" };
    await publicly({ resolve })(`http://one.example:${port}/from`, { headers });
    expect(heard[0]!.headers).toMatchObject({ authorization: "Bearer secret" });
    expect(heard[1]!.headers).toEqual({
      accept: "text/calendar",
      "accept-encoding": "gzip, br",
      "user-agent": AGENT,
      host: `other.example:${port}`,
      connection: "close",
    });
  });
});

describe("what is too much is given up", () => {
  const endless = (response: ServerResponse, chunk: Buffer) => {
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", more);
    more();
  };

  test("an endless body", async () => {
    const url = serve("/endless", (_request, response) => endless(response.writeHead(200), Buffer.alloc(65_536, "x")));
    expect((await refusal(url, { maxBytes: 100_000 })).reason).toBe("its body is larger than 100000 bytes");
  });

  test("a length that is too large is believed; one that is too small helps nobody", async () => {
    const large = serve("/large", (_request, response) => response.writeHead(200, { "content-length": "2000000000" }).write("x"));
    expect((await refusal(large)).fault).toBe("size");
    const just = serve("/just", (_request, response) => response.end("12345"));
    expect((await publicly()(just, { maxBytes: 5 })).body.toString()).toBe("12345");
    expect((await refusal(just, { maxBytes: 4 })).fault).toBe("size");
  });

  test.each([
    ["gzip", gzipSync(Buffer.alloc(50_000_000))],
    ["br", brotliCompressSync(Buffer.alloc(50_000_000))],
  ])("a bomb of %s, by its ratio and by its size", async (coding, bomb) => {
    const url = serve("/bomb", (_request, response) => response.writeHead(200, { "content-encoding": coding }).end(bomb));
    expect((await refusal(url, { maxBytes: 1e9 })).reason).toBe("its body grows more than 100-fold when decoded");
    expect((await refusal(url, { maxBytes: 200_000 })).fault).toBe("size");
  });

  test("a repetitive page of decent size is no bomb", async () => {
    const page = Buffer.alloc(200_000, "same ");
    const url = serve("/same", (_request, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(page)));
    expect((await publicly()(url)).body).toEqual(page);
  });

  test.each<[string, Behaviour]>([
    ["no answer at all", () => {}],
    ["headers, and then nothing", (_request, response) => response.writeHead(200).flushHeaders()],
    ["a body that stops half-way", (_request, response) => void response.writeHead(200, { "content-length": "100" }).write("half")],
  ])("%s", async (_name, behaviour) => {
    const { fault, reason } = await refusal(serve("/slow", behaviour), { timeoutMs: 300 });
    expect([fault, reason]).toEqual(["time", "no complete answer within 0.3 s"]);
  });

  test("time is counted over all hops", async () => {
    const url = serve("/from", (_request, response) => response.writeHead(302, { location: "/to" }).end());
    serve("/to", () => {});
    expect((await refusal(url, { timeoutMs: 1_000 })).message).toBe(`${at("/to")}: no complete answer within 1 s.`);
  });

  test("a resolver that never answers", async () => {
    const fetch = publicly({ resolve: () => new Promise(() => {}) });
    expect((await refusal("http://slow.example/", { timeoutMs: 200 }, fetch)).fault).toBe("time");
  });
});

describe("what is broken is named", () => {
  /** A server that says just this, once per connection, byte by byte when `slowly`. */
  async function saying(text: string, work: (url: string) => Promise<void>, then: (socket: Socket) => void = (socket) => socket.end()) {
    const raw = createRawServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.once("data", () => {
        socket.write(text);
        then(socket);
      });
    });
    const its = await listen(raw, PUBLIC);
    try {
      await work(`http://${PUBLIC}:${its}/`);
    } finally {
      raw.close();
    }
  }

  test.each([
    ["no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", "answer", "it does not speak HTTP"],
    ["headers of 20 kB", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(20_000)}\r\n\r\n`, "answer", "its headers are larger than 16384 bytes"],
    ["a body cut off", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", "connection", "the connection failed (ECONNRESET)"],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nhalf!", "answer", "it does not speak HTTP"],
    ["nothing", "", "connection", "the connection failed (ECONNRESET)"],
    ["an unknown coding", "HTTP/1.1 200 OK\r\ncontent-encoding: exi\r\n\r\nxxxx", "answer", 'its coding "exi" is not understood'],
    ["two codings", "HTTP/1.1 200 OK\r\ncontent-encoding: gzip, gzip\r\n\r\nx", "answer", 'its coding "gzip, gzip" is not understood'],
    ["what only claims to be gzip", "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\nplain text", "answer", "its body is no sound gzip"],
    [
      "a redirect to no URL",
      "HTTP/1.1 302 Found\r\nlocation: http://[:::1]/\r\n\r\n",
      "url",
      expect.stringMatching(/^it is no URL \(http:\S+ redirects there\)$/),
    ],
    [
      "a change of protocol",
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
      "answer",
      "it wants another protocol",
    ],
  ])("%s", async (_name, text, fault, reason) => {
    await saying(text, async (url) => {
      expect(await refusal(url, { timeoutMs: 5_000 })).toMatchObject({ fault, reason });
    });
  });

  test("headers without an end are bounded by size, whatever the time", async () => {
    const more = (socket: Socket) => {
      while (!socket.destroyed && socket.write(`x: ${"y".repeat(1000)}\r\n`));
      socket.once("drain", () => more(socket));
    };
    await saying("HTTP/1.1 200 OK\r\n", async (url) => expect((await refusal(url)).fault).toBe("answer"), more);
  });

  test("a port where nobody listens", async () => {
    expect(await refusal(`http://${PUBLIC}:1/`)).toMatchObject({ fault: "connection", reason: "the connection failed (ECONNREFUSED)" });
  });

  test("a server that speaks no TLS", async () => {
    expect((await refusal(`https://${PUBLIC}:${port}/`)).fault).toBe("connection");
  });

  test("a malformed allow-list is refused at start", () => {
    expect(() => createSafeFetch({ allow: ["10.0.0.0/40"], userAgent: AGENT })).toThrow('"10.0.0.0/40" is no entry of an allow-list');
  });
});
