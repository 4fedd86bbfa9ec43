/** `calends reindex`: makes the search index of every event anew, in small transactions, beside whatever else goes on. */
import { refreshWords, reindexNext } from "../db/search-words.ts";
import { command } from "./command.ts";
import { openNode } from "./open-node.ts";

/** Events of one transaction: their rows are not locked, so writers do not wait. */
const CHUNK = 500;

export const reindexCommand = command({
  name: "reindex",
  usage: "[--json]",
  summary: "make the search index of every event anew; writers and readers go on meanwhile",
  options: { json: { type: "boolean", help: "print JSON" } },
  takes: { least: 0, most: 0 },
  async run(cli, { flags }) {
    await using node = await openNode(cli);
    const acting = { actor: `cli:${cli.user}` };
    let events = 0;
    let after: string | undefined;
    while (!cli.stopping.aborted) {
      const done = await node.database.transact((tx) => reindexNext(tx, after, CHUNK), acting);
      if (done === undefined) break;
      ({ last: after } = done);
      events += done.events;
    }
    await node.database.transact(refreshWords, acting);
    cli.stdout.write(flags.json ? `${JSON.stringify({ events })}\n` : `${events.toLocaleString("en")} events indexed\n`);
    return cli.stopping.aborted ? 1 : 0;
  },
});
