/**
 * Asks paths one after the other and says how long each answer took, in a process of its own so that its waiting is no
 * work of the bench's. On bare keep-alive sockets, as load.ts and for the same reason.
 */
import { connect, type Socket } from "node:net";
import { serveCalls } from "./child.ts";

export interface Asked {
  port: number;
  headers: Record<string, string>;
  paths: string[];
  connections: number;
}

/** Of the path of the same index. */
export interface Answered {
  microseconds: number;
  status: number;
  bytes: number;
}

serveCalls({
  async ask({ port, headers, paths, connections }: Asked): Promise<Answered[]> {
    const answers = Array.from<Answered>({ length: paths.length });
    const lines = Object.entries({ host: `127.0.0.1:${port}`, ...headers })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("");
    let next = 0;
    const one = async () => {
      const asker = await openAsker(port);
      try {
        while (next < paths.length) {
          const n = next++;
          answers[n] = await asker.ask(`GET ${paths[n]} HTTP/1.1\r\n${lines}\r\n`);
        }
      } finally {
        asker.socket.destroy();
      }
    };
    await Promise.all(Array.from({ length: connections }, one));
    return answers;
  },
});

interface Asker {
  socket: Socket;
  ask(text: string): Promise<Answered>;
}

async function openAsker(port: number): Promise<Asker> {
  let waiting: { resolve: (answer: Answered) => void; reject: (error: Error) => void; started: bigint } | undefined;
  let read: Buffer = NOTHING;
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  const lost = (error?: Error) => waiting?.reject(error ?? new Error("the server closed the connection before it had answered"));
  socket.on("error", lost);
  socket.on("close", () => lost());
  socket.on("data", (part) => {
    read = read.length === 0 ? part : Buffer.concat([read, part]);
    const end = read.indexOf("\r\n\r\n");
    if (end < 0 || waiting === undefined) return;
    const head = read.toString("latin1", 0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    const body = read.subarray(end + 4);
    const whole = length === undefined ? body.subarray(-5).toString("latin1") === "0\r\n\r\n" : body.length >= Number(length);
    if (!whole) return;
    const { resolve, started } = waiting;
    const microseconds = Number(process.hrtime.bigint() - started) / 1e3;
    resolve({ microseconds, status: Number(head.slice(9, 12)), bytes: body.length });
    [waiting, read] = [undefined, NOTHING];
  });
  return {
    socket,
    ask: (text) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject, started: process.hrtime.bigint() };
        socket.write(text);
      }),
  };
}

const NOTHING: Buffer = Buffer.alloc(0);
