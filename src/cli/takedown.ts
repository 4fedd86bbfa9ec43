/** `calends takedown EVENT`: the texts and images of an event go from everywhere; `--lift` lets new ones in again. */
import { join } from "node:path";
import { parseConfig } from "../config.ts";
import { parseOwnUri, ulidOf, uuidOf } from "../domain/iri.ts";
import { redactEntity } from "../feed/redact.ts";
import { removeStaleSnapshots } from "../feed/snapshot-files.ts";
import { liftTakedown, takeDown } from "../registry/take-down.ts";
import { command, textOf, UsageError } from "./command.ts";
import { openNode, operator } from "./open-node.ts";

export const takedownCommand = command({
  name: "takedown",
  usage: "EVENT --reason TEXT",
  summary: "remove the texts and images of an event from everywhere",
  details: `EVENT is its address here or its ULID. Description and image leave the event, its claims and records, the feed's
past, search and snapshots; the facts stay, and the audit log keeps the hashes. Peers are told by the feed. Until it
is lifted, no source brings a text or an image in again.`,
  options: {
    reason: { type: "string", value: "TEXT", help: "for the audit log; not shown to the public" },
    lift: { type: "boolean", help: "let new texts and images in again; what was removed is not restored" },
  },
  takes: { least: 1, most: 1 },
  async run(cli, { flags, positionals }) {
    const reason = textOf(flags.reason)?.trim();
    if (!flags.lift && !reason) throw new UsageError("calends takedown: say why by --reason TEXT; the audit log keeps it.");
    await using node = await openNode(cli);
    const eventId = eventOf(node.base, positionals[0]!);
    const caller = operator(cli);
    if (flags.lift) {
      await node.database.transact((tx) => liftTakedown(node.registry, caller, tx, { eventId, reason }), caller);
      cli.stdout.write(`New texts and images of ${ulidOf(eventId)} are let in again.\n`);
      return 0;
    }
    const done = await node.database.transact(
      (tx) => takeDown(node.registry, caller, tx, { eventId, reason: reason!, redact: redactEntity }),
      caller,
    );
    // Where no node runs, nobody hears of it but at the next start.
    await removeStaleSnapshots(node.database, join(parseConfig(cli.env).dataDir, "snapshots"));
    cli.stdout.write(`Texts and images of ${ulidOf(done.eventId)} are taken down (${done.removed} removed).\n`);
    return 0;
  },
});

function eventOf(base: string, given: string): string {
  const own = parseOwnUri(base, given);
  const id = own === undefined ? uuidOf(given) : own.kind === "event" ? own.id : undefined;
  if (id === undefined) throw new UsageError(`"${given}" is no event of this node: give its address under ${base}/events/, or its ULID.`);
  return id;
}
