/**
 * A web site that does as a test says, on an address that plays the public internet, and a trap on every address of this
 * machine that nobody may dial. Names end in .example and lead to the site, unless the test says otherwise.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createRawServer, type AddressInfo, type Socket } from "node:net";
import { createSafeFetch, type Resolve, type SafeFetch } from "../../src/federation/safe-fetch.ts";

const PUBLIC = "127.0.0.2";
const FORBIDDEN = ["127.0.0.1", "127.0.0.3", "::1"];

export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

export interface HostileSite extends AsyncDisposable {
  port: number;
  /** What is heard at `host` (a name without its port) under `path`; the query does not count. Returns the URL. */
  serve(host: string, path: string, behaviour: Behaviour): string;
  /** The name leads to these addresses, one list a look-up, the last for ever. */
  resolves(host: string, ...answers: string[][]): void;
  /** Requests so far: "host path". */
  heard: string[];
  /** Headers of the last request. */
  last: IncomingMessage["headers"];
  /** Addresses that were dialled and must not be. */
  sprung: string[];
  fetch: SafeFetch;
}

/** `await using site = await openHostileSite()`. What is not served is answered with 404, robots.txt too. */
export async function openHostileSite(): Promise<HostileSite> {
  const paths = new Map<string, Behaviour>();
  const names = new Map<string, string[][]>();
  const heard: string[] = [];
  const sprung: string[] = [];
  const server = createServer({ maxHeaderSize: 64 * 1024 }, (request, response) => {
    const host = (request.headers.host ?? "").replace(/:\d+$/, "");
    const path = request.url!.split("?")[0]!;
    heard.push(`${host} ${path}`);
    site.last = request.headers;
    response.on("error", () => undefined);
    const behaviour = paths.get(`${host} ${path}`);
    if (behaviour === undefined) response.writeHead(404).end();
    else behaviour(request, response);
  });
  // A client that gives up, or speaks TLS, is what these tests are about.
  server.on("clientError", (_error, socket) => socket.destroy());
  const open = new Set<Socket>();
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.on("close", () => open.delete(socket)).on("error", () => undefined);
  };
  server.on("connection", keep);
  const traps = FORBIDDEN.map((address) => ({
    address,
    server: createRawServer((socket) => {
      keep(socket);
      sprung.push(address);
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n"SECRET"');
    }),
  }));
  const port = await listenTogether([{ address: PUBLIC, server }, ...traps]);

  const resolve: Resolve = (name) => {
    const answers = names.get(name) ?? [[PUBLIC]];
    const [now] = answers.length > 1 ? answers.splice(0, 1) : answers;
    return Promise.resolve(now!.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })));
  };
  const site: HostileSite = {
    port,
    heard,
    sprung,
    last: {},
    serve(host, path, behaviour) {
      paths.set(`${host} ${path}`, behaviour);
      return `http://${host}:${port}${path}`;
    },
    resolves: (host, ...answers) => void names.set(host, answers),
    fetch: createSafeFetch({ allow: [PUBLIC], userAgent: "Calends/0.1 (+https://node.example)", resolve }),
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await Promise.all([server, ...traps.map((trap) => trap.server)].map((one) => new Promise((done) => one.close(done))));
    },
  };
  return site;
}

/** On one port, which is free at all of these addresses: the system finds one that is free at the first. */
async function listenTogether(all: readonly { address: string; server: ReturnType<typeof createRawServer> }[]): Promise<number> {
  for (;;) {
    const open: ReturnType<typeof createRawServer>[] = [];
    let port = 0;
    try {
      for (const { address, server } of all) {
        await listen(server, port, address);
        open.push(server);
        ({ port } = server.address() as AddressInfo);
      }
      return port;
    } catch (error) {
      await Promise.all(open.map((one) => new Promise((done) => one.close(done))));
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    }
  }
}

const listen = (on: { listen: ReturnType<typeof createRawServer>["listen"] }, port: number, host: string) =>
  new Promise<void>((done, failed) => {
    (on as ReturnType<typeof createRawServer>).once("error", failed).listen(port, host, () => done());
  });
