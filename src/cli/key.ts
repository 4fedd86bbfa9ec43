/** `calends key create|list|revoke`: who may write here. A key's secret is shown once and kept nowhere. */
import { listKeys, type ApiKey, type KeyRole } from "../db/api-keys.ts";
import { ulidOf, uuidOf } from "../domain/iri.ts";
import { createKey, revokeKey } from "../registry/api-keys.ts";
import { columns, command, oneOf, textOf, UsageError, wholeNumber, type Option } from "./command.ts";
import { openNode, operator } from "./open-node.ts";

const ROLES = ["agent", "peer", "admin"] as const satisfies KeyRole[];
const JSON_OPTION = { type: "boolean", help: "print JSON" } as const satisfies Option;

const create = command({
  name: "key create",
  usage: "NAME [options]",
  summary: "make a key and show its secret, once",
  options: {
    role: { type: "string", value: "ROLE", help: "agent (sends a source's events; the default), peer (another node) or admin" },
    source: { type: "string", value: "NAME", help: "the source that an agent's key speaks for" },
    rate: { type: "string", value: "N", help: "requests a minute, instead of the role's own rate" },
    json: JSON_OPTION,
  },
  takes: { least: 1, most: 1 },
  async run(cli, { flags, positionals }) {
    const request = {
      name: positionals[0]!,
      role: oneOf("role", flags.role, ROLES) ?? "agent",
      source: textOf(flags.source),
      requestsPerMinute: wholeNumber("rate", flags.rate, 1, 1_000_000),
    };
    if (request.role === "agent" && request.source === undefined)
      throw new UsageError("An agent's key speaks for a source: name one by --source NAME (calends source list shows them).");
    await using node = await openNode(cli);
    const caller = operator(cli);
    const { key, secret } = await node.database.transact((tx) => createKey(node.registry, caller, tx, request), caller);
    if (flags.json) cli.stdout.write(`${JSON.stringify({ ...shown(key), secret })}\n`);
    else {
      // The secret alone on standard output, so that it can be piped into a vault.
      cli.stderr.write(
        `Key ${ulidOf(key.id)} (${key.role}${key.source === null ? "" : ` for ${key.source}`}). Keep its secret: it is not shown again.\n`,
      );
      cli.stdout.write(`${secret}\n`);
    }
    return 0;
  },
});

const list = command({
  name: "key list",
  usage: "[--json]",
  summary: "show the keys, the newest first, without their secrets",
  options: { json: JSON_OPTION },
  takes: { least: 0, most: 0 },
  async run(cli, { flags }) {
    await using node = await openNode(cli);
    const keys = (await node.database.read(listKeys)).map(shown);
    if (flags.json) cli.stdout.write(`${JSON.stringify(keys)}\n`);
    else if (keys.length === 0) cli.stdout.write("There is no key yet: calends key create NAME --role admin\n");
    else
      cli.stdout.write(
        `${columns(
          ["id", "name", "role", "source", "last used", "state"],
          keys.map((key) => [
            key.id,
            key.name,
            key.role,
            key.source ?? "",
            key.lastUsedAt?.slice(0, 10) ?? "never",
            key.revokedAt === null ? "valid" : "revoked",
          ]),
        )}\n`,
      );
    return 0;
  },
});

const revoke = command({
  name: "key revoke",
  usage: "ID",
  summary: "end a key at once and for good",
  options: {},
  takes: { least: 1, most: 1 },
  async run(cli, { positionals }) {
    const id = uuidOf(positionals[0]!);
    if (id === undefined) throw new UsageError(`"${positionals[0]}" is no key's id: calends key list shows them.`);
    await using node = await openNode(cli);
    const caller = operator(cli);
    await node.database.transact((tx) => revokeKey(node.registry, caller, tx, id), caller);
    cli.stdout.write(`Key ${ulidOf(id)} is revoked.\n`);
    return 0;
  },
});

export const keyCommands = [create, list, revoke];

const shown = (key: ApiKey) => ({
  id: ulidOf(key.id),
  name: key.name,
  role: key.role,
  source: key.source,
  requestsPerMinute: key.requestsPerMinute,
  createdAt: key.createdAt.toISOString(),
  lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
  revokedAt: key.revokedAt?.toISOString() ?? null,
});
