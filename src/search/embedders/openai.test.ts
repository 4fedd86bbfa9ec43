/** Embedders over HTTP, against a server here that answers as Ollama, TEI and OpenAI do, and as they do on a bad day. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { EmbedderError, type Embedder } from "../../domain/embedder.ts";
import { embedderFromConfig } from "./open-embedder.ts";
import { openOpenAi, type OpenAiOptions } from "./openai.ts";

interface Asked {
  path: string;
  headers: IncomingHttpHeaders;
  body: { model: string; input: string[]; encoding_format: string; dimensions?: number };
}
type Answer = (asked: Asked, response: ServerResponse) => void;

const send = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) =>
  response
    .writeHead(status, { "content-type": "application/json", ...headers })
    .end(typeof body === "string" ? body : JSON.stringify(body));

/** "text 7" -> a vector that points its own way: [7, 1, 0]. */
const vectorOf = (text: string) => [Number(/\d+/.exec(text)?.[0] ?? 0), 1, 0];
const dataOf = (input: readonly string[]) => input.map((text, index) => ({ object: "embedding", index, embedding: vectorOf(text) }));

const answer: Answer = ({ body }, response) => send(response, 200, { object: "list", data: dataOf(body.input), model: body.model });
const answerWith =
  (change: (data: { index: number; embedding: unknown }[]) => unknown): Answer =>
  ({ body }, response) =>
    send(response, 200, { data: change(dataOf(body.input)) });

/** A server that gives its answers in turn, and the last of them from then on. */
async function serve(...answers: Answer[]) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      const one = { path: request.url!, headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) as Asked["body"] };
      asked.push(one);
      (answers.length > 1 ? answers.shift()! : answers[0]!)(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const waits: number[] = [];
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    asked,
    waits,
    open: (options: Partial<OpenAiOptions> = {}): Promise<Embedder> =>
      openOpenAi({ url, model: "bge-m3", wait: (milliseconds) => Promise.resolve(waits.push(milliseconds)), ...options }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const texts = (count: number) => Array.from({ length: count }, (_, n) => `text ${n}`);
const numbersOf = (vectors: readonly Float32Array[]) => vectors.map(([first, second]) => Math.round(first! / second!));

describe("a server in order", () => {
  test("is asked once at the start, for its dimensions", async () => {
    await using server = await serve(answer);
    const embedder = await server.open();
    expect(embedder).toMatchObject({ provider: "openai", model: "bge-m3", dimensions: 3, config: `openai:${server.url}#bge-m3` });
    expect(server.asked).toHaveLength(1);
    expect(server.asked[0]).toMatchObject({
      path: "/v1/embeddings",
      body: { model: "bge-m3", input: ["probe"], encoding_format: "float" },
    });
    expect(server.asked[0]!.headers.authorization).toBeUndefined();
    expect(server.asked[0]!.body).not.toHaveProperty("dimensions");
  });

  test.each([
    ["", "/v1/embeddings"],
    ["/", "/v1/embeddings"],
    ["/v1", "/v1/embeddings"],
    ["/v1/", "/v1/embeddings"],
    ["/openai/v1?api-version=1", "/openai/v1/embeddings?api-version=1"],
    ["/v1/embeddings", "/v1/embeddings"],
  ])("with the base %j is asked at %s", async (base, path) => {
    await using server = await serve(answer);
    await server.open({ url: server.url + base });
    expect(server.asked[0]!.path).toBe(path);
  });

  test("is sent the key, and the dimensions that are wanted", async () => {
    await using server = await serve(answer);
    await server.open({ apiKey: "sk-1", dimensions: 3 });
    expect(server.asked[0]).toMatchObject({ headers: { authorization: "Bearer sk-1" }, body: { dimensions: 3 } });
    await expect(server.open({ dimensions: 2 })).rejects.toThrow("gave 3 dimensions where 2 were asked");
  });

  test("is sent 64 texts at a time, and vectors come back at length 1 in the order of the texts", async () => {
    await using server = await serve(answer);
    const vectors = await (await server.open()).embedDocuments(texts(150));
    expect(server.asked.slice(1).map(({ body }) => body.input.length)).toEqual([64, 64, 22]);
    expect(numbersOf(vectors)).toEqual(texts(150).map((_, n) => n));
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });

  test("may answer in any order: the index counts", async () => {
    await using server = await serve(answerWith((data) => data.toReversed()));
    expect(numbersOf(await (await server.open()).embedDocuments(texts(5)))).toEqual([0, 1, 2, 3, 4]);
  });

  test("makes an older model's embedder again from what was kept of it", async () => {
    await using server = await serve(answer);
    const { config, version, dimensions } = await server.open();
    expect(await embedderFromConfig(config)).toMatchObject({ provider: "openai", model: "bge-m3", version, dimensions });
  });
});

describe("a server that is busy or broken for a while is asked again", () => {
  test.each<[string, Answer, number[]]>([
    ["429 with Retry-After in seconds", (_, response) => send(response, 429, "slow down", { "retry-after": "7" }), [7_000]],
    [
      "503 with Retry-After as a date",
      (_, response) => send(response, 503, "", { date: "Fri, 08 May 2026 12:00:00 GMT", "retry-after": "Fri, 08 May 2026 12:00:09 GMT" }),
      [9_000],
    ],
    ["429 that asks for an hour", (_, response) => send(response, 429, "", { "retry-after": "3600" }), [60_000]],
    ["500", (_, response) => send(response, 500, "oops"), [500]],
    ["a cut connection", (_, response) => void response.destroy(), [500]],
    [
      "an answer that is cut off",
      (_, response) => {
        response.writeHead(200, { "content-length": "1000" }).write('{"data":[');
        response.destroy();
      },
      [500],
    ],
    ["a page instead of JSON", (_, response) => send(response, 200, "<html>Bad gateway</html>"), [500]],
  ])("%s", async (_what, fault, waits) => {
    await using server = await serve(answer, fault, answer);
    const embedder = await server.open();
    expect(numbersOf(await embedder.embedDocuments(texts(3)))).toEqual([0, 1, 2]);
    expect(server.waits).toEqual(waits);
  });

  test("five times, ever later, and then one line says why not", async () => {
    await using server = await serve((_, response) => send(response, 500, "out\nof memory"));
    const error = await server.open().catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(EmbedderError);
    expect((error as Error).message).toBe(`${server.url}/v1/embeddings gave no embeddings in 5 tries: HTTP 500 out of memory`);
    expect(server.waits).toEqual([500, 1_000, 2_000, 4_000]);
  });

  test("a server that does not answer in time, and one that is not there", async () => {
    await using server = await serve(() => undefined);
    await expect(server.open({ timeoutMs: 20 })).rejects.toThrow("in 5 tries: no answer in time");
    await server[Symbol.asyncDispose]();
    await expect(server.open()).rejects.toThrow(/in 5 tries: connect ECONNREFUSED/);
  });

  test("but not after the caller has stopped", async () => {
    await using server = await serve(answer, () => undefined);
    const embedder = await server.open();
    const stop = new AbortController();
    const embedding = embedder.embedDocuments(["a"], stop.signal);
    stop.abort(new Error("stopped"));
    await expect(embedding).rejects.toThrow("stopped");
    expect(server.waits).toEqual([]);
  });
});

describe("a server that says no", () => {
  test.each([401, 404])("with %i is not asked again", async (status) => {
    await using server = await serve((_, response) => send(response, status, { error: { message: "no such model" } }));
    await expect(server.open()).rejects.toThrow(`refused to embed with bge-m3: HTTP ${status}`);
    expect(server.asked).toHaveLength(1);
  });

  test("never sends us elsewhere: a key is for the configured address", async () => {
    await using server = await serve((_, response) => send(response, 307, "", { location: "http://127.0.0.1:1/" }));
    await expect(server.open({ apiKey: "sk-1" })).rejects.toThrow("in 5 tries");
  });

  test("to a batch or a text that is too large gets smaller ones", async () => {
    await using server = await serve(({ body }, response) =>
      body.input.length > 8 || body.input.some((text) => text.length > 1_000)
        ? send(response, body.input.length > 8 ? 422 : 413, "too large")
        : send(response, 200, { data: dataOf(body.input) }),
    );
    const embedder = await server.open();
    const input = texts(30).with(17, `text 17 ${"long ".repeat(600)}`);
    expect(numbersOf(await embedder.embedDocuments(input))).toEqual(input.map((_, n) => n));
  });

  test("to everything is believed in the end", async () => {
    await using server = await serve(answer, (_, response) => send(response, 400, "no"));
    const embedder = await server.open();
    await expect(embedder.embedDocuments(["a".repeat(2_000), "b".repeat(2_000)])).rejects.toThrow("HTTP 400 no");
    expect(server.asked.length).toBeLessThan(10);
  });
});

describe("an answer is refused", () => {
  test.each<[string, Answer, RegExp]>([
    ["with a vector too few", answerWith((data) => data.slice(1)), /2 vectors for 3 texts/],
    ["with a vector too many", answerWith((data) => [...data, { index: 3, embedding: [1, 1, 1] }]), /4 vectors for 3 texts/],
    ["with an index twice", answerWith((data) => data.map((one) => ({ ...one, index: 1 }))), /indexes are not 0 to 2/],
    ["of another dimension", answerWith((data) => data.with(1, { index: 1, embedding: [1, 2] })), /2 dimensions rather than 3/],
    ["with what is no number", answerWith((data) => data.with(1, { index: 1, embedding: [1, null, 2] })), /data\.1\.embedding\.1/],
    ["as base64", answerWith((data) => data.with(1, { index: 1, embedding: "AACAPw==" })), /data\.1\.embedding/],
    ["with a vector of zeros", answerWith((data) => data.with(1, { index: 1, embedding: [0, 0, 0] })), /index 1 has no direction/],
    [
      "with numbers too large to measure",
      (_, response) =>
        send(
          response,
          200,
          '{"data":[{"index":0,"embedding":[1e308,1e308,0]},{"index":1,"embedding":[1,1,1]},{"index":2,"embedding":[1,1,1]}]}',
        ),
      /no direction/,
    ],
    ["without data", (_, response) => send(response, 200, { error: "?" }), /data: /],
  ])("%s", async (_what, fault, message) => {
    await using server = await serve(answer, fault);
    const embedder = await server.open();
    await expect(embedder.embedDocuments(texts(3))).rejects.toThrow(message);
  });
});
