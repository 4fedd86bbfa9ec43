/** `calends demo`: a node with real sample events on a database of its own, thrown away at the end. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseConfig } from "../config.ts";
import { listIds } from "../db/entity-ids.ts";
import { readStates } from "../db/entities.ts";
import { ulidOf } from "../domain/iri.ts";
import { createNode, type CalendsNode } from "../node.ts";
import { command, table } from "./command.ts";
import { importFile } from "./import.ts";
import { summary } from "./import-report.ts";
import { createProgress } from "./progress.ts";
import { stopAsked } from "./serve.ts";

const sample = (name: string) => fileURLToPath(new URL(`../../test/fixtures/demo/${name}`, import.meta.url));
const SAMPLES = [
  { file: sample("toronto-excerpt.jsonld"), source: "City of Toronto festivals and events", license: "cc-by", timezone: "America/Toronto" },
  // Real calendars seldom say their rules; these events are made up.
  { file: sample("series.jsonld"), source: "Made-up series", license: "cc0", timezone: "America/Toronto" },
] as const;
const CREDIT = "Sample events: City of Toronto. Contains information licensed under the Open Government Licence – Toronto.";

export const demoCommand = command({
  name: "demo",
  usage: "[--exit]",
  summary: "run a node with sample events, on a database that is thrown away (npm run demo)",
  options: { exit: { type: "boolean", help: "stop after printing what to open" } },
  takes: { least: 0, most: 0 },
  async run(cli, { flags }) {
    const folder = await mkdtemp(join(tmpdir(), "calends-demo-"));
    try {
      // Of the environment only what cannot reach a real node's data or name.
      const { env } = cli;
      const config = {
        ...parseConfig({ LOG_LEVEL: env["LOG_LEVEL"] ?? "error", HOST: env["HOST"] }),
        dataDir: folder,
        port: 0,
        nodeName: "Calends demo",
      };
      await using node = await createNode(config, { secrets: {}, clock: cli.clock });
      const progress = createProgress(cli.stderr, cli.clock);
      const results = [];
      for (const { file, ...source } of SAMPLES) {
        results.push(await importFile(cli, node, file, { ...source, report: join(folder, `rejects-${basename(file)}l`) }, progress));
      }
      await node.processAll();
      cli.stdout.write(`${summary(results)}\n\n${await whatToOpen(node)}\n${CREDIT}\n`);
      if (!flags.exit) {
        cli.stdout.write("\nStop with Ctrl-C; nothing of it remains.\n");
        await stopAsked(cli);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return 0;
  },
});

async function whatToOpen(node: CalendsNode): Promise<string> {
  const states = await node.database.read(async (on) => readStates(on, "event", await listIds(on, "event", undefined, 200)));
  // The one that lies furthest ahead.
  const event = states.filter((state) => state.kind === "event").toSorted((one, other) => other.startDate.localeCompare(one.startDate))[0];
  const rows: [string, string][] = [["Events", `${node.base}/`]];
  if (event !== undefined) {
    const uri = `${node.base}/events/${ulidOf(event.id)}`;
    rows.push(
      ["One event", uri],
      ["  as JSON-LD", `curl -H 'Accept: application/ld+json' ${uri}`],
      ["  as Turtle", `curl -H 'Accept: text/turtle' ${uri}`],
    );
  }
  rows.push(["Every change", `${node.base}/api/v1/feeds/changes`], ["API", `${node.base}/docs`]);
  if (node.firstAdminKey !== undefined) rows.push(["Admin key", node.firstAdminKey]);
  return `Open\n${table(rows)}\n`;
}
