/** What /metrics tells of feed subscriptions: how far behind each receiver is, and whether it was given up. */
import { Gauge } from "prom-client";
import { countSubscribers, listSubscribers } from "../db/subscriber-vitals.ts";
import { ulidOf } from "../domain/iri.ts";
import type { HttpParts } from "./parts.ts";

/** Each is a label; those in trouble come first. */
const MOST_SUBSCRIBERS = 200;
const labelNames = ["subscription", "host"] as const;

/** Registers the metrics; the answer asks the database for what only it knows. */
export function createSubscriberMetrics({
  metrics,
  database,
  clock,
}: Pick<HttpParts, "metrics" | "database" | "clock">): () => Promise<void> {
  const registers = [metrics];
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames, registers });
  const all = new Gauge({
    name: "calends_subscribers",
    help: "Feed subscriptions by state: active, failing, failed (given up), paused, revoked (of a revoked key).",
    labelNames: ["state"] as const,
    registers,
  });
  const positions = gauge("calends_subscriber_lag_positions", "Changes of the feed that the receiver was not told yet.");
  const seconds = gauge("calends_subscriber_lag_seconds", "For how long the first of them waits; 0 while there is none.");
  const failures = gauge("calends_subscriber_failures", "Attempts in vain since the last message that was received.");
  const up = gauge("calends_subscriber_up", "1 for a subscription that is told, 0 for one that was given up; others are not named.");

  return async () => {
    const now = clock().getTime();
    for (const [state, count] of Object.entries(await database.read(countSubscribers))) all.set({ state }, count);
    const subscribers = await database.read((on) => listSubscribers(on, MOST_SUBSCRIBERS));
    for (const each of [positions, seconds, failures, up]) each.reset();
    for (const { id, host, state, lagPositions, behindSince, ...subscriber } of subscribers) {
      // Nobody is to be alarmed by what a person has stopped.
      if (state === "paused" || state === "revoked") continue;
      const labels = { subscription: ulidOf(id), host };
      up.set(labels, state === "failed" ? 0 : 1);
      failures.set(labels, subscriber.failures);
      positions.set(labels, lagPositions);
      if (lagPositions === 0) seconds.set(labels, 0);
      else if (behindSince !== null) seconds.set(labels, Math.max(0, (now - behindSince.getTime()) / 1000));
    }
  };
}
