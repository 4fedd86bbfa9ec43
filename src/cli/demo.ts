/** `calends demo`: two nodes with real sample events that follow each other, on databases of their own, thrown away at the end. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseConfig, type Role } from "../config.ts";
import type { Database } from "../db/database.ts";
import { createNode, type CalendsNode } from "../node.ts";
import { command, table, type Cli } from "./command.ts";
import { follow, showOneEvent, whoShowsWhat, type DemoNode } from "./demo-peers.ts";
import { importFile } from "./import.ts";
import { summary } from "./import-report.ts";
import { createProgress } from "./progress.ts";
import { stopAsked } from "./serve.ts";

const sample = (name: string) => fileURLToPath(new URL(`../../test/fixtures/demo/${name}`, import.meta.url));
const NODES = [
  {
    name: "Toronto",
    file: sample("toronto-excerpt.jsonld"),
    source: { source: "City of Toronto festivals and events", license: "cc-by", timezone: "America/Toronto" },
  },
  // Real calendars seldom say their rules; these events are made up.
  {
    name: "Weekly",
    file: sample("series.jsonld"),
    source: { source: "Made-up series", license: "cc0", timezone: "America/Toronto" },
  },
] as const;
const CREDIT = "Sample events: City of Toronto. Contains information licensed under the Open Government Licence – Toronto.";

export const demoCommand = command({
  name: "demo",
  usage: "[--exit]",
  summary: "run two nodes that follow each other, with sample events, on databases that are thrown away (npm run demo)",
  options: { exit: { type: "boolean", help: "stop after printing what to open" } },
  takes: { least: 0, most: 0 },
  async run(cli, { flags }) {
    const folder = await mkdtemp(join(tmpdir(), "calends-demo-"));
    try {
      await using stack = new AsyncDisposableStack();
      const nodes: DemoNode[] = [];
      const results = [];
      const progress = createProgress(cli.stderr, cli.clock);
      for (const { name, file, source } of NODES) {
        const node = stack.use(await openDemoNode(cli, name, join(folder, name), ["api", "sequencer"]));
        nodes.push({ name, node });
        results.push(await importFile(cli, node, file, { ...source, report: join(folder, `rejects-${basename(file)}l`) }, progress));
        await node.processAll();
      }
      cli.stdout.write(`${summary(results)}\n\n`);
      const [toronto, weekly] = nodes as [DemoNode, DemoNode];
      await follow(weekly, toronto);
      await follow(toronto, weekly);
      cli.stdout.write(`Each follows the other\n${await whoShowsWhat(nodes)}\n\n`);
      cli.stdout.write(`${await showOneEvent(toronto, weekly)}\n\n${whatToOpen(nodes)}\n${CREDIT}\n`);
      if (!flags.exit) {
        // What is shown above was pulled when it was asked for; from now on workers do it.
        for (const { name, node } of nodes) stack.use(await openDemoNode(cli, name, join(folder, name), ["worker"], node.database));
        cli.stdout.write("\nWhat changes at one shows at the other. Stop with Ctrl-C; nothing of it remains.\n");
        await stopAsked(cli);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return 0;
  },
});

/** Of the environment only what cannot reach a real node's data or name. */
function openDemoNode({ env, clock }: Cli, name: string, dataDir: string, roles: Role[], database?: Database): Promise<CalendsNode> {
  const config = {
    ...parseConfig({ LOG_LEVEL: env["LOG_LEVEL"] ?? "error", HOST: env["HOST"] }),
    roles: new Set(roles),
    dataDir,
    port: 0,
    nodeName: `Calends demo: ${name}`,
  };
  return createNode(config, { secrets: {}, clock, ...(database !== undefined && { database }) });
}

function whatToOpen(nodes: readonly DemoNode[]): string {
  const rows = nodes.flatMap(({ name, node }): [string, string][] => [
    [name, `${node.base}/`],
    ["  every change", `${node.base}/api/v1/feeds/changes`],
    ["  its peers", `${node.base}/admin/peers`],
    ["  API", `${node.base}/docs`],
    ["  admin key", node.firstAdminKey ?? ""],
  ]);
  return `Open\n${table(rows)}\n`;
}
