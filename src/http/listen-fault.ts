/** Why a node cannot listen, in one line that says what to change. */
import type { HttpParts } from "./parts.ts";
import { serve, type RunningServer, type ServerOptions } from "./server.ts";

type Door = Omit<ServerOptions, "host" | "port"> & { createParts: (port: number) => Promise<HttpParts> };

/** Serves there; throws what is wrong with host or port. */
export async function serveAt({ host, port }: { host: string; port: number }, { createParts, ...options }: Door): Promise<RunningServer> {
  try {
    return await serve(createParts, { host, port, ...options });
  } catch (error) {
    throw listenFault(error, { host, port });
  }
}

/** The error to throw instead of what `listen` threw; that itself where there is nothing better to say. */
export function listenFault(error: unknown, { host, port }: { host: string; port: number }): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const cause = { cause: error };
  if (code === "EADDRINUSE")
    return new Error(`Port ${port} on ${host} is in use: stop what listens there, or set PORT to another one (0 for any free one).`, cause);
  if (code === "EACCES" && syscall === "listen")
    return new Error(`Port ${port} may not be opened by this user: set PORT to one above 1023.`, cause);
  if (code === "EADDRNOTAVAIL" || syscall === "getaddrinfo")
    return new Error(`HOST is ${host}, which is no address of this machine: use 127.0.0.1, 0.0.0.0 or one of its own.`, cause);
  return error;
}
