/** Which broker is there: not only a socket that opens, but something that says INFO, as each does to whoever connects. */
import { createConnection } from "node:net";

/** The first of `host:port` that speaks. Throws where none does within `timeout` milliseconds, or the signal says so; no socket is left behind. */
export async function firstToSpeak(
  servers: readonly string[],
  { timeout, signal }: { timeout: number; signal?: AbortSignal | undefined },
): Promise<string> {
  signal?.throwIfAborted();
  const found = new AbortController();
  const until = AbortSignal.any([found.signal, AbortSignal.timeout(timeout), ...(signal ? [signal] : [])]);
  try {
    return await Promise.any(servers.map((server) => speaks(server, until)));
  } catch (error) {
    signal?.throwIfAborted();
    const faults = (error as AggregateError).errors as Error[];
    throw new Error(
      faults.map((fault, n) => `${servers[n]}: ${fault.message || String((fault as NodeJS.ErrnoException).code)}`).join("; "),
      { cause: error },
    );
  } finally {
    found.abort();
  }
}

async function speaks(server: string, until: AbortSignal): Promise<string> {
  const { hostname, port } = new URL(`nats://${server}`);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = createConnection({ host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port) });
  const end = () => reject(new Error("it does not speak"));
  until.addEventListener("abort", end, { once: true });
  let said = "";
  socket.setEncoding("latin1");
  socket.on("data", (some: string) => {
    said += some;
    if (said.startsWith("INFO ")) resolve(server);
    else if (said.length >= "INFO ".length) reject(new Error("it is no broker of NATS"));
  });
  socket.on("error", reject);
  socket.on("close", () => reject(new Error("it closed the connection")));
  try {
    return await promise;
  } finally {
    until.removeEventListener("abort", end);
    socket.destroy();
  }
}
