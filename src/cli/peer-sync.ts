/** One peer pulled to its head, and what came of it in one line. */
import type { PullResult } from "../federation/peer/pull.ts";
import type { CalendsNode } from "../node.ts";
import { peerRuns, type PeerListing, type Run } from "../registry/peers.ts";
import type { Cli } from "./command.ts";

/** More than one only where a pull is cut into several, each of minutes. */
const MOST_RUNS = 200;

/** True when all that could be read was read. Says on stdout what came, and of what a running node has read just before. */
export async function syncPeer(cli: Cli, node: CalendsNode, { id, base, lastRun }: PeerListing, asJson: boolean): Promise<boolean> {
  const { outcome } = await node.pull(id);
  const runs = await node.database.read((on) => peerRuns(on, base, MOST_RUNS));
  // Ids go by time.
  const mine = runs.filter((run) => lastRun === null || run.id > lastRun.id);
  const sum = { base, outcome, ...added(mine), ...(mine[0]?.detail && { detail: mine[0].detail }), before: lastRun };
  cli.stdout.write(`${asJson ? JSON.stringify({ ...sum, before: undefined }) : told(sum)}\n`);
  return outcome === "applied" || outcome === "unchanged";
}

function added(runs: readonly Run[]) {
  const sum = { applied: 0, deleted: 0, passedOver: 0, refused: 0 };
  for (const run of runs) for (const each of Object.keys(sum) as (keyof typeof sum)[]) sum[each] += run[each];
  return sum;
}

type Told = { base: string; outcome: PullResult["outcome"]; detail?: string; before: Run | null } & ReturnType<typeof added>;

function told({ base, outcome, detail, before, ...counts }: Told): string {
  if (outcome === "skipped") return `${base}: it was stopped, paused or removed just now.`;
  if (outcome === "failed") return `${base}: failed: ${detail ?? "no reason given"}`;
  if (outcome === "alarm") return `${base}: stopped by an alarm: ${detail ?? ""} (calends peer show ${base} says what to do)`;
  const words = inWords(counts) || `nothing new${sinceWords(before)}`;
  return `${base}: ${words}${detail === undefined ? "" : `; ${detail}`}`;
}

const inWords = ({ applied, deleted, passedOver, refused }: ReturnType<typeof added>): string =>
  Object.entries({ applied, deleted, "passed over": passedOver, refused })
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count.toLocaleString("en")} ${word}`)
    .join(", ");

/** " since the resync that ended 2026-03-01 12:00:07 UTC (2 applied)": a running node may have been quicker. */
function sinceWords(run: Run | null): string {
  if (run === null || run.kind === "push" || run.finishedAt === null) return "";
  const ended = run.finishedAt.toISOString().slice(0, 19).replace("T", " ");
  return ` since the ${run.kind} that ended ${ended} UTC (${inWords(run) || run.outcome})`;
}
