/** Nodes as processes of their own that follow each other over bad lines, and what is demanded of them when all is quiet. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import canonicalize from "canonicalize";
import { sql } from "kysely";
import { expect } from "vitest";
import type { Database } from "../../src/db/database.ts";
import { kyselyOf } from "../../src/db/handle.ts";
import { freePort } from "./broker.ts";
import { fetchAgain, makeKey, read, readFeed, type Reader } from "./crash.ts";
import { NODE_ADMIN_KEY, startNode, type NodeProcess } from "./process.ts";
import { startProxy, type TcpProxy } from "./tcp-proxy.ts";

export interface FederatedNode extends AsyncDisposable {
  readonly name: string;
  /** Where writers reach it: past the bad line. */
  readonly direct: string;
  /** What its URIs begin with, and where its peers reach it: behind the bad line. */
  readonly base: string;
  readonly line: TcpProxy;
  readonly reader: Reader;
  /** kill -9, and at once a new process on the same data. */
  crash(): Promise<void>;
  /** An orderly end. */
  stop(): Promise<void>;
  log(): ReturnType<NodeProcess["log"]>;
}

/** Milliseconds; a fresh embedded database is eighteen seconds of work. */
const PATIENCE = 600_000;

/** `env` says where its data are. */
export async function startFederated(name: string, env: Record<string, string>, random: () => number): Promise<FederatedNode> {
  const port = await freePort();
  const line = await startProxy({ to: port, random });
  const settings = {
    ...env,
    PORT: String(port),
    NODE_URL: line.url,
    NODE_NAME: name,
    PUBLIC_RATE: "unlimited",
    LOG_LEVEL: "warn",
    // A start is mostly reading the program: a second's work of ours, a third of it without this.
    NODE_COMPILE_CACHE: join(tmpdir(), "calends-compile-cache"),
  };
  let node = await startNode(settings, PATIENCE);
  const earlier: ReturnType<NodeProcess["log"]> = [];
  const key = await makeKey(node.url, NODE_ADMIN_KEY, name);
  return {
    name,
    direct: node.url,
    base: line.url,
    line,
    reader: { url: node.url, key },
    async crash() {
      await node.kill();
      earlier.push(...node.log());
      node = await startNode(settings, PATIENCE);
    },
    stop: () => node.stop(),
    log: () => [...earlier, ...node.log()],
    async [Symbol.asyncDispose]() {
      await node[Symbol.asyncDispose]();
      await line[Symbol.asyncDispose]();
    },
  };
}

interface PeerShown {
  id: string;
  base: string;
  status: string;
  position: number;
  head?: number;
  failures: number;
  alarm?: unknown;
  lastError?: string;
}

const ADMIN = { authorization: `Bearer ${NODE_ADMIN_KEY}`, "content-type": "application/json" };
const asked = async <T>(node: FederatedNode, path: string, request?: RequestInit): Promise<T> => {
  const response = await fetchAgain(`${node.direct}/api/v1/admin/peers${path}`, { headers: ADMIN, ...request });
  if (!response.ok) throw new Error(`${request?.method ?? "GET"} peers${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
};

/** One follows another, and believes what it relays. */
export async function follow(follower: FederatedNode, origin: FederatedNode): Promise<void> {
  const body = JSON.stringify({ url: origin.base, relay: true, everySeconds: 10 });
  await asked(follower, "", { method: "POST", body });
}

export const peersOf = async (node: FederatedNode): Promise<PeerShown[]> => (await asked<{ items: PeerShown[] }>(node, "")).items;

/** Has it pull all its peers as soon as it can. Throws where an alarm has stopped one. */
export async function pullNow(node: FederatedNode): Promise<void> {
  for (const { id, base, status, alarm } of await peersOf(node)) {
    if (status !== "active") throw new Error(`${node.name} has stopped following ${base}: ${JSON.stringify(alarm)}`);
    await asked(node, `/${id}/sync`, { method: "POST" });
  }
}

/** How many items of the origin's feed the follower has not read yet. */
export async function lag(follower: FederatedNode, origin: FederatedNode): Promise<number> {
  const { head } = await read<{ head: number }>(origin.reader, "/api/v1/feeds/changes?limit=1");
  return head - (await peersOf(follower)).find(({ base }) => base === origin.base)!.position;
}

/** How far each is in the feeds that it follows, in a line. */
export async function standing(nodes: readonly FederatedNode[]): Promise<string> {
  const nameOf = (url: string) => nodes.find(({ base }) => base === url)?.name;
  const lines = nodes.map(async (node) =>
    (await peersOf(node)).map(
      ({ base, position, head, failures, lastError }) =>
        `${node.name} of ${nameOf(base)} ${position}/${head}${failures > 0 ? ` (${failures} failures: ${lastError?.slice(-60)})` : ""}`,
    ),
  );
  return (await Promise.all(lines)).flat().join(", ");
}

/** All that its feed shows now, proven: the canonical document by URI; "gone" for what it showed once. */
export async function replicaOf(node: FederatedNode): Promise<Map<string, string>> {
  const { items } = await readFeed(node.reader);
  return new Map(items.map(({ uri, snapshot }) => [uri, snapshot === undefined ? "gone" : canonicalize(snapshot)!]));
}

/** The URIs of all events that are listed, each occurrence once. */
export async function listedUris({ reader }: FederatedNode): Promise<string[]> {
  const uris: string[] = [];
  for (let after: string | null = ""; after !== null;) {
    const page: { items: { "@id": string }[]; next_cursor: string | null } = await read(
      reader,
      `/api/v1/events?limit=200${after === "" ? "" : `&after=${after}`}`,
    );
    uris.push(...page.items.map((item) => item["@id"]));
    after = page.next_cursor;
  }
  return uris;
}

/**
 * What the cursor of `follower` has passed although it was never applied: URIs of the origin's own entities whose last change at or before
 * that position the follower's statement does not have. The follower is read in one statement, the origin after it.
 */
export async function passedUnapplied(follower: Database, origin: Database, base: string): Promise<string[]> {
  const { rows: held } = await follower.read((on) =>
    sql<{ position: number; applied: Record<string, number> }>`
      select n.position, coalesce((select jsonb_object_agg(s.uri, s.position) from federation_statements s where s.origin_node_id = n.id), '{}') as applied
      from federation_nodes n where n.base_url = ${base}`.execute(kyselyOf(on)),
  );
  const { position, applied } = held[0]!;
  const { rows: said } = await origin.read((on) =>
    sql<{ uri: string; position: number; gone: boolean }>`
      select distinct on (entity_id) uri, sequence_number as position, action = 'delete' as gone from event_changes
      where sequence_number <= ${position} and federation_uri is null order by entity_id, sequence_number desc`.execute(kyselyOf(on)),
  );
  // A snapshot does not tell of what came and went before it was made.
  return said.filter(({ uri, position: last, gone }) => (applied[uri] ?? (gone ? last : -1)) < last).map(({ uri }) => uri);
}

/** Where a follower stands in a feed, and where that ends. */
export async function cursorAndHead(follower: Database, origin: Database, base: string): Promise<{ cursor: number; head: number }> {
  const one = async (database: Database, query: ReturnType<typeof sql<{ at: number }>>) =>
    (await database.read((on) => query.execute(kyselyOf(on)))).rows[0]!.at;
  return {
    cursor: await one(follower, sql<{ at: number }>`select position as at from federation_nodes where base_url = ${base}`),
    head: await one(origin, sql<{ at: number }>`select position as at from feed_head`),
  };
}

/** The same, in words, for a failure that shows what differs and not a megabyte. */
export function expectSame(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>, names: string): void {
  const keys = new Set([...one.keys(), ...other.keys()]);
  // What was never shown anywhere but where it began and ended is no difference.
  const differing = [...keys].filter((uri) => (one.get(uri) ?? "gone") !== (other.get(uri) ?? "gone"));
  expect(
    differing.slice(0, 3).map((uri) => ({ uri, one: one.get(uri), other: other.get(uri) })),
    `${differing.length} of ${keys.size} differ between ${names}`,
  ).toEqual([]);
}
