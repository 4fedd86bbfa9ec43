/** `calends doctor`: is everything as it should be, and if not, what to do. */
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { EXTENSIONS, offsetOf, readCondition } from "../db/condition.ts";
import type { CalendsNode } from "../node.ts";
import { command, table, type Cli } from "./command.ts";
import { examinePeers } from "./doctor-peers.ts";
import { examineRelays } from "./doctor-relays.ts";
import { examineSubscribers } from "./doctor-subscribers.ts";
import { explain } from "./explain.ts";
import type { Finding } from "./finding.ts";
import { openNode } from "./open-node.ts";

/** Changes waiting this long mean that no sequencer runs. */
const STALE_OUTBOX_SECONDS = 60;
const CLOCKS_APART_MS = 5_000;
/** Zones whose rules changed lately, at moments after the change: old data would give another offset (minutes). */
const ZONE_PROBES = [
  { zone: "America/Toronto", at: "2026-07-01T12:00:00Z", minutes: -240 },
  { zone: "Europe/Vienna", at: "2026-01-01T12:00:00Z", minutes: 60 },
  { zone: "America/Mexico_City", at: "2026-07-01T12:00:00Z", minutes: -360 },
  { zone: "Africa/Cairo", at: "2026-07-01T12:00:00Z", minutes: 180 },
  { zone: "Asia/Almaty", at: "2026-07-01T12:00:00Z", minutes: 300 },
] as const;

export const doctorCommand = command({
  name: "doctor",
  usage: "[--retry-dead-letters] [--json]",
  summary: "look whether everything is as it should be; exit code 1 when something is not",
  options: {
    "retry-dead-letters": { type: "boolean", help: "first put the jobs that failed for good back into their queues" },
    json: { type: "boolean", help: "print JSON" },
  },
  takes: { least: 0, most: 0 },
  async run(cli, { flags }) {
    const findings = await examine(cli, flags["retry-dead-letters"] === true);
    const ok = findings.every((finding) => finding.ok);
    if (flags.json) cli.stdout.write(`${JSON.stringify({ ok, findings })}\n`);
    else {
      const rows = findings.map(
        (finding) =>
          [
            `${finding.ok ? "ok " : "!! "} ${finding.name}`,
            `${finding.found}${finding.ok || !finding.advice ? "" : `: ${finding.advice}`}`,
          ] as const,
      );
      cli.stdout.write(`${table(rows)}\n`);
    }
    return ok ? 0 : 1;
  },
});

/** A database that cannot be opened is a finding like any other. */
async function examine(cli: Cli, retry: boolean): Promise<Finding[]> {
  try {
    await using node = await openNode(cli);
    if (retry) cli.stderr.write(`${await node.retryDeadLetters()} jobs are back in their queues.\n`);
    return await examineNode(cli, node);
  } catch (error) {
    return [{ name: "database", ok: false, found: explain(error) }];
  }
}

async function examineNode(cli: Cli, node: CalendsNode): Promise<Finding[]> {
  const { version, extensions, migrations, outbox, feed, timezones, clock } = await node.database.read(readCondition);
  const apart = Math.abs(clock - cli.clock().getTime());
  const missing = EXTENSIONS.filter((name) => extensions[name] === undefined);
  const shipped = (await readdir(fileURLToPath(new URL("../../migrations/", import.meta.url)))).filter((name) => name.endsWith(".sql"));
  const stale = outbox.oldestSeconds !== null && outbox.oldestSeconds > STALE_OUTBOX_SECONDS && node.database.kind === "server";
  const dead = Object.entries(await node.deadLetters()).filter(([, number]) => number > 0);
  const unknown = migrations.length > shipped.length;
  return [
    { name: "database", ok: true, found: node.database.kind === "server" ? `PostgreSQL ${version}` : `embedded, PostgreSQL ${version}` },
    {
      name: "extensions",
      ok: missing.length === 0,
      found: missing.length === 0 ? EXTENSIONS.map((name) => `${name} ${extensions[name]}`).join(", ") : `missing: ${missing.join(", ")}`,
      advice: "create them as a superuser (create extension …)",
    },
    {
      name: "schema",
      ok: !unknown,
      found: `${migrations.length} migrations, the last ${migrations.at(-1)}`,
      advice: `this release knows only ${shipped.length}: run the release that the database was last used with`,
    },
    { name: "base of @id", ok: true, found: node.base },
    {
      name: "outbox",
      ok: !stale,
      found: outbox.depth === 0 ? "empty" : `${outbox.depth} changes wait, the oldest since ${Math.round(outbox.oldestSeconds ?? 0)} s`,
      advice: "no sequencer runs: start a node with ROLES that name sequencer",
    },
    {
      name: "feed",
      ok: feed !== null,
      found: feed === null ? "no epoch" : `position ${feed.position} in epoch ${feed.epoch}`,
      advice: "start the node once",
    },
    {
      name: "dead letters",
      ok: dead.length === 0,
      found: dead.length === 0 ? "none" : dead.map(([queue, number]) => `${queue} ${number}`).join(", "),
      advice: "mend what stopped them (the log tells), then calends doctor --retry-dead-letters",
    },
    {
      name: "last shutdown",
      ok: node.wasClosedCleanly,
      found: node.wasClosedCleanly ? "in order" : "not in order",
      advice: "the feed began a new epoch; peers start over from the snapshot, and nothing else is to be done",
    },
    ...(await examinePeers(node)),
    ...(await examineRelays(node)),
    ...(await examineSubscribers(node)),
    await examineTimezones(node, timezones),
    { name: "clock", ok: apart <= CLOCKS_APART_MS, found: `${apart} ms from the database's`, advice: "set both machines by NTP" },
  ];
}

/** PostgreSQL computes local dates and this process writes offsets: both must know the same rules. */
async function examineTimezones(node: CalendsNode, timezones: number): Promise<Finding> {
  const wrong = await node.database.read(async (on) => {
    const names: string[] = [];
    for (const { zone, at, minutes } of ZONE_PROBES) {
      if ((await offsetOf(on, zone, new Date(at))) !== minutes) names.push(`${zone} (database)`);
      if (offsetHere(zone, new Date(at)) !== minutes) names.push(`${zone} (this process)`);
    }
    return names;
  });
  return {
    name: "time zones",
    ok: wrong.length === 0,
    found: wrong.length === 0 ? `${timezones} in the database, rules up to date` : `old rules for ${wrong.join(", ")}`,
    advice: "update PostgreSQL's time zone data, or Node",
  };
}

/** Minutes from UTC, by this process's own rules. */
function offsetHere(timeZone: string, at: Date): number {
  const name = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" })
    .formatToParts(at)
    .find(({ type }) => type === "timeZoneName")!.value;
  const [, sign, hours = "0", minutes = "0"] = /GMT(?:([+-])(\d+):(\d+))?/.exec(name) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
