/** A real receiver of webhooks, over HTTP, that behaves or misbehaves; signatures are verified by the reference library of Standard Webhooks. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { vi } from "vitest";

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What it says to the next request: a status, with headers; or nothing at all. */
export type Reply = { status: number; headers?: Record<string, string> } | "silence";

export interface WebhookReceiver extends AsyncDisposable {
  /** http://127.0.0.1:PORT, without a path. */
  url: string;
  host: string;
  received: Received[];
  /** What it answers, by path; 204 where nothing is said. */
  answers: Map<string, Reply>;
  /** Called with each request before it is answered. */
  onRequest: (request: Received) => void;
}

export async function openWebhookReceiver(): Promise<WebhookReceiver> {
  const received: Received[] = [];
  const answers = new Map<string, Reply>();
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      const one = { path: request.url!, headers: request.headers, body };
      received.push(one);
      receiver.onRequest(one);
      const answer = answers.get(one.path) ?? { status: 204 };
      if (answer !== "silence") response.writeHead(answer.status, answer.headers).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const receiver: WebhookReceiver = {
    url: `http://${host}`,
    host,
    received,
    answers,
    onRequest: () => undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return receiver;
}

/** The payload, if the reference library takes the signature at this time; throws otherwise. */
export function verifyWebhook<Payload>(secret: string, { body, headers }: Received, now: Date): Payload {
  vi.useFakeTimers({ toFake: ["Date"], now });
  try {
    return new Webhook(secret).verify(body, headers as Record<string, string>) as Payload;
  } finally {
    vi.useRealTimers();
  }
}
