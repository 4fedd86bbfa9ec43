/** What a ratio over HTTP is measured against: node:http and nothing else, in a process of its own. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { uuidOf } from "../../src/domain/iri.ts";
import { serveCalls } from "./child.ts";

let server: Server | undefined;

async function listen(listener: RequestListener): Promise<number> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

serveCalls({
  /** Sends this buffer, whatever is asked. */
  buffer: ({ body, headers }: { body: Uint8Array; headers: Record<string, string> }) => {
    const bytes = Buffer.from(body);
    return listen((_request, response) => {
      response.writeHead(200, { ...headers, "content-length": bytes.length });
      response.end(bytes);
    });
  },
  /** GET /events/{ulid}: runs one statement and sends what it gives. */
  events: ({ url, connections, text }: { url: string; connections: number; text: string }) => {
    const pool = new pg.Pool({ connectionString: url, max: connections });
    return listen((request, response) => {
      const id = uuidOf(request.url!.slice("/events/".length));
      pool.query<{ state: unknown }>(text, [[id]]).then(
        ({ rows }) => {
          const bytes = Buffer.from(JSON.stringify(rows[0]!.state));
          response.writeHead(200, { "content-type": "application/ld+json", "content-length": bytes.length });
          response.end(bytes);
        },
        (error: Error) => {
          response.writeHead(500);
          response.end(error.message);
        },
      );
    });
  },
});
