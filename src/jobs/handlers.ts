/** What the queues' jobs do: thin calls of the registry. Each is safe to run twice and to be cut off anywhere. */
import { forgetExpiredKeys } from "../db/idempotency.ts";
import { forgetItemsOfRuns } from "../db/old-runs.ts";
import { refreshWords } from "../db/search-words.ts";
import type { Embedder } from "../domain/embedder.ts";
import { DEFAULT_LIMITS } from "../federation/harvest/ask.ts";
import { harvestSource, type HarvestParts } from "../federation/harvest/visit.ts";
import type { SafeFetch } from "../federation/safe-fetch.ts";
import { deliverDue } from "../federation/webhooks.ts";
import { applyRun } from "../registry/apply-run.ts";
import { completePast } from "../registry/complete-past.ts";
import type { Registry } from "../registry/context.ts";
import { expandDue } from "../registry/expand-series.ts";
import { embedEvents } from "../registry/embed-events.ts";
import { planHarvests } from "../registry/harvests.ts";
import { resettleSource } from "../registry/resettle.ts";
import { scanDuplicates } from "../registry/scan-duplicates.ts";
import { keepHealth } from "../registry/source-health.ts";
import { tellMatches, type MatchesSince } from "../registry/tell-matches.ts";
import { forgetOldDeliveries } from "../registry/webhook-deliveries.ts";
import type { JobHandlers } from "./queues.ts";

/** How long the items of a finished run can be read. */
const ITEMS_KEPT_FOR = 7 * 24 * 60 * 60 * 1000;

export interface HandlerParts {
  registry: Registry;
  /** Opens the embedder of this node's setting; throws an EmbedderError while it cannot be had. */
  openEmbedder: () => Promise<Embedder>;
  /** Makes the embedder of a model that still serves again, from what was kept of it. */
  openOlder: (config: string) => Promise<Embedder>;
  /** Which events newly match a saved search. */
  matchesSince: MatchesSince;
  /** What webhooks are told with. */
  fetch: SafeFetch;
  /** What sources are visited with. */
  harvesting: HarvestParts;
  /** Aborted when the node stops: what may go on later is given up. */
  closing: AbortSignal;
  log: { warn(details: object, message: string): void };
}

export function jobHandlers({
  registry,
  openEmbedder,
  openOlder,
  matchesSince,
  fetch,
  harvesting,
  closing,
  log,
}: HandlerParts): JobHandlers {
  const { database, clock } = registry;
  return {
    "apply-run": ({ runId }) => applyRun(registry, runId),
    "embed-events": async () =>
      embedEvents({ database, clock, embedder: await openEmbedder(), openOlder, warn: (details, message) => log.warn(details, message) }),
    "count-words": () => database.transact(refreshWords, { actor: "job:count-words" }),
    "complete-past": () => completePast(registry),
    "resettle-source": ({ sourceId }) => resettleSource(registry, sourceId),
    "expand-series": () => expandDue(registry),
    "scan-duplicates": () => scanDuplicates(registry),
    "tell-matches": async () => {
      const made = await tellMatches(registry, matchesSince, closing);
      if (made > 0) await database.transact((tx) => registry.enqueue(tx, { queue: "deliver-webhooks" }));
      return made;
    },
    "deliver-webhooks": () => deliverDue({ registry, fetch, signal: closing }),
    "plan-harvests": () => planHarvests(registry, { pauseMs: harvesting.limits?.pauseMs ?? DEFAULT_LIMITS.pauseMs }),
    "harvest-source": ({ sourceId }) => harvestSource(harvesting, sourceId),
    "check-health": () => keepHealth(registry),
    "clean-up": () => cleanUp(registry),
  };
}

/** Forgets answers whose 24 hours are over, the items of runs that finished a week ago, and deliveries that ended a month ago; returns how many of each. */
export async function cleanUp(registry: Registry): Promise<{ idempotencyKeys: number; runItems: number; deliveries: number }> {
  const { database, clock } = registry;
  const now = clock();
  const deliveries = await forgetOldDeliveries(registry);
  const forgotten = await database.transact(
    async (tx) => ({
      idempotencyKeys: await forgetExpiredKeys(tx, now),
      runItems: await forgetItemsOfRuns(tx, new Date(now.getTime() - ITEMS_KEPT_FOR)),
    }),
    { actor: "job:clean-up" },
  );
  return { ...forgotten, deliveries };
}
