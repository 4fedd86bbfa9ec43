/**
 * A whole node with a text and an image that somebody owns: they come in by every way there is, from several sources, and stand wherever
 * a node puts things. `await using on = await openTakedownNode()`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { DEFAULT_TUNING, parseConfig } from "../../src/config.ts";
import { kyselyOf } from "../../src/db/handle.ts";
import { parseOwnUri, ulidOf } from "../../src/domain/iri.ts";
import { decodeCursor } from "../../src/feed/cursor.ts";
import { createNode, type CalendsNode } from "../../src/node.ts";
import { contentHash } from "../../src/registry/content.ts";
import type { Caller } from "../../src/registry/context.ts";
import { applyRun, stageItems, startImport } from "../../src/registry/import.ts";
import { mergeEvents } from "../../src/registry/merge-events.ts";
import { withdrawClaim } from "../../src/registry/withdraw-claim.ts";
import { openTestDatabase } from "./db.ts";
import { readPage } from "./feed-reader.ts";
import { anEvent } from "./http.ts";
import type { TestNode } from "./network.ts";
import { answersWith, columnsWith, filesWith, sweep } from "./text-scan.ts";

export const ADMIN: Caller = { actor: "admin", role: "admin" };
const ADMIN_KEY = "test-admin-key-of-32-characters!";
/** No word of any language, and no stemmer changes it. */
export const WORD = "qxmarkerzq";
export const said = (by: string) => `An evening that ${by} calls "${WORD}", with Grüße from Köln.`;
export const picture = (by: string) => `https://images.example/${WORD}/${by.replaceAll(" ", "-")}.jpg`;
export const OTHER_DAY = {
  identifier: "paper-2",
  name: "Evening of chamber music",
  startDate: "2026-09-20T20:00:00-04:00",
  endDate: undefined,
};

/** One event, the same by name, start and place whoever tells it. Two of equal trust are at odds about its end, which a person is to look at. */
export const event = (by: string, more: Record<string, unknown> = {}) =>
  anEvent({
    identifier: `${by}-1`,
    description: said(by),
    image: picture(by),
    endDate: `2026-05-08T2${by === "the import" ? 3 : 2}:00:00-04:00`,
    // The city knows that it recurs: what shows an occurrence shows the event's texts.
    ...(by === "the city" && {
      eventSchedule: { "@type": "Schedule", repeatFrequency: "P1W", repeatCount: 4, scheduleTimezone: "America/Toronto" },
    }),
    ...more,
  });
const UNRELATED = anEvent({
  identifier: "paper-9",
  name: "Pottery",
  startDate: "2026-06-01T10:00:00-04:00",
  description: "Clay for all who come.",
});

interface Ask {
  method?: string;
  key?: string;
  body?: unknown;
  headers?: Record<string, string>;
}
/** Where the word stands. */
export interface Found {
  columns: string[];
  answers: string[];
  files: string[];
  /** Events that a search for the word finds. */
  searched: number;
}

export type TakedownNode = Awaited<ReturnType<typeof openTakedownNode>>;

export async function openTakedownNode() {
  await using opened = new AsyncDisposableStack();
  const webhooks: string[] = [];
  const receiver = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      webhooks.push(body);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((ready) => receiver.listen(0, "127.0.0.1", ready));
  opened.defer(() => {
    receiver.closeAllConnections();
    receiver.close();
  });
  const { port } = receiver.address() as AddressInfo;
  const dataDir = await mkdtemp(join(tmpdir(), "calends-takedown-"));
  opened.defer(() => rm(dataDir, { recursive: true }));
  const { database } = opened.use(await openTestDatabase());

  let now = Date.parse("2026-05-01T12:00:00Z");
  const later = () => void (now += 60_000);
  /** With small feed pages, so that many of them are closed; nothing works in the background. */
  const start = (): Promise<CalendsNode> => {
    const config = parseConfig({
      LOG_LEVEL: "fatal",
      NODE_ENV: "test",
      NODE_URL: "https://node.example",
      FETCH_ALLOW: `127.0.0.1:${port}`,
    });
    const limits = { rates: { public: null, agent: null, peer: null, admin: null } };
    const tuning = { ...DEFAULT_TUNING, feedPageSize: 2 };
    const options = { database, secrets: { adminKey: ADMIN_KEY }, clock: () => new Date(now), limits };
    return createNode({ ...config, dataDir, port: 0, roles: new Set(["api"]), tuning }, options);
  };
  let node = await start();
  opened.defer(() => node[Symbol.asyncDispose]());

  const ask = (path: string, { method, key = ADMIN_KEY, body, headers }: Ask = {}) =>
    fetch(node.url! + path, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      redirect: "manual",
      headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  /** The answer's JSON; fails on a refusal. */
  const done = async (response: Promise<Response>): Promise<any> => {
    const answer = await response;
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${answer.status}: ${text}`);
    return JSON.parse(text);
  };
  const rows = async <T>(statement: ReturnType<typeof sql>) =>
    database.read(async (on) => (await statement.execute(kyselyOf(on))).rows as T[]);
  const idsOf = async (statement: ReturnType<typeof sql>) => (await rows<{ id: string }>(statement)).map(({ id }) => ulidOf(id));

  const agent = async (name: string, trustLevel: number): Promise<string> => {
    await done(ask("/api/v1/admin/sources", { body: { name, type: "api", licenseStatus: "cc0", trustLevel } }));
    return (await done(ask("/api/v1/admin/keys", { body: { name, role: "agent", source: name } }))).key;
  };
  const city = await agent("City calendar", 5);
  const paper = await agent("Newspaper", 4);

  const submit = async (key: string, document: object, headers?: Record<string, string>): Promise<string> => {
    later();
    const { "@id": uri } = await done(ask("/api/v1/events", { key, body: document, ...(headers && { headers }) }));
    return parseOwnUri(node.base, uri as string)!.id;
  };
  const change = (method: "PUT" | "PATCH", id: string, key: string | undefined, body: object, headers?: Record<string, string>) => {
    later();
    return done(ask(`/api/v1/events/${ulidOf(id)}`, { method, body, ...(key && { key }), ...(headers && { headers }) }));
  };
  const jobs: string[] = [];
  const batch = async (key: string, items: object[]): Promise<void> => {
    later();
    jobs.push((await done(ask("/api/v1/events:batch", { key, body: items }))).id as string);
  };
  const importFile = async (documents: object[]): Promise<void> => {
    later();
    const input = { sourceName: "Imported", inputName: "events.json", inputHash: contentHash(documents) };
    const { runId } = await startImport(node.registry, ADMIN, input);
    const items = documents.map((document, position) => ({
      position,
      payload: Buffer.from(JSON.stringify(document)),
      mediaType: "application/ld+json",
    }));
    await stageItems(node.registry, runId, items);
    await applyRun(node.registry, runId);
  };

  let [eventId, twinId, searchId, epoch, snapshot, cookie] = ["", "", "", "", "", ""];
  let pages: number[] = [];
  const asOf: string[] = [];
  /** What a visitor of the feed and a person at the admin pages now has. */
  const look = async (): Promise<void> => {
    await node.processAll();
    const feed = await readPage(node as TestNode);
    ({ epoch } = decodeCursor(feed.next_cursor));
    pages = Array.from({ length: Math.floor(feed.head / 2) }, (_, n) => n + 1);
    asOf.push(new Date(now).toISOString());
    snapshot = (await ask("/api/v1/feeds/changes/snapshot")).headers.get("location")!.split("/").at(-1)!;
    const body = new URLSearchParams({ key: ADMIN_KEY });
    const signedIn = await fetch(`${node.url}/admin/sign-in`, { method: "POST", redirect: "manual", headers: { origin: node.url! }, body });
    cookie = signedIn.headers.get("set-cookie")!.split(";")[0]!;
  };

  /** Where the word stands, in all that the node keeps and answers. Fails where an answer is a failure. */
  const where = async (): Promise<Found> => {
    const reviews = await idsOf(sql`select id from review_items`);
    const others = await idsOf(sql`select id from places union select id from organizations union select id from persons`);
    const parameters = (path: string): Record<string, string>[] => {
      if (path.includes("/pages/{epoch}/{page}")) return pages.map((page) => ({ epoch, page: String(page) }));
      if (path.includes("/snapshots/")) return [{ epoch, file: snapshot }];
      if (path.startsWith("/api/v1/searches/")) return [{ ulid: searchId }];
      if (path.startsWith("/searches/")) return ["ics", "rss", "atom", "jsonld"].map((format) => ({ ulid: `${searchId}.${format}` }));
      if (path.includes("events/{ulid}")) return [eventId, twinId].map((id) => ({ ulid: ulidOf(id), recurrenceId: "20260508T200000" }));
      if (path.includes("/reviews/{ulid}")) return reviews.map((ulid) => ({ ulid }));
      if (path.startsWith("/api/v1/jobs/")) return jobs.map((id) => ({ id }));
      if (path.includes("sources/{name}")) return [{ name: "City calendar" }, { name: "Newspaper" }, { name: "Imported" }];
      if (path === "/contexts/{name}") return [{ name: "calends-v1.jsonld" }];
      if (path === "/shapes/{name}") return [{ name: "shapes-v1.ttl" }];
      if (path === "/problems/{code}") return [{ code: "gone" }];
      return others.map((ulid) => ({ ulid }));
    };
    const more = [
      "/",
      "/search",
      "/search?q=lantern",
      ...["", "/merges", "/sources", "/sources/Newspaper", "/review", ...reviews.map((ulid) => `/review/${ulid}`)].map(
        (page) => `/admin${page}`,
      ),
      "/api/v1/events/search?q=lantern&explain=true",
      `/api/v1/events/suggest?q=${WORD.slice(0, 4)}`,
      "/api/v1/events/suggest?q=lan",
      ...[eventId, twinId].flatMap((id) =>
        ["include=provenance", ...asOf.map((time) => `as_of=${time}`)].map((query) => `/api/v1/events/${ulidOf(id)}?${query}`),
      ),
    ];
    const answers = await sweep({ url: node.url!, adminKey: ADMIN_KEY, cookie, parameters, more });
    const failed = [...answers].filter(([, { status }]) => status >= 500);
    if (failed.length > 0) throw new Error(`The node fails to answer: ${JSON.stringify(failed)}`);
    return {
      columns: await columnsWith(database, WORD),
      answers: answersWith(answers, WORD),
      files: await filesWith(dataDir, WORD),
      // Its answer repeats the word in any case.
      searched: (await done(ask(`/api/v1/events/search?q=${WORD}`))).items.length as number,
    };
  };

  /** Puts the texts everywhere. */
  const putEverywhere = async (): Promise<void> => {
    const search = { name: "Lantern", query: "q=lantern", webhook_url: `http://127.0.0.1:${port}/hook` };
    searchId = (await done(ask("/api/v1/searches", { key: city, body: search }))).id as string;
    eventId = await submit(city, event("the city", { description: said("the city once") }), { "idempotency-key": "post" });
    await look();
    await change("PUT", eventId, city, event("the city"), { "idempotency-key": "put" });
    await submit(paper, event("the paper"), { "idempotency-key": "post" });
    await importFile([event("the import")]);
    // Refused items keep their bytes for a while: one that could not be read, one that could.
    const ended = { startDate: "2026-05-08T20:00:00-04:00", endDate: "2020-01-01T00:00:00Z" };
    await batch(paper, [event("the paper", { startDate: undefined }), event("the paper", ended), UNRELATED]);
    await node.processAll();
    // What a failed job left behind may quote the row that it failed on; a person takes one source's word back.
    const detail = `Failing row contains (Lantern Quartet, ${said("the paper").slice(0, 60)}..., null).`;
    await database.transact(async (tx) => {
      await sql`update pgboss.job set output = ${JSON.stringify({ message: "violates a constraint", detail })}::jsonb
        where id = (select id from pgboss.job where name = 'apply-run' and state = 'completed' limit 1)`.execute(kyselyOf(tx));
      const { rows: found } = await sql<{ id: string }>`select id from sources where name = 'Imported'`.execute(kyselyOf(tx));
      await withdrawClaim(node.registry, ADMIN, tx, { eventId, sourceId: found[0]!.id, field: "description" });
    });
    // One that is found to be the same only by a person.
    twinId = await submit(paper, event("the twin", OTHER_DAY));
    await look();
    later();
    await database.transact((tx) => mergeEvents(node.registry, ADMIN, tx, { ids: [eventId, twinId], reason: "seen on the poster" }));
    await look();
  };

  /** A change that is committed and not numbered, and a batch that waits. */
  const leaveUnderWay = async (): Promise<void> => {
    await change("PATCH", eventId, city, { description: said("the city at last") });
    await batch(paper, [event("the paper", { description: said("the paper at last") })]);
  };

  /** Every source says it all again, and then something else of the same kind. */
  const sayAgain = async (): Promise<void> => {
    for (const round of [1, 2]) {
      const again = (by: string) => event(by, round === 1 ? {} : { description: said(`${by} again`), keywords: ["quartet"] });
      await submit(city, again("the city"), { "idempotency-key": `again-${round}` });
      await submit(paper, again("the paper"));
      await batch(paper, [again("the paper"), event("the twin", OTHER_DAY)]);
      await importFile([again("the import")]);
      await change("PATCH", eventId, undefined, { description: said("the curator"), image: picture("the curator") });
      await node.processAll();
    }
    await look();
  };

  const closing = opened.move();
  return {
    get node() {
      return node;
    },
    get ids() {
      return { eventId, twinId, searchId, epoch, snapshot, asOf };
    },
    database,
    webhooks,
    keys: { city, paper },
    ask,
    done,
    rows,
    submit,
    later,
    look,
    where,
    columns: (word = WORD) => columnsWith(database, word),
    files: () => filesWith(dataDir, WORD),
    putEverywhere,
    leaveUnderWay,
    sayAgain,
    async restart() {
      await node[Symbol.asyncDispose]();
      node = await start();
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
