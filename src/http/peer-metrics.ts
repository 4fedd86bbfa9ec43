/** What /metrics tells of peers: how far behind each we are, whether it was stopped, and what its pulls brought. */
import { Counter, Gauge } from "prom-client";
import { readPeerVitals, readRunTallies } from "../db/peer-vitals.ts";
import type { HttpParts } from "./parts.ts";

/** Each is a label; those in trouble come first. */
const MOST_PEERS = 200;
/** A transaction that began before a scrape may commit after it, at most so much later. */
const OVERLAP_MS = 10 * 60 * 1000;
const labelNames = ["peer"] as const;

/** Registers the metrics; the answer asks the database for what only it knows. */
export function createPeerMetrics({ metrics, database, clock }: Pick<HttpParts, "metrics" | "database" | "clock">): () => Promise<void> {
  const registers = [metrics];
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames, registers });
  const counter = (name: string, help: string) => new Counter({ name, help, labelNames, registers });
  const positions = gauge("calends_peer_lag_positions", "Changes of the peer's feed that were not read yet, as far as we heard.");
  const seconds = gauge("calends_peer_lag_seconds", "Since when we are behind the peer's head; 0 while we are not.");
  const up = gauge("calends_peer_up", "1 for an active peer, 0 for one that an alarm has stopped; a paused one is not told.");
  const success = gauge("calends_peer_last_success_timestamp_seconds", "When the peer was last pulled without a fault.");
  const applied = counter("calends_peer_applied_total", "Changes of the peer that were applied since this process started.");
  const refused = counter("calends_peer_refused_total", "Changes of the peer that were refused since this process started.");

  let since = clock();
  const known = new Map<string, { applied: number; refused: number }>();
  return async () => {
    const now = clock();
    const peers = await database.read((on) => readPeerVitals(on, MOST_PEERS));
    for (const each of [positions, seconds, up, success]) each.reset();
    for (const { base: peer, status, lagPositions, behindSince, succeededAt } of peers) {
      if (lagPositions !== null) positions.set({ peer }, lagPositions);
      // Where its head is unknown, what we know is how long ago it was last heard.
      const from = behindSince ?? (lagPositions === null ? succeededAt : now);
      if (from !== null) seconds.set({ peer }, Math.max(0, (now.getTime() - from.getTime()) / 1000));
      if (status !== "paused") up.set({ peer }, status === "active" ? 1 : 0);
      if (succeededAt !== null) success.set({ peer }, succeededAt.getTime() / 1000);
    }
    const runs = await database.read((on) => readRunTallies(on, since));
    for (const run of runs) {
      const before = known.get(run.id) ?? { applied: 0, refused: 0 };
      applied.inc({ peer: run.base }, Math.max(0, run.applied - before.applied));
      refused.inc({ peer: run.base }, Math.max(0, run.refused - before.refused));
    }
    known.clear();
    for (const run of runs) known.set(run.id, run);
    since = new Date(Math.max(since.getTime(), now.getTime() - OVERLAP_MS));
  };
}
