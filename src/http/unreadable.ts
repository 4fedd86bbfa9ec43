/**
 * Answers to requests that never reach the app, because they cannot be read: whatever node's parser refuses, a Host
 * that is none, CONNECT, expectations. They are problems as all others are, with an id that the log knows.
 */
import { randomUUID } from "node:crypto";
import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { RegistryError, type ErrorCode } from "../domain/errors.ts";
import type { HttpParts } from "./parts.ts";
import { problemOf } from "./problems.ts";

type Refusal = readonly [status: number, code: ErrorCode, detail: string];

const MALFORMED: Refusal = [400, "malformed_request", "This is no well-formed HTTP request, or it ended before its time."];
const NO_HOST: Refusal = [400, "malformed_request", "Host: expected in every request of HTTP/1.1 (RFC 9112 §3.2), found none."];
const NO_TARGET: Refusal = [400, "malformed_request", "The request's target or Host header cannot be read."];
const BY_CODE: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: [431, "too_large", "The request line and headers are larger than 16 KiB."],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, "too_large", "The extensions of the body's chunks are larger than 16 KiB."],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "malformed_request", "The request took too long to arrive."],
};
const NO_PROXY: Refusal = [405, "method_not_allowed", "CONNECT is not possible here: this is no proxy."];
const NO_EXPECTATION: Refusal = [417, "malformed_request", "Expect: only 100-continue is met here."];

/** What tells a refusal's place: the base of problem types and, once there is one, the log. */
export type Teller = () => Pick<HttpParts, "base" | "log"> | undefined;

/** Hears of all that node's server hands to nobody else. */
export function answerUnreadable(server: Server, teller: Teller): void {
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
    endRaw(socket, teller, BY_CODE[error.code ?? ""] ?? MALFORMED, error.code);
  });
  server.on("connect", (_, socket) => endRaw(socket, teller, NO_PROXY, "CONNECT"));
  server.on("checkExpectation", (_: IncomingMessage, response: ServerResponse) => {
    const { status, headers, body } = refusalOf(teller, NO_EXPECTATION, "Expect");
    response.writeHead(status, { ...headers, connection: "close" }).end(body);
  });
}

/** True when it was answered here: HTTP/1.1 demands a Host. */
export function refuseWithoutHost(request: IncomingMessage, response: ServerResponse, teller: Teller): boolean {
  if (request.headers.host !== undefined || request.httpVersion !== "1.1") return false;
  const { status, headers, body } = refusalOf(teller, NO_HOST, "no Host");
  response.writeHead(status, { ...headers, connection: "close" }).end(body);
  return true;
}

/** For a target or Host that no URL can be made of. */
export function unreadableTarget(teller: Teller, error: unknown): Response {
  const { status, headers, body } = refusalOf(teller, NO_TARGET, error instanceof Error ? error.message : String(error));
  return new Response(body, { status, headers });
}

function refusalOf(
  teller: Teller,
  [status, code, detail]: Refusal,
  reason: string | undefined,
): { status: number; headers: Record<string, string>; body: string } {
  const told = teller();
  const requestId = randomUUID();
  told?.log.info({ requestId, status, reason: reason?.slice(0, 200) }, "unreadable request");
  const problem = problemOf(new RegistryError(code, { detail }));
  const body = JSON.stringify({ ...problem, status, type: `${told?.base ?? ""}${problem.type}`, instance: `urn:uuid:${requestId}` });
  return {
    status,
    body,
    headers: {
      "content-type": "application/problem+json",
      "content-length": String(Buffer.byteLength(body)),
      "x-request-id": requestId,
      ...(status === 405 && { allow: "GET, HEAD, OPTIONS" }),
    },
  };
}

function endRaw(socket: Duplex, teller: Teller, refusal: Refusal, reason: string | undefined): void {
  const { status, headers, body } = refusalOf(teller, refusal, reason);
  const lines = Object.entries({ ...headers, connection: "close" })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}\r\n${lines}\r\n${body}`);
}
