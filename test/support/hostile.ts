/**
 * What the hostile corpus is made of: a case (a request and what must come back), the world it is sent into, a client
 * that sends even what no client would, and the check of every answer.
 */
import { once } from "node:events";
import { request as httpRequest, type OutgoingHttpHeaders } from "node:http";
import { connect, createServer, type AddressInfo } from "node:net";

/** Who sends a request, by the key it bears. */
export type Sender = "agent" | "stranger" | "peer" | "admin" | "nobody";

/** A request that a client can make; `as` is the agent unless said otherwise. */
export interface Asked {
  method?: string;
  path: string;
  headers?: OutgoingHttpHeaders;
  body?: string | Buffer;
  as?: Sender;
}
/** Bytes as they go onto the wire; `halfClose` ends our side after them, so that a body is cut off. */
export interface Wire {
  bytes: string | Buffer;
  halfClose?: boolean;
}
export type Request = Asked | Wire;

/** What a case may name of the node that it is sent to. */
export interface World {
  readonly url: string;
  readonly base: string;
  readonly keys: Readonly<Record<Exclude<Sender, "nobody">, string>>;
  /** Records whoever connects; nobody ever may. */
  readonly trap: string;
  /** ULIDs: an event and a place of the agent's. */
  readonly event: string;
  readonly place: string;
  readonly epoch: string;
  readonly head: number;
  /** A cursor of the list of events, with `limit=1` and no filters. */
  readonly listCursor: string;
  /** Path of a snapshot file. */
  readonly snapshot: string;
}

export interface HostileCase {
  readonly name: string;
  readonly request: Request | ((world: World) => Request);
  /** The statuses that are right; never one from 500 on. */
  readonly status: number | readonly number[];
  readonly code?: string;
  /** What the problem's detail must say: the field or the fault. */
  readonly mentions?: string | RegExp;
  /** For what is taken all the same: what the answer must and must not hold. */
  readonly holds?: RegExp;
  readonly lacks?: RegExp;
  /** Header of the answer -> what it must be like. */
  readonly header?: readonly [name: string, like: RegExp];
  /** "page": a person asked, so the refusal is HTML. "none": the answer has no body by its nature (HEAD). */
  readonly form?: "problem" | "page" | "none";
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export const VALID = {
  "@context": "https://schema.org",
  "@type": "MusicEvent",
  name: "Lantern Quartet",
  startDate: "2026-05-08T20:00:00-04:00",
  endDate: "2026-05-08T23:00:00-04:00",
  description: "Chamber music by candlelight.",
  url: "https://lantern.example/8-may",
  image: "https://lantern.example/8-may.jpg",
  keywords: "chamber, strings",
  location: {
    "@type": "Place",
    name: "Backroom",
    address: { "@type": "PostalAddress", addressLocality: "Toronto", addressRegion: "ON", addressCountry: "CA" },
    geo: { "@type": "GeoCoordinates", latitude: 43.66, longitude: -79.42 },
  },
  organizer: { "@type": "Organization", name: "Lantern Society" },
  performer: [{ "@type": "Person", name: "Ada Lin" }],
  offers: [{ "@type": "Offer", price: "20.00", priceCurrency: "CAD" }],
} as const;

export const EVENTS = "/api/v1/events";
/** A submission of one event: a text as it is, anything else as JSON. */
export const submit = (document: unknown, headers: OutgoingHttpHeaders = {}): Asked => ({
  method: "POST",
  path: EVENTS,
  headers: { "content-type": "application/ld+json", ...headers },
  body: typeof document === "string" || Buffer.isBuffer(document) ? document : JSON.stringify(document),
});
/** The valid event with other members; undefined leaves one out. */
export const variant = (change: Record<string, unknown>): Record<string, unknown> => ({ ...VALID, ...change });

export const isWire = (request: Request): request is Wire => "bytes" in request;

/** Sends a case's request; a node that says nothing at all within `patience` milliseconds is an answer of status 0. */
export async function send(world: World, request: Request, patience = 20_000): Promise<Answer> {
  return isWire(request) ? sendBytes(world, request, patience) : sendAsked(world, request, patience);
}

function sendAsked(world: World, { method = "GET", path, headers = {}, body, as = "agent" }: Asked, patience: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let answered = false;
    const request = httpRequest(
      world.url,
      {
        // Of its own connection: what one case leaves on a connection must not be another's answer.
        agent: false,
        method,
        path,
        signal: AbortSignal.timeout(patience),
        headers: {
          ...(as !== "nobody" && { authorization: `Bearer ${world.keys[as]}` }),
          ...(body !== undefined && headers["transfer-encoding"] === undefined && { "content-length": Buffer.byteLength(body) }),
          connection: "close",
          ...headers,
        },
      },
      (response) => {
        answered = true;
        const chunks: Buffer[] = [];
        const done = () =>
          resolve({
            status: response.statusCode!,
            headers: response.headers as Record<string, string>,
            body: Buffer.concat(chunks).toString("utf8"),
          });
        response.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          // A stream does not end: its first bytes are the answer.
          if (response.headers["content-type"]?.startsWith("text/event-stream")) {
            done();
            request.destroy();
          }
        });
        response.on("end", done);
        response.on("error", done);
      },
    );
    // A refusal may come before the whole body is sent, and close the connection on the rest of it.
    request.on(
      "error",
      (error) => answered || (error.name === "AbortError" ? resolve({ status: 0, headers: {}, body: "no answer in time" }) : reject(error)),
    );
    request.end(body);
  });
}

async function sendBytes(world: World, { bytes, halfClose = false }: Wire, patience: number): Promise<Answer> {
  const { hostname, port } = new URL(world.url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  // A reset after the answer is the node's good right; without an answer it shows as status 0.
  socket.on("error", () => undefined);
  socket.setTimeout(patience, () => socket.destroy());
  socket.on("end", () => socket.end());
  if (halfClose) socket.end(bytes);
  else socket.write(bytes);
  await once(socket, "close");
  return parseAnswer(Buffer.concat(chunks).toString("utf8"));
}

/** The first answer of what came over a wire. */
export function parseAnswer(text: string): Answer {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0);
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const raw = rest.join("\r\n\r\n");
  const body =
    headers["transfer-encoding"] === "chunked"
      ? raw.replace(/^[0-9a-f]+\r\n/i, "").replace(/\r\n0[^]*$/, "")
      : raw.slice(0, Number(headers["content-length"] ?? raw.length));
  return { status, headers, body };
}

export interface Trap extends AsyncDisposable {
  readonly url: string;
  /** How many connected so far. */ readonly visits: number;
}

/** A server that nobody has any business with. */
export async function setTrap(): Promise<Trap> {
  let visits = 0;
  const server = createServer((socket) => {
    visits++;
    socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get visits() {
      return visits;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}
