/** What /metrics tells of the relay to a message broker: how far each stream goes, and whether something holds it up. */
import { Gauge } from "prom-client";
import { listStreamRelays } from "../db/stream-relays.ts";
import type { HttpParts } from "./parts.ts";

/** Registers the metrics; the answer asks the database, so that any process tells them, whichever one relays. */
export function createRelayMetrics({ metrics, database }: Pick<HttpParts, "metrics" | "database">): () => Promise<void> {
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames: ["stream"] as const, registers: [metrics] });
  const position = gauge("calends_relay_position", "Position of the newest change that the stream has.");
  const lag = gauge("calends_relay_lag_positions", "Changes of the feed that the stream does not have yet.");
  const blocked = gauge("calends_relay_blocked", "1 while nothing can be told to the stream: the broker is away, full or refuses.");
  return async () => {
    const relays = await database.read(listStreamRelays);
    for (const each of [position, lag, blocked]) each.reset();
    for (const relay of relays) {
      position.set({ stream: relay.stream }, relay.position);
      lag.set({ stream: relay.stream }, relay.lag);
      blocked.set({ stream: relay.stream }, relay.blockedBy === null ? 0 : 1);
    }
  };
}
