/** `calends source add|set|list|withdraw|reinstate`: who speaks here, with what trust, under which license, and how it is visited. */
import { listSources } from "../db/sources.ts";
import { LICENSE_STATUSES, SOURCE_TYPES } from "../domain/vocabulary.ts";
import type { CalendsNode } from "../node.ts";
import { listHarvests, type ListedHarvest } from "../registry/harvests.ts";
import { addSource, changeSource, type NewSource, type SourceRow } from "../registry/sources.ts";
import { reinstateSource, withdrawSource } from "../registry/withdraw-source.ts";
import { columns, command, oneOf, textOf, UsageError, wholeNumber, type Cli, type Option } from "./command.ts";
import { openNode, operator } from "./open-node.ts";
import { applyHarvest, HARVEST_OPTIONS, harvestCommand, harvestOf } from "./source-harvest.ts";

const SETTINGS = {
  license: {
    type: "string",
    value: "WORD",
    help: `${LICENSE_STATUSES.join(", ")}: descriptions and images of the last two are kept but never given out`,
  },
  "license-url": { type: "string", value: "URL", help: "where the license can be read" },
  trust: { type: "string", value: "N", help: "1 to 10: the higher wins where sources disagree" },
  timezone: { type: "string", value: "ZONE", help: "zone of local times that name none, such as America/Toronto" },
  url: { type: "string", value: "URL", help: "the source's own site" },
  contact: { type: "string", value: "TEXT", help: "whom to ask" },
  ...HARVEST_OPTIONS,
  json: { type: "boolean", help: "print JSON" },
} as const satisfies Record<string, Option>;

type Flags = { [K in keyof typeof SETTINGS]?: string | boolean | undefined };

function settingsOf(flags: Flags): Omit<NewSource, "name" | "type"> {
  const settings = {
    licenseStatus: oneOf("license", flags.license, LICENSE_STATUSES),
    licenseUrl: textOf(flags["license-url"]),
    trustLevel: wholeNumber("trust", flags.trust, 1, 10),
    timezone: textOf(flags.timezone),
    baseUrl: textOf(flags.url),
    contact: textOf(flags.contact),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

const add = command({
  name: "source add",
  usage: "NAME [options]",
  summary: "make a source",
  options: { type: { type: "string", value: "WORD", help: `${SOURCE_TYPES.join(", ")} (default partner)` }, ...SETTINGS },
  takes: { least: 1, most: 1 },
  async run(cli, { flags, positionals }) {
    const type = oneOf("type", flags.type, SOURCE_TYPES) ?? "partner";
    const settings = settingsOf(flags);
    const harvest = harvestOf(flags);
    const name = positionals[0]!;
    await using node = await openNode(cli);
    const caller = operator(cli);
    await node.database.transact(async (tx) => {
      await addSource(node.registry, caller, tx, { name, type, ...settings });
      await applyHarvest(cli, node, tx, name, harvest);
    }, caller);
    await showNamed(cli, node, name, flags.json === true);
    return 0;
  },
});

const set = command({
  name: "source set",
  usage: "NAME [options]",
  summary: "change a source; its events follow",
  options: SETTINGS,
  takes: { least: 1, most: 1 },
  async run(cli, { flags, positionals }) {
    const settings = settingsOf(flags);
    const harvest = harvestOf(flags);
    const changes = Object.keys(settings).length > 0;
    if (!changes && harvest === undefined) throw new UsageError('calends source set: say what to change. See "calends source set --help".');
    const name = positionals[0]!;
    await using node = await openNode(cli);
    const caller = operator(cli);
    await node.database.transact(async (tx) => {
      if (changes) await changeSource(node.registry, caller, tx, name, settings);
      await applyHarvest(cli, node, tx, name, harvest);
    }, caller);
    await showNamed(cli, node, name, flags.json === true);
    return 0;
  },
});

const list = command({
  name: "source list",
  usage: "[--json]",
  summary: "show the sources",
  options: { json: SETTINGS.json },
  takes: { least: 0, most: 0 },
  async run(cli, { flags }) {
    await using node = await openNode(cli);
    show(cli, await node.database.read(listSources), await node.database.read(listHarvests), flags.json === true);
    return 0;
  },
});

const withdraw = command({
  name: "source withdraw",
  usage: "NAME --reason TEXT",
  summary: "take back all that a source says, until it is reinstated",
  options: { reason: { type: "string", value: "TEXT", help: "why; stands in the audit log" } },
  takes: { least: 1, most: 1 },
  async run(cli, { flags, positionals }) {
    const reason = textOf(flags.reason);
    if (reason === undefined) throw new UsageError("calends source withdraw: say why, with --reason TEXT.");
    const name = positionals[0]!;
    await using node = await openNode(cli);
    const caller = operator(cli);
    await node.database.transact((tx) => withdrawSource(node.registry, caller, tx, { name, reason }), caller);
    cli.stdout.write(`${name} is withdrawn; a worker of the node settles its events anew.\n`);
    return 0;
  },
});

const reinstate = command({
  name: "source reinstate",
  usage: "NAME [--reason TEXT]",
  summary: "let a withdrawn source speak again",
  options: { reason: { type: "string", value: "TEXT", help: "why; stands in the audit log" } },
  takes: { least: 1, most: 1 },
  async run(cli, { flags, positionals }) {
    const name = positionals[0]!;
    await using node = await openNode(cli);
    const caller = operator(cli);
    await node.database.transact((tx) => reinstateSource(node.registry, caller, tx, { name, reason: textOf(flags.reason) }), caller);
    cli.stdout.write(`${name} speaks again; a worker of the node settles its events anew.\n`);
    return 0;
  },
});

export const sourceCommands = [add, set, list, harvestCommand, withdraw, reinstate];

async function showNamed(cli: Cli, { database }: CalendsNode, name: string, asJson: boolean): Promise<void> {
  const sources = (await database.read(listSources)).filter((source) => source.name === name);
  show(cli, sources, await database.read(listHarvests), asJson);
}

function show(cli: Cli, sources: readonly SourceRow[], harvests: readonly ListedHarvest[], asJson: boolean): void {
  const harvestOfSource = new Map(harvests.map(({ source: _, sourceId, ...harvest }) => [sourceId, harvest]));
  if (asJson) {
    cli.stdout.write(`${JSON.stringify(sources.map((source) => ({ ...source, harvest: harvestOfSource.get(source.id) ?? null })))}\n`);
    return;
  }
  const rows = sources.map((source) => [
    source.name,
    source.type,
    String(source.trustLevel),
    source.licenseStatus,
    source.timezone ?? "",
    source.baseUrl ?? "",
    source.withdrawnAt === null ? lastVisitOf(harvestOfSource.get(source.id)) : "withdrawn",
  ]);
  cli.stdout.write(
    rows.length === 0
      ? "There is no source yet: calends source add NAME, or calends import FILE.\n"
      : `${columns(["name", "type", "trust", "license", "timezone", "site", "last visit"], rows)}\n`,
  );
}

/** "2026-03-01 12:00 taken"; empty for a source that is not visited. */
function lastVisitOf(harvest: Omit<ListedHarvest, "source" | "sourceId"> | undefined): string {
  if (harvest === undefined) return "";
  if (!harvest.enabled) return "switched off";
  return harvest.lastVisitAt === null
    ? "none yet"
    : `${harvest.lastVisitAt.toISOString().slice(0, 16).replace("T", " ")} ${harvest.lastOutcome}`;
}
