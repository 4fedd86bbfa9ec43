/** A whole node that holds the real input, its clock stopped, asked over HTTP by an admin, who has no rate. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig, parseSecrets, readEnv } from "../../src/config.ts";
import { createNode, type CalendsNode } from "../../src/node.ts";
import { readCorpus, type CorpusEvent } from "./corpus.ts";
import { findRealData, importRealData } from "./real-corpus.ts";

const ADMIN_KEY = "relevance-only-admin-key-of-32-chars";

/** Wednesday noon in Toronto, when the city's calendar is fullest; “tonight” and “this weekend” are counted from here. */
export const NOW = "2025-06-04T12:00:00-04:00";

export interface OpenCorpus extends AsyncDisposable {
  node: CalendsNode;
  corpus: CorpusEvent[];
  /** Asks the node; `path` begins with a slash. */
  ask(path: string): Promise<Response>;
}

/**
 * Opens a node on the fresh database of DATABASE_URL, or an embedded one that is thrown away, imports the files and
 * does every job that follows (vectors among them). Ends the process with one line where the files are not there.
 */
export async function openCorpus(): Promise<OpenCorpus> {
  const env = readEnv();
  const folder = findRealData(env["CALENDS_DATA_DIR"]);
  if (folder === undefined) {
    console.error("The real input is not at hand: put its three files into ../shared/data or the folder of CALENDS_DATA_DIR.");
    process.exit(2);
  }
  await using opened = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), "calends-relevance-"));
  opened.defer(() => rm(dataDir, { recursive: true }));
  const { databaseUrl } = parseSecrets(env);
  const config = parseConfig({
    LOG_LEVEL: "error",
    DEFAULT_TIMEZONE: "America/Toronto",
    ...(env["EMBEDDINGS"] && { EMBEDDINGS: env["EMBEDDINGS"] }),
  });
  const node = opened.use(
    await createNode(
      { ...config, nodeUrl: "https://relevance.example", dataDir, port: 0, roles: new Set(["api"]) },
      {
        secrets: { adminKey: ADMIN_KEY, ...(databaseUrl !== undefined && { databaseUrl }) },
        clock: () => new Date(NOW),
        limits: { rates: { public: null, agent: null, peer: null, admin: null } },
      },
    ),
  );
  await importRealData(node, folder);
  await node.processAll();
  const headers = { authorization: `Bearer ${ADMIN_KEY}` };
  const corpus = await readCorpus(node.url!, headers);
  const closing = opened.move();
  return {
    node,
    corpus,
    ask: (path) => fetch(`${node.url}${path}`, { headers }),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
