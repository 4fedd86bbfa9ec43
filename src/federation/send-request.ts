/** One request on a connection of its own, and the words for what became of a connection. */
import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import type { LookupFunction } from "node:net";
import { SafeFetchError, type FetchFault } from "./safe-fetch-error.ts";

const MAX_HEADER_BYTES = 16 * 1024;

export interface Message {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
}

export interface ResolvedAddress {
  address: string;
  /** 4 or 6. */
  family: number;
}

/** What the socket is told instead of asking a resolver. */
const answering =
  (addresses: readonly ResolvedAddress[]): LookupFunction =>
  (_hostname, { all }, done) => {
    if (all === true) done(null, [...addresses]);
    else done(null, addresses[0]!.address, addresses[0]!.family);
  };

/** Dials these addresses and no others. The answer's head; its body is still to be read or destroyed. Rejects with what the connection throws. */
export function send(
  url: URL,
  { method = "GET", headers = {}, body }: Message,
  { signal, userAgent, addresses }: { signal: AbortSignal; userAgent: string; addresses: readonly ResolvedAddress[] },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === "https:" ? requestHttps : requestHttp)(url, {
      method,
      headers: {
        accept: "*/*",
        "accept-encoding": "gzip, br",
        ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
        "user-agent": userAgent,
        ...(body !== undefined && { "content-length": String(Buffer.byteLength(body)) }),
      },
      // A connection of its own: one kept from another request was judged for that one's host and port.
      agent: false,
      lookup: answering(addresses),
      signal,
      maxHeaderSize: MAX_HEADER_BYTES,
    });
    const gone = (reason: string) => () => reject(new SafeFetchError("answer", url.href, reason));
    outgoing.on("response", resolve).on("error", reject).on("close", gone("the connection ended before an answer"));
    // Answered by closing the socket, which alone would leave this promise waiting.
    outgoing.on("upgrade", (_answer, socket) => {
      gone("it wants another protocol")();
      socket.destroy();
    });
    outgoing.end(body);
  });
}

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? "");

export const faultOf = (error: unknown): FetchFault => (codeOf(error).startsWith("HPE_") ? "answer" : "connection");

export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code === "HPE_HEADER_OVERFLOW") return `its headers are larger than ${MAX_HEADER_BYTES} bytes`;
  if (code.startsWith("HPE_")) return "it does not speak HTTP";
  if (error instanceof AggregateError) return `no connection (${[...new Set(error.errors.map(codeOf))].join(", ")})`;
  return `the connection failed (${code || (error as Error).message})`;
}
