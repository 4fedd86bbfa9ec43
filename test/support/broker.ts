/** A NATS server of a test's own, with JetStream in a folder: `await using broker = await startBroker()`. It can be killed and started again. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { jetstream, jetstreamManager, type JetStreamManager, type StreamConfig } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";

const PROGRAM =
  ["/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"].find((path) => existsSync(path)) ?? "nats-server";

export interface Told {
  sequence: number;
  subject: string;
  id: string;
  position: number;
  epoch: string;
  body: string;
}

export interface Broker extends AsyncDisposable {
  readonly url: string;
  /** kill -9. */
  kill(): Promise<void>;
  /** Again, on the same port and folder; `quota` is how many bytes all streams may take. */
  start(quota?: number): Promise<void>;
  /** Everything that a stream has, in order. */
  told(stream?: string): Promise<Told[]>;
  /** How many messages a stream has, and which position the newest is of. */
  extent(stream?: string): Promise<{ messages: number; position: number }>;
  /** Does something to it as its operator would. */
  manage<T>(work: (manager: JetStreamManager, connection: NatsConnection) => Promise<T>): Promise<T>;
  makeStream(config: Partial<StreamConfig>): Promise<void>;
}

export async function startBroker(): Promise<Broker> {
  const folder = await mkdtemp(join(tmpdir(), "calends-broker-"));
  const port = await freePort();
  const url = `nats://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  /** One connection for as long as the server lives: tests look at it every few milliseconds. */
  let asking: Promise<NatsConnection> | undefined;

  const kill = async () => {
    await asking?.then((connection) => connection.close());
    asking = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  const start = async (quota = 1024 ** 3) => {
    const file = join(folder, "server.conf");
    await writeFile(
      file,
      `listen: "127.0.0.1:${port}"\njetstream { store_dir: ${JSON.stringify(folder)}, max_mem: 16MB, max_file: ${quota} }\n`,
    );
    child = spawn(PROGRAM, ["--config", file], { stdio: ["ignore", "ignore", "pipe"] });
    const lines = createInterface(child.stderr!);
    await new Promise<void>((resolve, reject) => {
      const said: string[] = [];
      lines.on("line", (line) => {
        said.push(line);
        if (line.includes("Server is ready")) resolve();
      });
      child!.once("error", reject);
      child!.once("exit", (code) => reject(new Error(`nats-server ended with ${code}:\n${said.join("\n")}`)));
    });
  };
  const manage: Broker["manage"] = async (work) => {
    asking ??= connect({ servers: url, reconnect: false });
    const connection = await asking;
    return work(await jetstreamManager(connection, { checkAPI: false }), connection);
  };
  await start();
  return {
    url,
    kill,
    start,
    manage,
    makeStream: (config) =>
      manage(
        async (manager) =>
          void (await manager.streams.add({ name: "CALENDS", subjects: ["calends.>"], ...config } as StreamConfig & { name: string })),
      ),
    extent: (stream = "CALENDS") =>
      manage(async ({ streams }) => {
        const { messages, last_seq: seq } = (await streams.info(stream)).state;
        return {
          messages,
          position: messages === 0 ? 0 : Number((await streams.getMessage(stream, { seq }))?.header.get("Calends-Position")),
        };
      }),
    told: (stream = "CALENDS") =>
      manage(async (manager, connection) => {
        const { messages } = (await manager.streams.info(stream)).state;
        const told: Told[] = [];
        if (messages === 0) return told;
        const consumer = await jetstream(connection).consumers.get(stream);
        for (let left = messages; left > 0;) {
          // Some may be erased while we read: so many at most, and not for ever.
          for await (const message of await consumer.fetch({ max_messages: left, expires: 5_000 })) {
            const header = (name: string) => message.headers?.get(name) ?? "";
            told.push({
              sequence: message.seq,
              subject: message.subject,
              id: header("Nats-Msg-Id"),
              position: Number(header("Calends-Position")),
              epoch: header("Calends-Epoch"),
              body: message.string(),
            });
            left = message.info.pending;
            if (left === 0) break;
          }
          // The time was over, and a busy broker may have more.
          if (left > 0) left = (await consumer.info()).num_pending;
        }
        return told;
      }),
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
