/**
 * The load generator, in a process of its own: N keep-alive connections that each ask again as soon as they were
 * answered. On bare sockets and not on node:http, whose client costs about what a server does: on a small machine it
 * would be measured instead of the server. It reads what it must, status and length, and counts the rest.
 */
import { connect } from "node:net";
import { serveCalls } from "./child.ts";

export interface Load {
  host: string;
  port: number;
  /** Paths that are asked for in turn, each connection beginning elsewhere. */
  paths: string[];
  headers: Record<string, string>;
  connections: number;
  milliseconds: number;
}

export interface LoadResult {
  requests: number;
  bytes: number;
  seconds: number;
}

serveCalls({
  async load({ connections, milliseconds, ...rest }: Load): Promise<LoadResult> {
    const started = process.hrtime.bigint();
    const until = started + BigInt(milliseconds) * 1_000_000n;
    const done = await Promise.all(Array.from({ length: connections }, (_, n) => ask(rest, n / connections, until)));
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    return { requests: sum(done.map((one) => one.requests)), bytes: sum(done.map((one) => one.bytes)), seconds };
  },
});

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** One connection's worth of load; it is opened again when the server has had enough of it. */
async function ask(
  { host, port, paths, headers }: Omit<Load, "connections" | "milliseconds">,
  share: number,
  until: bigint,
): Promise<Done> {
  const lines = Object.entries({ host: `${host}:${port}`, ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
  const texts = paths.map((path) => Buffer.from(`GET ${path} HTTP/1.1\r\n${lines}\r\n`));
  const done: Done = { requests: 0, bytes: 0 };
  let at = Math.floor(share * texts.length);
  const next = () => texts[at++ % texts.length]!;
  while (process.hrtime.bigint() < until) await oneConnection(host, port, next, done, until);
  return done;
}

interface Done {
  requests: number;
  bytes: number;
}

function oneConnection(host: string, port: number, next: () => Buffer, done: Done, until: bigint): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    let head: Buffer = NOTHING;
    /** Bytes of the body still to come; undefined: reading the head; "chunked": until its last chunk. */
    let left: number | "chunked" | undefined;
    let [tail, closing] = ["", false];
    let asked: Buffer = NOTHING;
    const send = () => {
      asked = next();
      socket.write(asked);
    };
    const answered = () => {
      done.requests++;
      [left, tail, head] = [undefined, "", NOTHING];
      if (!closing && process.hrtime.bigint() < until) send();
      else {
        socket.destroy();
        resolve();
      }
    };
    socket.on("connect", send);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the server closed the connection before it had answered")));
    socket.on("data", (part) => {
      done.bytes += part.length;
      let body: Buffer = part;
      if (left === undefined) {
        head = head.length === 0 ? part : Buffer.concat([head, part]);
        const end = head.indexOf("\r\n\r\n");
        if (end < 0) return;
        const text = head.toString("latin1", 0, end);
        body = head.subarray(end + 4);
        if (!text.startsWith("HTTP/1.1 200 ")) {
          socket.destroy(
            new Error(`${asked.toString("latin1").split("\r\n")[0]}: ${text.split("\r\n")[0]} ${body.toString("utf8", 0, 300)}`),
          );
          return;
        }
        const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
        left = length === undefined ? "chunked" : Number(length);
        closing = /\r\nconnection: *close/i.test(text);
      }
      if (left === "chunked") {
        // One request is under way, so that what ends with the last chunk's mark is the end.
        tail = (tail + body.toString("latin1", Math.max(0, body.length - 5))).slice(-5);
        if (tail === "0\r\n\r\n") answered();
      } else {
        left -= body.length;
        if (left === 0) answered();
      }
    });
  });
}

const NOTHING: Buffer = Buffer.alloc(0);
