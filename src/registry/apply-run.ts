/**
 * Applies a staged run: matches its items against what the source said before, then takes them in, chunk by chunk.
 * Each chunk is one transaction that also answers its items, so a run that is cut off goes on where it stopped.
 */
import {
  analyzeTables,
  answerItems,
  countOutcomes,
  keepMatches,
  lockRun,
  nextWaiting,
  readRunRow,
  setRunState,
  unseenRecords,
  waitingKeys,
  type Candidate,
  type ItemOutcome,
  type Run,
  type WaitingItem,
} from "../db/runs.ts";
import { lapsedRecords } from "../db/missing-records.ts";
import { findRecords } from "../db/records.ts";
import { holdSpeaker } from "../db/speaker.ts";
import type { Tx } from "../db/database.ts";
import { RegistryError } from "../domain/errors.ts";
import { applyItems } from "./apply-items.ts";
import type { Caller, Registry } from "./context.ts";
import { matchRecords, matchVisit, type VisitMatchable } from "./match.ts";
import { rekeyed } from "./prepare.ts";

/** Items of one transaction: large enough to share its cost, small enough that readers and other writers do not wait long. */
const CHUNK = 500;

export interface RunCounts {
  total: number;
  done: number;
  created: number;
  updated: number;
  merged: number;
  unchanged: number;
  rejected: number;
}

/** Safe to call again, and from two processes at once. Calls `onProgress` after each chunk. */
export async function applyRun(
  registry: Registry,
  runId: string,
  onProgress: (counts: RunCounts) => void = () => undefined,
): Promise<RunCounts> {
  const inTurn = await turnsOf(registry, runId);
  await inTurn(async (tx, run) => {
    if (run.state !== "staging" && run.state !== "matching") return;
    await matchRun(registry, tx, run);
    await setRunState(tx, runId, "applying", registry.clock());
  });
  let counts = await progress(registry, runId);
  onProgress(counts);
  for (let limit = CHUNK; counts.done < counts.total;) {
    let outcomes: ItemOutcome[] = [];
    try {
      outcomes = await inTurn((tx, run) => applyChunk(registry, tx, run, limit));
      limit = Math.min(limit * 2, CHUNK);
    } catch (error) {
      // What the database refuses is looked for by halves, so that one item never spoils the others.
      if (error instanceof RegistryError) throw error;
      if (limit === 1) outcomes = await inTurn((tx, run) => refuseNext(registry, tx, run, error));
      else limit = Math.max(1, Math.floor(limit / 8));
    }
    // Counting the whole run after each chunk would make a large one quadratic; only what another process did is looked up.
    counts = outcomes.length > 0 ? withOutcomes(counts, outcomes) : await progress(registry, runId);
    onProgress(counts);
  }
  await inTurn(async (tx, run) => {
    if (run.state === "done") return;
    await setRunState(tx, runId, "done", registry.clock());
    if (counts.created < CHUNK) return;
    await analyzeTables(tx);
    await registry.enqueue(tx, { queue: "count-words" });
  });
  return counts;
}

/** Transactions that hold the run, in the name of whoever began it. */
async function turnsOf(registry: Registry, runId: string): Promise<<T>(work: (tx: Tx, run: Run) => Promise<T>) => Promise<T>> {
  const { actor, onBehalfOf } = await registry.database.read(async (on) => existing(await readRunRow(on, runId), runId));
  const acting = { actor, onBehalfOf: onBehalfOf ?? undefined };
  return (work) => registry.database.transact(async (tx) => work(tx, existing(await lockRun(tx, runId), runId)), acting);
}

function existing(run: Run | undefined, runId: string): Run {
  if (run === undefined) throw new RegistryError("not_found", { detail: `There is no run ${runId}.` });
  return run;
}

/** An import and a harvest are visits to the whole of a source; a batch is not, and is matched by identity alone. */
async function matchRun(registry: Registry, tx: Tx, run: Run): Promise<void> {
  const items = await waitingKeys(tx, run.id);
  const matches =
    run.kind !== "batch"
      ? matchWhole(items, await unseenRecords(tx, run.id, run.sourceId), await lapsedRecords(tx, run.sourceId, registry.clock()))
      : matchRecords(
          items,
          await findRecords(tx, run.sourceId, {
            ids: [],
            recordKeys: items.map((item) => item.recordKey).filter((key) => key !== null),
            payloadHashes: items.map((item) => item.payloadHash),
            matchKeys: items.map((item) => item.matchKey),
          }),
        );
  await keepMatches(
    tx,
    run.id,
    [...matches].map(([item, record]) => ({ position: item.position, recordId: record.id })),
  );
}

/** What no present record explains may be something that comes back. */
function matchWhole<I extends VisitMatchable>(
  items: readonly I[],
  present: readonly Candidate[],
  lapsed: readonly Candidate[],
): Map<I, Candidate> {
  const known = matchVisit(items, present);
  const unknown = items.filter((item) => !known.has(item));
  return new Map([...known, ...matchVisit(unknown, lapsed)]);
}

async function refuseNext(registry: Registry, tx: Tx, run: Run, error: unknown): Promise<ItemOutcome[]> {
  const [item] = await nextWaiting(tx, run.id, 1);
  if (item === undefined) return [];
  const { problem } = new RegistryError("internal", {
    detail: `This node could not keep the item: ${error instanceof Error ? error.message : String(error)}`,
  });
  await answerItems(tx, run.id, [{ position: item.position, outcome: "rejected", problem }], registry.clock());
  return ["rejected"];
}

async function applyChunk(registry: Registry, tx: Tx, run: Run, limit: number): Promise<ItemOutcome[]> {
  const items = await nextWaiting(tx, run.id, limit);
  if (items.length === 0) return [];
  const speaker = await holdSpeaker(tx, run.sourceId);
  const caller: Caller = { actor: run.actor, role: "agent", sourceId: run.sourceId, onBehalfOf: run.onBehalfOf ?? undefined };
  const results = await applyItems(
    registry,
    caller,
    tx,
    speaker,
    items.map((item: WaitingItem) => rekeyed(item, registry.base)),
    {
      observedAt: run.observedAt.getTime(),
      matched: items.map((item) => item.recordId ?? undefined),
    },
  );
  await answerItems(
    tx,
    run.id,
    items.map((item, n) => ({ position: item.position, ...results[n]! })),
    registry.clock(),
  );
  return results.map((result) => result.outcome);
}

function withOutcomes(counts: RunCounts, outcomes: readonly ItemOutcome[]): RunCounts {
  const next = { ...counts, done: counts.done + outcomes.length };
  for (const outcome of outcomes) next[outcome] += 1;
  return next;
}

async function progress(registry: Registry, runId: string): Promise<RunCounts> {
  const { waiting, ...counts } = await registry.database.read((on) => countOutcomes(on, runId));
  const done = counts.created + counts.updated + counts.merged + counts.unchanged + counts.rejected;
  return { ...counts, done, total: done + waiting };
}
