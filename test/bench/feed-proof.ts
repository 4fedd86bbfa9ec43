/**
 * The feed's proof at full length: `npm run feed:proof -- --changes 1000000 --writers 16 --kills 100`.
 *
 * Takes DATABASE_URL, a native PostgreSQL server on which it makes (and leaves) a database of its own. With
 * FEED_PROOF_POSTGRES_TOOL, a program that takes `kill PORT` and `up PORT`, the server itself is crashed as well.
 */
import { parseArgs } from "node:util";
import pg from "pg";
import { proveFeed } from "../support/feed-harness.ts";

const { values } = parseArgs({
  options: {
    changes: { type: "string", default: "100000" },
    writers: { type: "string", default: "16" },
    kills: { type: "string", default: "20" },
    "server-kills": { type: "string", default: "3" },
    hot: { type: "string", default: "300" },
    seed: { type: "string", default: "1" },
  },
});
const server = process.env["DATABASE_URL"];
if (server === undefined) {
  console.error("Set DATABASE_URL to a native PostgreSQL server with PostGIS and pgvector; the proof makes a database of its own there.");
  process.exit(2);
}

const name = `feed_proof_${Date.now()}`;
const admin = new pg.Client({ connectionString: server });
await admin.connect();
await admin.query(`create database ${name}`);
await admin.end();
const url = new URL(server);
url.pathname = `/${name}`;

const tool = process.env["FEED_PROOF_POSTGRES_TOOL"];
const report = await proveFeed({
  url: url.href,
  changes: Number(values.changes),
  writers: Number(values.writers),
  kills: Number(values.kills),
  hot: Number(values.hot),
  seed: Number(values.seed),
  server: tool === undefined ? undefined : { tool, kills: Number(values["server-kills"]) },
  say: (line) => console.log(line),
});
console.log(JSON.stringify(report, null, 2));
console.log(
  report.failures.length === 0
    ? `PROVEN: ${report.changes} changes in ${report.seconds.toFixed(1)} s (${Math.round(report.changes / report.seconds)}/s), ${report.kills} sequencers and ${report.serverKills} servers killed; nothing lost, doubled or out of order; all controls caught. Database: ${name}`
    : `NOT PROVEN: ${report.failures.join("; ")}. Database: ${url.href}`,
);
process.exitCode = report.failures.length === 0 ? 0 : 1;
