/** The feed as Server-Sent Events: told at once, resumed where it broke off, alive in silence, ended in order. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFeedSignal } from "../../src/feed/signal.ts";
import { createFeedStream } from "../../src/feed/stream.ts";
import { CHANGES, publishMany, readAll, readPage, type FeedItem } from "../support/feed-reader.ts";
import { createNetwork, type TestNetwork } from "../support/network.ts";

let network: TestNetwork;
beforeAll(async () => {
  network = await createNetwork({ nodes: 1 });
  await publishMany(network.node, 250);
});
afterAll(() => network[Symbol.asyncDispose]());

interface Told {
  event: string;
  id: string;
  data: unknown;
}

/** A subscriber: `next()` gives one event after another. */
async function subscribe(query = "", headers: Record<string, string> = {}) {
  const leaving = new AbortController();
  const response = await fetch(`${network.node.url}${CHANGES}/stream${query}`, { headers, signal: leaving.signal });
  const events = parse(response);
  return { response, leave: () => leaving.abort(), next: async () => (await events.next()).value as Told };
}

async function* parse(response: Response): AsyncGenerator<Told> {
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const fields = Object.fromEntries(
        text
          .slice(0, end)
          .split("\n")
          .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
      );
      text = text.slice(end + 2);
      if (fields["event"] !== undefined) yield { event: fields["event"], id: fields["id"]!, data: JSON.parse(fields["data"]!) };
    }
  }
}

const take = async (reader: { next: () => Promise<Told> }, count: number) => {
  const told: Told[] = [];
  while (told.length < count) told.push(await reader.next());
  return told;
};

describe("a subscriber", () => {
  test("gets everything in order, more than one page of it, and then what is new as it comes", async () => {
    const reader = await subscribe();
    expect(reader.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const items = await readAll(network.node);
    const told = await take(reader, items.length);
    expect(told.map(({ event, data }) => [event, data])).toEqual(items.map((item) => ["change", item]));
    await publishMany(network.node, 1);
    const [venue, event] = await take(reader, 2);
    expect([venue, event].map((one) => (one!.data as FeedItem).kind)).toEqual(["place", "event"]);
    reader.leave();
  });

  test("goes on after the last event it got, by Last-Event-ID, which outweighs since", async () => {
    const first = await subscribe();
    const [one, two] = await take(first, 2);
    first.leave();
    for (const [query, headers] of [
      ["", { "last-event-id": one!.id }],
      [`?since=${one!.id}`, {}],
      [`?since=${two!.id}`, { "last-event-id": one!.id }],
    ] as const) {
      const again = await subscribe(query, headers);
      expect(await again.next()).toEqual(two);
      again.leave();
    }
  });

  test("may ask for some changes only", async () => {
    const reader = await subscribe("?kind=place");
    const places = await readAll(network.node, { kind: "place" });
    expect((await take(reader, places.length)).map(({ data }) => data)).toEqual(places);
    reader.leave();
  });

  test("is refused with a problem before the stream begins", async () => {
    const { response } = await subscribe("?since=nonsense");
    expect([response.status, response.headers.get("content-type")]).toEqual([400, "application/problem+json"]);
    await response.body?.cancel();
  });
});

describe("silence", () => {
  const quiet = () => {
    const log = { info: () => undefined, warn: () => undefined };
    const { database, base } = network.node;
    const signal = createFeedSignal({ database, log });
    return { signal, stream: createFeedStream({ database, base, signal, heartbeat: 20 }) };
  };

  test("is filled with heartbeats that tell the head, from which one can resume", async () => {
    const { signal, stream } = quiet();
    await using _ = signal;
    const { next_cursor: since, head } = await readPage(network.node, { limit: 1000 });
    const until = new AbortController();
    const events = await stream.open({ since }, until.signal);
    expect((await events.next()).value).toBe("retry: 3000\n\n");
    expect((await events.next()).value).toBe(`event: heartbeat\nid: ${since}\ndata: {"cursor":"${since}","head":${head}}\n\n`);
    until.abort();
    expect((await events.next()).done).toBe(true);
  });

  test("ends at once for whoever waits when the node stops", async () => {
    const { signal, stream } = quiet();
    await using _ = signal;
    const { next_cursor: since } = await readPage(network.node, { limit: 1000 });
    const until = new AbortController();
    const events = await stream.open({ since }, until.signal);
    await events.next();
    const waiting = events.next();
    until.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});

describe("a slow subscriber", () => {
  test("is read for only as fast as it takes: what it has not taken is not held in memory", async () => {
    const { database, base } = network.node;
    let reads = 0;
    const counting = { ...database, read: <T>(work: Parameters<typeof database.read<T>>[0]) => ((reads += 1), database.read(work)) };
    await using signal = createFeedSignal({ database, log: { info: () => undefined, warn: () => undefined } });
    const stream = createFeedStream({ database: counting, base, signal });
    const until = new AbortController();
    const events = await stream.open({}, until.signal);
    for (let taken = 0; taken <= 100; taken++) await events.next();
    expect(reads).toBe(1);
    await events.next();
    expect(reads).toBe(2);
    until.abort();
  });
});
