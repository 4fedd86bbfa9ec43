/** What the queues' jobs do: thin calls of the registry. Each is safe to run twice and to be cut off anywhere. */
import { forgetExpiredKeys } from "../db/idempotency.ts";
import { forgetItemsOfRuns } from "../db/old-runs.ts";
import { refreshWords } from "../db/search-words.ts";
import type { Embedder } from "../domain/embedder.ts";
import { DEFAULT_LIMITS } from "../federation/harvest/ask.ts";
import { harvestSource, type HarvestParts } from "../federation/harvest/visit.ts";
import { pullPeer, type PullParts, type PullResult } from "../federation/peer/pull.ts";
import type { SafeFetch } from "../federation/safe-fetch.ts";
import { tellSubscribers } from "../federation/feed-webhooks.ts";
import { redactEntity } from "../feed/redact.ts";
import { deliverDue } from "../federation/webhooks.ts";
import { applyRun } from "../registry/apply-run.ts";
import { completePast } from "../registry/complete-past.ts";
import type { Registry } from "../registry/context.ts";
import { expandDue } from "../registry/expand-series.ts";
import { embedEvents } from "../registry/embed-events.ts";
import { planHarvests } from "../registry/harvests.ts";
import { forgetOldSync, planPulls, queuePulls } from "../registry/peer-runs.ts";
import { resettleSource } from "../registry/resettle.ts";
import { scanDuplicates } from "../registry/scan-duplicates.ts";
import { keepHealth } from "../registry/source-health.ts";
import { tellMatches, type MatchesSince } from "../registry/tell-matches.ts";
import { showWaiting } from "../registry/waiting-words.ts";
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
  /** What peers are pulled with. */
  pulling: PullParts;
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
  pulling,
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
    "resettle-source": async ({ sourceId }) => {
      const { events } = await resettleSource(registry, sourceId);
      return { events, shown: await showWaiting(registry, { sourceId, redact: redactEntity }) };
    },
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
    "plan-pulls": () => planPulls(registry),
    "pull-peer": ({ nodeId }) => pullOnce(registry, pulling, nodeId),
    "check-health": () => keepHealth(registry),
    "clean-up": () => cleanUp(registry),
    "tell-subscribers": () => tellSubscribers({ registry, fetch, random: harvesting.random, signal: closing }),
  };
}

/** One run; where more is there, the next one waits until others have had their turn. */
async function pullOnce(registry: Registry, parts: PullParts, nodeId: string): Promise<PullResult> {
  const result = await pullPeer(parts, nodeId);
  if (goesOn(result) && parts.signal?.aborted !== true)
    await registry.database.transact((tx) => queuePulls(registry, tx, [nodeId]), { actor: "job:pull-peer" });
  return result;
}

const goesOn = (result: PullResult): boolean => result.outcome !== "skipped" && "more" in result.end && result.end.more;

/** Run after run until the peer's head is reached, or the node stops. A person asks for it, so it begins with the peer's profile, however young. */
export async function pullToTheEnd(parts: PullParts, nodeId: string): Promise<PullResult> {
  let result = await pullPeer({ ...parts, limits: { ...parts.limits, profileMs: 0 } }, nodeId);
  while (goesOn(result) && parts.signal?.aborted !== true) result = await pullPeer(parts, nodeId);
  return result;
}

/**
 * Forgets answers whose 24 hours are over, the items of runs that finished a week ago, and deliveries, pulls and refusals that ended
 * a month ago; returns how many of each.
 */
export async function cleanUp(
  registry: Registry,
): Promise<{ idempotencyKeys: number; runItems: number; deliveries: number; pulls: number }> {
  const { database, clock } = registry;
  const now = clock();
  const deliveries = await forgetOldDeliveries(registry);
  const pulls = await forgetOldSync(registry);
  const forgotten = await database.transact(
    async (tx) => ({
      idempotencyKeys: await forgetExpiredKeys(tx, now),
      runItems: await forgetItemsOfRuns(tx, new Date(now.getTime() - ITEMS_KEPT_FOR)),
    }),
    { actor: "job:clean-up" },
  );
  return { ...forgotten, deliveries, pulls };
}
