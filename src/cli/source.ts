/** `calends source add|set|list`: who speaks here, with what trust, under which license. */
import { listSources } from "../db/sources.ts";
import { LICENSE_STATUSES, SOURCE_TYPES } from "../domain/vocabulary.ts";
import { addSource, changeSource, type NewSource, type SourceRow } from "../registry/sources.ts";
import { columns, command, oneOf, textOf, UsageError, wholeNumber, type Cli, type Option } from "./command.ts";
import { openNode, operator } from "./open-node.ts";

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
    await using node = await openNode(cli);
    const caller = operator(cli);
    const source = await node.database.transact(
      (tx) => addSource(node.registry, caller, tx, { name: positionals[0]!, type, ...settings }),
      caller,
    );
    show(cli, [source], flags.json === true);
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
    if (Object.keys(settings).length === 0)
      throw new UsageError('calends source set: say what to change. See "calends source set --help".');
    await using node = await openNode(cli);
    const caller = operator(cli);
    const source = await node.database.transact((tx) => changeSource(node.registry, caller, tx, positionals[0]!, settings), caller);
    show(cli, [source], flags.json === true);
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
    show(cli, await node.database.read(listSources), flags.json === true);
    return 0;
  },
});

export const sourceCommands = [add, set, list];

function show(cli: Cli, sources: readonly SourceRow[], asJson: boolean): void {
  if (asJson) {
    cli.stdout.write(`${JSON.stringify(sources)}\n`);
    return;
  }
  const rows = sources.map((source) => [
    source.name,
    source.type,
    String(source.trustLevel),
    source.licenseStatus,
    source.timezone ?? "",
    source.baseUrl ?? "",
  ]);
  cli.stdout.write(
    rows.length === 0
      ? "There is no source yet: calends source add NAME, or calends import FILE.\n"
      : `${columns(["name", "type", "trust", "license", "timezone", "site"], rows)}\n`,
  );
}
