/**
 * The app behind a socket: bounded headers and times against slow or lying clients, raw parse errors as problems,
 * and a stop that lets what is under way finish.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { createApp } from "./app.ts";
import type { HttpParts } from "./parts.ts";
import { answerUnreadable, refuseWithoutHost, unreadableTarget } from "./unreadable.ts";

export interface ServerOptions {
  /** 0: any free port. */
  port: number;
  host: string;
  /** Answers a request ahead of the app, on the raw socket; false leaves it to the app. For what is already bytes. */
  before?: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  /** How long a stop waits for requests under way, in milliseconds. */
  drainMs: number;
  /** Milliseconds for a whole request and for its headers to arrive. */
  requestTimeoutMs?: number;
  headersTimeoutMs?: number;
}

export interface RunningServer {
  server: Server;
  port: number;
  /** http://host:port, as a client on this machine reaches it. */
  url: string;
  /** Stops accepting, waits for what is under way (at most `drainMs`), then cuts what is left. Call after `closing` was aborted. */
  close(): Promise<void>;
}

/** Listens; rejects when the address cannot be had. `createParts` is handed the port, which a base URL may need. */
export async function serve(
  createParts: HttpParts | ((port: number) => HttpParts | Promise<HttpParts>),
  options: ServerOptions,
): Promise<RunningServer> {
  let listener: (request: IncomingMessage, response: ServerResponse) => void = (_, response) =>
    void response.writeHead(503, { "retry-after": "1" }).end();
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      // Without one the request is refused all the same, but with a problem that says so.
      requireHostHeader: false,
      requestTimeout: options.requestTimeoutMs ?? 60_000,
      headersTimeout: options.headersTimeoutMs ?? 15_000,
      keepAliveTimeout: 30_000,
      connectionsCheckingInterval: Math.min(5_000, options.requestTimeoutMs ?? 5_000),
    },
    (request, response) => listener(request, response),
  );
  server.maxRequestsPerSocket = 10_000;
  let parts: HttpParts | undefined;
  answerUnreadable(server, () => parts);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  try {
    parts = typeof createParts === "function" ? await createParts(port) : createParts;
    listener = listenerOf(parts, options);
  } catch (error) {
    // Nobody else holds the server yet; left open it would keep the process alive.
    server.close();
    server.closeAllConnections();
    throw error;
  }
  const host = ["0.0.0.0", "::"].includes(options.host) ? "localhost" : options.host.includes(":") ? `[${options.host}]` : options.host;
  return { server, port, url: `http://${host}:${port}`, close: () => drain(server, options.drainMs) };
}

function listenerOf(parts: HttpParts, { before }: ServerOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const { fetch } = createApp(parts);
  const listen = getRequestListener(fetch, {
    hostname: new URL(parts.base).host,
    // Requests that cannot even be made one (a Host that is no host); the app has its own refusals.
    errorHandler: (error) => unreadableTarget(() => parts, error),
  });
  return (request, response) => {
    if (parts.closing.aborted) response.setHeader("connection", "close");
    if (refuseWithoutHost(request, response, () => parts)) return;
    if (before?.(request, response) !== true) void listen(request, response);
  };
}

async function drain(server: Server, patience: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection kept alive is idle as soon as its answer is out.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), patience);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
