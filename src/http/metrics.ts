/** What /metrics tells: durations by route and status, pool pressure, the feed's head and backlog, jobs that failed, webhooks. */
import { collectDefaultMetrics, Gauge, Histogram } from "prom-client";
import { readVitals } from "../db/vitals.ts";
import { queuedEvents } from "../db/embeddings.ts";
import { countVisits, listSourceStates } from "../db/health-reviews.ts";
import { countDeliveries } from "../db/webhook-deliveries.ts";
import type { HttpParts } from "./parts.ts";
import { createPeerMetrics } from "./peer-metrics.ts";
import { createRelayMetrics } from "./relay-metrics.ts";
import { createSubscriberMetrics } from "./subscriber-metrics.ts";

export interface HttpMetrics {
  observe(method: string, route: string, status: number, seconds: number): void;
  /** Asks the database for what only it knows; a database that is down is a value, not a failure. */
  refresh(): Promise<void>;
}

/** Each is a label: nobody is to fill the registry with sources. */
const MOST_SOURCES = 200;
const DAY = 24 * 60 * 60 * 1000;
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Registers this node's metrics in the registry that it was handed. */
export function createMetrics(parts: HttpParts): HttpMetrics {
  const { metrics, database, readDatabase, deadLetters, clock, log } = parts;
  const registers = [metrics];
  collectDefaultMetrics({ register: metrics });
  const duration = new Histogram({
    name: "calends_http_request_duration_seconds",
    help: "Time until the answer began, by route and status.",
    labelNames: ["method", "route", "status"] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const connections = new Gauge({
    name: "calends_database_connections",
    help: "Connections of the pools, and callers waiting for one.",
    labelNames: ["pool", "state"] as const,
    registers,
    collect() {
      for (const [pool, each] of [
        ["write", database],
        ["read", readDatabase],
      ] as const) {
        for (const [state, value] of Object.entries(each.pressure())) connections.set({ pool, state }, value);
      }
    },
  });
  const vital = (name: string, help: string) => new Gauge({ name, help, registers });
  const head = vital("calends_feed_head_position", "Position of the newest change in the feed.");
  const outbox = vital("calends_outbox_rows", "Committed or open changes that the sequencer has not numbered yet.");
  const waiting = vital("calends_ingest_items_waiting", "Items of batches and imports that wait to be applied.");
  const embeddings = vital("calends_embeddings_waiting", "Events whose vector is to be made anew.");
  const up = vital("calends_database_up", "1 when the database answered this scrape.");
  const dead = new Gauge({
    name: "calends_dead_letters",
    help: "Jobs that failed for good, by queue.",
    labelNames: ["queue"] as const,
    registers,
  });
  const deliveries = new Gauge({
    name: "calends_webhook_deliveries",
    help: "Deliveries to webhooks that wait (pending) and that were given up within a month (dead).",
    labelNames: ["status"] as const,
    registers,
  });

  const sources = new Gauge({
    name: "calends_source_state",
    help: `1 for the state of each source that the node visits: failing, empty, rejecting, silent or well. At most ${MOST_SOURCES}, those in trouble first.`,
    labelNames: ["source", "state"] as const,
    registers,
  });
  const visits = new Gauge({
    name: "calends_harvest_visits",
    help: "Visits to sources that began within the last 24 hours and have ended, by outcome.",
    labelNames: ["outcome"] as const,
    registers,
  });

  const refreshPeers = createPeerMetrics(parts);
  const refreshRelays = createRelayMetrics(parts);
  const refreshSubscribers = createSubscriberMetrics(parts);

  const refresh = async () => {
    try {
      const { feedHead, outboxDepth, waitingItems } = await database.read(readVitals);
      head.set(feedHead);
      outbox.set(outboxDepth);
      waiting.set(waitingItems);
      embeddings.set((await database.read(queuedEvents)).events);
      for (const [status, count] of Object.entries(await database.read(countDeliveries))) deliveries.set({ status }, count);
      for (const [queue, count] of Object.entries((await deadLetters?.()) ?? {})) dead.set({ queue }, count);
      const states = await database.read((on) => listSourceStates(on, MOST_SOURCES));
      const outcomes = await database.read((on) => countVisits(on, new Date(clock().getTime() - DAY)));
      // A source in another state, or gone, must not stand there twice.
      sources.reset();
      for (const { source, state } of states) sources.set({ source, state }, 1);
      visits.reset();
      for (const [outcome, count] of Object.entries(outcomes)) visits.set({ outcome }, count);
      await refreshPeers();
      await refreshRelays();
      await refreshSubscribers();
      up.set(1);
    } catch (error) {
      log.warn({ err: error }, "the database did not answer /metrics");
      up.set(0);
    }
  };
  // Methods come from clients; only known ones become labels, so that nobody can fill the registry.
  return {
    refresh,
    observe: (method, route, status, seconds) =>
      duration.observe({ method: METHODS.has(method) ? method : "other", route, status: String(status) }, seconds),
  };
}
