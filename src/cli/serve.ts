/** `calends serve`: a node until it is told to stop. */
import { once } from "node:events";
import { parseConfig, parseSecrets, type NodeConfig } from "../config.ts";
import { createNode, type CalendsNode } from "../node.ts";
import { command, table, type Cli } from "./command.ts";

export const serveCommand = command({
  name: "serve",
  usage: "",
  summary: "run a node (npm start)",
  details:
    "Settings come from the environment: PORT, HOST, NODE_URL, NODE_NAME, DATA_DIR or DATABASE_URL, ADMIN_KEY, ROLES, LOG_LEVEL …\nThe first SIGINT or SIGTERM lets what is under way finish; the second stops at once.",
  options: {},
  takes: { least: 0, most: 0 },
  async run(cli) {
    const config = parseConfig(cli.env);
    await using node = await createNode(config, { secrets: parseSecrets(cli.env), clock: cli.clock });
    cli.stdout.write(banner(config, node));
    await stopAsked(cli);
    cli.stderr.write("Stopping: finishing what is under way (once more to stop at once).\n");
    return 0;
  },
});

/** Resolves at the first signal. */
export async function stopAsked({ stopping }: Cli): Promise<void> {
  if (!stopping.aborted) await once(stopping, "abort");
}

/** What one sees after `npm start`. */
function banner(config: NodeConfig, node: CalendsNode): string {
  const rows: [string, string][] = [];
  if (node.url !== undefined) {
    rows.push(["Home", `${node.url}/`], ["API", `${node.url}/docs`], ["Feed", `${node.url}/api/v1/feeds/changes`]);
    if (node.base !== node.url) rows.push(["Base of @id", node.base]);
  }
  rows.push(["Roles", [...config.roles].join(", ")]);
  rows.push([
    "Database",
    node.database.kind === "server"
      ? "PostgreSQL"
      : `embedded in ${config.dataDir}: it outlives this process's death, but promises nothing after a power cut (DATABASE_URL does)`,
  ]);
  if (node.firstAdminKey !== undefined)
    rows.push([
      "Admin key",
      `${node.firstAdminKey}   (shown this once; keep it, or make another by: calends key create --role admin NAME)`,
    ]);
  const crashed =
    node.database.kind === "embedded" && !node.wasClosedCleanly
      ? "\nThe last process did not close this database in order, so the feed begins a new epoch: its readers start over from the snapshot.\n"
      : "";
  return `${config.nodeName} is up.\n\n${table(rows)}\n${crashed}\nStop with Ctrl-C.\n`;
}
