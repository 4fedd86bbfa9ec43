/** `calends export`: every public entity of the registry as linked data, on standard output. */
import { once } from "node:events";
import { listIds } from "../db/entity-ids.ts";
import { readStates } from "../db/entities.ts";
import { ENTITY_KINDS, type EntityKind } from "../domain/vocabulary.ts";
import { encodeEntity, type JsonLdObject } from "../jsonld/encode.ts";
import { toNTriples, toTurtle } from "../jsonld/rdf.ts";
import type { CalendsNode } from "../node.ts";
import { command, oneOf, UsageError, type Cli } from "./command.ts";
import { openNode } from "./open-node.ts";

const FORMATS = ["jsonl", "jsonld", "nt", "ttl"] as const;
type Format = (typeof FORMATS)[number];
const KINDS = [...ENTITY_KINDS, "all"] as const;
const PAGE = 200;

export const exportCommand = command({
  name: "export",
  usage: "[options]",
  summary: "write what is public as linked data to standard output",
  options: {
    format: { type: "string", short: "f", value: "NAME", help: `${FORMATS.join(", ")} (default jsonl: one JSON-LD document a line)` },
    kind: { type: "string", value: "KIND", help: `${KINDS.join(", ")} (default event)` },
  },
  takes: { least: 0, most: 0 },
  async run(cli, { flags }) {
    const format = oneOf("format", flags.format, FORMATS) ?? "jsonl";
    const kind = oneOf("kind", flags.kind, KINDS) ?? "event";
    await using node = await openNode(cli);
    await exportAll(cli, node, format, kind === "all" ? ENTITY_KINDS : [kind]);
    return 0;
  },
});

async function exportAll(cli: Cli, node: CalendsNode, format: Format, kinds: readonly EntityKind[]): Promise<void> {
  let written = 0;
  const write = async (text: string) => {
    if (cli.stopping.aborted) throw new UsageError("stopped before the end: what was written is not complete.");
    if (!cli.stdout.write(text)) await once(cli.stdout, "drain");
  };
  if (format === "jsonld") await write("[");
  for (const kind of kinds) {
    for await (const document of publicDocuments(node, kind)) {
      await write(await textOf(document, format, node.base, written++));
    }
  }
  if (format === "jsonld") await write("\n]\n");
}

/** Page by page, so that a large registry is neither held in memory nor kept from its writers. */
export async function* publicDocuments({ database, base }: CalendsNode, kind: EntityKind): AsyncGenerator<JsonLdObject> {
  for (let after: string | undefined; ;) {
    const { ids, states } = await database.snapshot(async (on) => {
      const ids = await listIds(on, kind, after, PAGE);
      return { ids, states: await readStates(on, kind, ids) };
    });
    for (const state of states) if (state.public) yield encodeEntity(state, { base });
    if (ids.length < PAGE) return;
    after = ids.at(-1);
  }
}

async function textOf(document: JsonLdObject, format: Format, base: string, index: number): Promise<string> {
  const isFirst = index === 0;
  const label = `e${index}`;
  switch (format) {
    case "jsonl":
      return `${JSON.stringify(document)}\n`;
    case "jsonld":
      return `${isFirst ? "\n" : ",\n"}${JSON.stringify(document)}`;
    case "nt":
      return toNTriples(document, { base, label });
    case "ttl":
      return withoutPrefixes(await toTurtle(document, { base, label }), isFirst);
  }
}

/** One Turtle document names its prefixes once. */
function withoutPrefixes(turtle: string, isFirst: boolean): string {
  return isFirst ? turtle : turtle.replace(/^@prefix [^\n]*\n/gm, "").trimStart();
}
