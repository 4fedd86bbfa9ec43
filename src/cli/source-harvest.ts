/** `calends source harvest NAME`, and the flags of `source add` and `source set` by which a source is visited. */
import { parseConfig } from "../config.ts";
import type { Tx } from "../db/database.ts";
import { whyNotTarget } from "../federation/safe-fetch.ts";
import type { VisitResult } from "../federation/harvest/visit.ts";
import type { CalendsNode } from "../node.ts";
import { HARVEST_FORMATS, listHarvests, removeHarvest, setHarvest, type HarvestSettings } from "../registry/harvests.ts";
import { findNamedSource } from "../registry/sources.ts";
import { command, oneOf, textOf, UsageError, wholeNumber, type Cli, type Option } from "./command.ts";
import { openNode, operator } from "./open-node.ts";

export const HARVEST_OPTIONS = {
  harvest: { type: "string", value: "URL", help: "where the node visits the source itself" },
  "no-harvest": { type: "boolean", help: "visit it no more; what it said stays" },
  format: {
    type: "string",
    value: "WORD",
    help: `what is served there: ${HARVEST_FORMATS.join(", ")} (a page with JSON-LD in it is html, another node's export is export)`,
  },
  every: { type: "string", value: "MINUTES", help: "how often, from 5 to 43200 (default 360)" },
  "missing-after": {
    type: "string",
    value: "VISITS",
    help: "after so many visits without an event the source counts as silent about it (default 3)",
  },
} as const satisfies Record<string, Option>;

type Flags = { [K in keyof typeof HARVEST_OPTIONS]?: string | boolean | undefined };

/** What the flags change of how the source is visited: undefined for nothing, "remove" for not at all. */
export function harvestOf(flags: Flags): Partial<HarvestSettings> | "remove" | undefined {
  const given = {
    url: textOf(flags.harvest),
    format: oneOf("format", flags.format, HARVEST_FORMATS),
    everyMinutes: wholeNumber("every", flags.every, 5, 43_200),
    missingAfter: wholeNumber("missing-after", flags["missing-after"], 1, 100),
  };
  const settings = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const some = Object.keys(settings).length > 0;
  if (flags["no-harvest"] !== true) return some ? settings : undefined;
  if (some) throw new UsageError("--no-harvest goes with none of --harvest, --format, --every and --missing-after.");
  return "remove";
}

/** Changes how the source of that name is visited, in the caller's transaction. */
export async function applyHarvest(cli: Cli, node: CalendsNode, tx: Tx, name: string, change: ReturnType<typeof harvestOf>): Promise<void> {
  if (change === undefined) return;
  const caller = operator(cli);
  if (change === "remove") return removeHarvest(node.registry, caller, tx, { name });
  const { fetchAllow } = parseConfig(cli.env);
  await setHarvest(node.registry, caller, tx, { name, ...change }, { whyNotTarget: (url) => whyNotTarget(url, fetchAllow) });
}

export const harvestCommand = command({
  name: "source harvest",
  usage: "NAME [--json]",
  summary: "visit a source now, and say what came of it",
  options: { json: { type: "boolean", help: "print JSON" } },
  takes: { least: 1, most: 1 },
  async run(cli, { flags, positionals }) {
    const name = positionals[0]!;
    await using node = await openNode(cli);
    const source = await findNamedSource(node.registry, name);
    if (source === undefined) throw new UsageError(`There is no source named ${name}: see "calends source list".`);
    const harvests = await node.database.read(listHarvests);
    if (!harvests.some(({ sourceId }) => sourceId === source.id))
      throw new UsageError(`${name} is not visited: calends source set ${name} --harvest URL --format ${HARVEST_FORMATS.join("|")}`);
    const result = await node.harvest(source.id);
    cli.stdout.write(`${flags.json ? JSON.stringify(result) : told(name, result)}\n`);
    return ["taken", "unchanged"].includes(result.outcome) ? 0 : 1;
  },
});

function told(name: string, result: VisitResult): string {
  switch (result.outcome) {
    case "idle":
      return `${name} is withdrawn, or visited by another process at this time.`;
    case "waiting":
      return `The host of ${name} is to be left alone until ${result.until.toISOString()}.`;
    default: {
      const { found, created, updated, unchanged, rejected, missing, withdrawn, returned } = result.counts;
      const counts = { found, new: created, updated, unchanged, rejected, missing, withdrawn, returned };
      const some = Object.entries(counts).filter(([word, count]) => count > 0 || word === "found");
      return [
        `${name}: ${result.outcome}; ${some.map(([word, count]) => `${count} ${word}`).join(", ")}`,
        ...(result.trouble ? [result.trouble] : []),
        `The next visit is due at ${result.nextVisitAt.toISOString()}.`,
      ].join("\n");
    }
  }
}
