/**
 * One or several whole nodes for a test, each with a database and a port of its own:
 * `await using network = await createNetwork({ nodes: 2 })`. Nothing works in the background; `processAll()` runs
 * every job and numbers every change, so that no test has to wait.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig, type Env, type Role, type Tuning } from "../../src/config.ts";
import type { Clock } from "../../src/domain/clock.ts";
import { createNode, type CalendsNode, type NodeOptions } from "../../src/node.ts";
import { openTestDatabase } from "./db.ts";

/** Accepted by every node of a network. */
export const ADMIN_KEY = "test-admin-key-of-32-characters!";

export interface NetworkOptions {
  nodes: number;
  env?: Env;
  clock?: Clock;
  limits?: NodeOptions["limits"];
  /** "api" alone unless a test wants to see the others at work. */
  roles?: readonly Role[];
  tuning?: Partial<Tuning>;
}

export interface TestNode extends CalendsNode {
  readonly url: string;
  /** Asks this node as an admin; `path` begins with a slash. */
  asAdmin(path: string, request?: RequestInit): Promise<Response>;
}

export interface TestNetwork extends AsyncDisposable {
  readonly nodes: readonly TestNode[];
  /** The first node. */
  readonly node: TestNode;
  /** Drains the jobs and the sequencers of all nodes, again and again until none has anything left. */
  processAll(): Promise<void>;
}

export async function createNetwork({
  nodes: size,
  env = {},
  clock,
  limits,
  roles = ["api"],
  tuning,
}: NetworkOptions): Promise<TestNetwork> {
  await using opened = new AsyncDisposableStack();
  const nodes: TestNode[] = [];
  for (let n = 1; n <= size; n++) {
    const { database } = opened.use(await openTestDatabase());
    // Where the feed's snapshots are kept.
    const dataDir = await mkdtemp(join(tmpdir(), "calends-node-"));
    opened.defer(() => rm(dataDir, { recursive: true }));
    const parsed = parseConfig({ LOG_LEVEL: "fatal", NODE_ENV: "test", NODE_NAME: `Node ${n}`, ...env });
    const config = {
      ...parsed,
      tuning: { ...parsed.tuning, ...tuning },
      dataDir,
      port: 0,
      roles: new Set(roles),
    };
    const generous = { rates: { public: null, agent: null, peer: null, admin: null } };
    const node = opened.use(
      await createNode(config, { database, secrets: { adminKey: ADMIN_KEY }, limits: { ...generous, ...limits }, ...(clock && { clock }) }),
    );
    nodes.push({
      ...node,
      url: node.url!,
      asAdmin: (path, request = {}) =>
        fetch(`${node.url}${path}`, {
          ...request,
          headers: { ...(request.headers as Record<string, string>), authorization: `Bearer ${ADMIN_KEY}` },
        }),
    });
  }
  const closing = opened.move();
  return {
    nodes,
    node: nodes[0]!,
    async processAll() {
      for (const node of nodes) await node.processAll();
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
