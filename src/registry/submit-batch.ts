/** Up to a thousand events at once: staged in the request, applied by a job, answered item by item. */
import { createHash } from "node:crypto";
import type { Reader, Tx } from "../db/database.ts";
import { countOutcomes, insertRun, readItems, readRunRow, type ItemOutcome, type RunKind, type RunState } from "../db/runs.ts";
import type { Problem } from "../domain/errors.ts";
import type { Caller, Registry } from "./context.ts";
import { keepStaged, readItemsForStaging, type IncomingItem } from "./stage-items.ts";
import { speakerOf } from "./speaker.ts";

export const MAX_BATCH = 1_000;

export interface Batch {
  payload: Buffer;
  items: readonly IncomingItem[];
}

/** Stages the items and leaves the job that applies them, all in the caller's transaction. */
export async function submitBatch(registry: Registry, caller: Caller, tx: Tx, batch: Batch): Promise<{ runId: string }> {
  const now = registry.clock();
  const speaker = await speakerOf(registry, caller, tx);
  const runId = registry.mint(now.getTime());
  await insertRun(
    tx,
    {
      id: runId,
      kind: "batch",
      sourceId: speaker.id,
      actor: caller.actor,
      onBehalfOf: caller.onBehalfOf,
      inputHash: createHash("sha256").update(batch.payload).digest(),
    },
    now,
  );
  await keepStaged(tx, runId, await readItemsForStaging(registry, tx, speaker, batch.items), now);
  await registry.enqueue(tx, { queue: "apply-run", runId });
  return { runId };
}

export type ItemStatus = "accepted" | "duplicate" | "updated" | "rejected" | "waiting";
const STATUS: Record<ItemOutcome, ItemStatus> = {
  created: "accepted",
  updated: "updated",
  merged: "duplicate",
  unchanged: "duplicate",
  rejected: "rejected",
};

export interface RunReport {
  id: string;
  kind: RunKind;
  state: RunState;
  actor: string;
  sourceId: string;
  createdAt: string;
  finishedAt?: string;
  counts: Record<ItemStatus, number>;
  items: { index: number; status: ItemStatus; outcome?: ItemOutcome; eventId?: string; problem?: Problem }[];
}

/** How a run stands, item by item; undefined for an unknown id. */
export async function readRun(on: Reader, runId: string): Promise<RunReport | undefined> {
  const run = await readRunRow(on, runId);
  if (run === undefined) return undefined;
  const counts = await countOutcomes(on, runId);
  const items = await readItems(on, runId, { after: -1, limit: MAX_BATCH });
  return {
    id: run.id,
    kind: run.kind,
    state: run.state,
    actor: run.actor,
    sourceId: run.sourceId,
    createdAt: run.createdAt.toISOString(),
    ...(run.finishedAt && { finishedAt: run.finishedAt.toISOString() }),
    counts: {
      accepted: counts.created,
      updated: counts.updated,
      duplicate: counts.merged + counts.unchanged,
      rejected: counts.rejected,
      waiting: counts.waiting,
    },
    items: items.map((item) => ({
      index: item.position,
      status: item.outcome === null ? "waiting" : STATUS[item.outcome],
      ...(item.outcome && { outcome: item.outcome }),
      ...(item.eventId && { eventId: item.eventId }),
      ...(item.problem && { problem: item.problem }),
    })),
  };
}
