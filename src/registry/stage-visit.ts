/** The items of a visit, staged as a run: the part of a harvest that goes on where it was cut off. */
import { giveUpRuns, refuseRepeated, setVisitRun, unfinishedRun } from "../db/harvest-visits.ts";
import type { HarvestRow } from "../db/harvests.ts";
import { insertRun, type StagedItem } from "../db/runs.ts";
import { readSpeaker } from "../db/speaker.ts";
import { RegistryError, type Problem } from "../domain/errors.ts";
import type { Registry } from "./context.ts";
import { hashOf } from "./prepare.ts";
import { keepStaged, readItemsForStaging } from "./stage-items.ts";

/** Who takes in what a visit brought, for the audit log. */
export const HARVESTER = "job:harvest-source";
const ITEMS_AT_ONCE = 500;
const BYTES_AT_ONCE = 8 * 1024 * 1024;

export interface Visit {
  id: string;
  harvest: HarvestRow;
  startedAt: Date;
}

/** An item of an answer: the bytes of one event, or why none could be cut out. */
export type VisitedItem = { payload: Buffer; mediaType: string; pointer: string } | Unreadable;
export interface Unreadable {
  problem: Problem;
  pointer: string;
  excerpt: string;
}

export interface StagedVisit {
  runId: string;
  /** When the answer was asked for. */
  observedAt: Date;
  /** Items that another one of the same id overrides. */
  repeated: number;
}

/** Stages the items as a run that is ready to be applied. A run of the same body that was cut off is gone on with. */
export async function stageVisit(registry: Registry, visit: Visit, items: readonly VisitedItem[], bodyHash: Buffer): Promise<StagedVisit> {
  const run = await startRun(registry, visit, bodyHash);
  await stageAll(registry, visit.harvest.sourceId, run, items);
  const repeated = await registry.database.transact((tx) => refuseRepeated(tx, run.id, REPEATED, registry.clock()));
  return { runId: run.id, observedAt: run.observedAt, repeated };
}

const REPEATED = new RegistryError("conflict", { detail: "Another item of this answer has the same id and comes later: that one counts." })
  .problem;

interface StartedRun {
  id: string;
  staged: number;
  observedAt: Date;
}

function startRun(registry: Registry, { id, harvest, startedAt }: Visit, bodyHash: Buffer): Promise<StartedRun> {
  return registry.database.transact(async (tx) => {
    const begun = await unfinishedRun(tx, harvest.sourceId, bodyHash);
    const run = begun ?? { id: registry.mint(startedAt.getTime()), staged: 0, observedAt: startedAt };
    if (begun === undefined) {
      await giveUpRuns(tx, harvest.sourceId, startedAt);
      const about = { kind: "harvest", sourceId: harvest.sourceId, actor: HARVESTER, onBehalfOf: harvest.source } as const;
      await insertRun(tx, { ...about, id: run.id, inputHash: bodyHash, inputName: harvest.url }, startedAt);
    }
    await setVisitRun(tx, id, run.id);
    return run;
  });
}

/** In chunks, in order: what is staged already is a beginning. */
async function stageAll(registry: Registry, sourceId: string, run: StartedRun, items: readonly VisitedItem[]): Promise<void> {
  for (let at = run.staged; at < items.length;) {
    const chunk: (VisitedItem & { position: number })[] = [];
    for (let bytes = 0; at < items.length && chunk.length < ITEMS_AT_ONCE && bytes < BYTES_AT_ONCE; at++) {
      const item = items[at]!;
      chunk.push({ ...item, position: at });
      bytes += "payload" in item ? item.payload.length : 0;
    }
    const read = await registry.database.read(async (on) =>
      readItemsForStaging(
        registry,
        on,
        await readSpeaker(on, sourceId),
        chunk.filter((item) => "payload" in item),
      ),
    );
    const unreadable = chunk.filter((item) => "problem" in item).map(refused);
    await registry.database.transact((tx) => keepStaged(tx, run.id, [...read, ...unreadable], registry.clock()));
  }
}

/** Where it stood is kept with it: a calendar's UID is part of that, by which the record that it is may be known. */
function refused({ position, problem, pointer, excerpt }: Unreadable & { position: number }): StagedItem {
  const payload = Buffer.from(`${pointer}\n${excerpt}`);
  return { position, problem, payload, payloadHash: hashOf(payload), mediaType: "text/plain", outcome: "rejected" };
}
