/** `calends migrate`: brings the database to the newest schema and leaves. `serve` does so by itself. */
import { parseConfig, parseSecrets } from "../config.ts";
import { readCondition } from "../db/condition.ts";
import { openDatabase } from "../db/open.ts";
import { openEpoch } from "../feed/epoch.ts";
import { command } from "./command.ts";

export const migrateCommand = command({
  name: "migrate",
  usage: "[--json]",
  summary: "bring the database to the newest schema (serve does so by itself)",
  options: { json: { type: "boolean", help: "print JSON" } },
  takes: { least: 0, most: 0 },
  async run(cli, { flags }) {
    const { dataDir } = parseConfig(cli.env);
    const { databaseUrl } = parseSecrets(cli.env);
    const { database, clean } = await openDatabase(databaseUrl === undefined ? { folder: dataDir } : { url: databaseUrl, connections: 2 });
    await using _ = database;
    // Closing it in order takes the traces of a crash away; the feed must not miss them.
    if (!clean) await openEpoch(database, { clean, clock: cli.clock });
    const { migrations } = await database.read(readCondition);
    cli.stdout.write(
      flags.json
        ? `${JSON.stringify({ migrations })}\n`
        : `The schema is at ${migrations.at(-1) ?? "nothing"} (${migrations.length} migrations).\n`,
    );
    return 0;
  },
});
