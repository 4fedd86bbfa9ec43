/** One query class on one corpus: the API over HTTP and the statements it sends by pgbench, in interleaved rounds. */
import type { Child } from "./child.ts";
import type { Statement } from "./search-capture.ts";
import type { Asked, Answered } from "./search-client.ts";
import { AUTHORIZATION, type ApiNode } from "./search-node.ts";
import { replay } from "./search-replay.ts";
import { latency, type Latency, type Sample } from "./search-statistics.ts";

export interface Measuring {
  url: string;
  node: ApiNode;
  /** The same corpus behind a node that tells its statements. */
  capturing: ApiNode;
  client: Child;
  connections: number;
  rounds: number;
}

export interface ClassResult {
  queries: number;
  /** Statements of a request, on average. */
  statements: number;
  /** Bytes of an answer, on average. */
  bytes: number;
  api: Latency;
  sql: Latency;
}

/** Times of one side that each round runs every query. */
const TIMES = 2;

export async function measureClass(measuring: Measuring, paths: readonly string[]): Promise<ClassResult> {
  const { url, node, capturing, client, connections, rounds } = measuring;
  const requests = await capture(capturing, client, paths);
  const warm = await ask(node, client, paths, connections);
  const [api, sql]: [Sample[], Sample[]] = [[], []];
  const mine = async () => {
    const asked = Array.from({ length: TIMES }, () => [...paths.keys()]).flat();
    const answers = await ask(node, client, asked.map((n) => paths[n]!), connections); // prettier-ignore
    api.push(...answers.map(({ microseconds }, n) => ({ of: asked[n]!, milliseconds: microseconds / 1e3 })));
  };
  const other = async () => void sql.push(...(await replay(url, requests, TIMES, connections)));
  for (let round = 0; round < rounds; round++) for (const side of round % 2 === 0 ? [mine, other] : [other, mine]) await side();
  return {
    queries: paths.length,
    statements: average(requests.map((one) => one.length)),
    bytes: average(warm.map((one) => one.bytes)),
    api: latency(api),
    sql: latency(sql),
  };
}

/** What the node sends for each path, asked one at a time, and each twice: the first may look up what is then kept. */
async function capture(node: ApiNode, client: Child, paths: readonly string[]): Promise<Statement[][]> {
  const requests: Statement[][] = [];
  await ask(node, client, paths, 1);
  await node.statements();
  for (const path of paths) {
    await ask(node, client, [path], 1);
    requests.push(await node.statements());
  }
  const silent = requests.findIndex((one) => one.length === 0);
  if (silent >= 0) throw new Error(`GET ${paths[silent]} sends nothing to PostgreSQL: there is nothing to compare it with.`);
  return requests;
}

async function ask(node: ApiNode, client: Child, paths: readonly string[], connections: number): Promise<Answered[]> {
  const answers = await client.call<Answered[]>("ask", {
    port: node.port,
    headers: AUTHORIZATION,
    paths: [...paths],
    connections,
  } satisfies Asked);
  const failed = answers.findIndex(({ status }) => status !== 200);
  if (failed >= 0) throw new Error(`GET ${paths[failed]}: ${answers[failed]!.status}\nThe node's log ends with:\n${node.lastWords()}`);
  return answers;
}

const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
