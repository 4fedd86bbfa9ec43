/**
 * A visit to a source, as far as the registry goes: begun, its items taken in as a run, and ended with a row that says what
 * came of it. What fetches and reads the answer is federation's.
 */
import type { Tx } from "../db/database.ts";
import {
  deleteVisit,
  finishVisit,
  insertVisit,
  lastFound,
  NOTHING_FOUND,
  type VisitCounts,
  type VisitEnd,
  type VisitOutcome,
} from "../db/harvest-visits.ts";
import { scheduleNext, takeDueSource, type TakenBody } from "../db/harvests.ts";
import { endLapses, seeAllAgain, seeRefused } from "../db/missing-records.ts";
import { applyRun } from "./apply-run.ts";
import type { Registry } from "./context.ts";
import { weighMissing } from "./missing-records.ts";
import { DECODER_VERSION } from "./prepare.ts";
import { stageVisit, type Visit, type VisitedItem } from "./stage-visit.ts";

export type { Unreadable, Visit, VisitedItem } from "./stage-visit.ts";

/** Longer than a visit takes, so that nobody else begins one; one that was cut off may be begun anew after it. */
const LEASE_MS = 30 * 60_000;

/** `whole`: false where more stands on other pages. */
export interface VisitedReading {
  items: readonly VisitedItem[];
  whole: boolean;
}

/** `idle`: nothing was to be done; `waiting`: the host is to be left alone until then, and nothing was asked. */
export type VisitResult =
  | { outcome: "idle" }
  | { outcome: "waiting"; until: Date }
  | ({ outcome: VisitOutcome; counts: VisitCounts; trouble?: string | undefined; nextVisitAt: Date } & Pick<
      VisitEnd,
      "httpStatus" | "bytes"
    >);

/** What is known of an answer before it is read. */
export interface Answered {
  httpStatus: number;
  bytes: number;
  etag: string | null;
  lastModified: string | null;
}

/** Undefined where there is nothing to visit: no such source, not due (unless `early`), switched off, or visited by another at this time. */
export function beginVisit(registry: Registry, sourceId: string, { early }: { early: boolean }): Promise<Visit | undefined> {
  const now = registry.clock();
  return registry.database.transact(async (tx) => {
    const harvest = await takeDueSource(tx, sourceId, { now, until: new Date(now.getTime() + LEASE_MS), early });
    if (harvest === undefined) return undefined;
    const id = registry.mint(now.getTime());
    await insertVisit(tx, { id, sourceId }, now);
    return { id, harvest, startedAt: now };
  });
}

/** True where the last answer, if there was one, is to be read again although it may be the same: a decoder that is newer may read more in it. */
export const readAnew = ({ harvest }: Visit): boolean =>
  harvest.takenAt === null || harvest.bodyHash === null || harvest.decoderVersion !== DECODER_VERSION;

/** As if it had not been begun: nothing was answered. It is due again at `until`, or when it was due before. */
export async function dropVisit(registry: Registry, { id, harvest }: Visit, until?: Date): Promise<VisitResult> {
  const nextVisitAt = until ?? harvest.nextVisitAt;
  await registry.database.transact(async (tx) => {
    await deleteVisit(tx, id);
    await scheduleNext(tx, harvest.sourceId, { nextVisitAt, ended: harvest }, registry.clock());
  });
  return until === undefined ? { outcome: "idle" } : { outcome: "waiting", until };
}

/** Nothing was taken in; what the source said before stays as it is. */
export function endInVain(
  registry: Registry,
  visit: Visit,
  end: VisitEnd & { outcome: "failed" | "disallowed" | "postponed" },
  nextVisitAt: Date,
): Promise<VisitResult> {
  return registry.database.transact((tx) => close(registry, tx, visit, end, { nextVisitAt, failures: visit.harvest.failures + 1 }));
}

/** The answer is what it was: nothing is read. What was missing from it then is missing once more. */
export async function endUnchanged(registry: Registry, visit: Visit, answered: Answered, nextVisitAt: Date): Promise<VisitResult> {
  const { harvest, startedAt } = visit;
  const { mostlyRead } = harvest;
  const found = await registry.database.transact(async (tx) => {
    await seeAllAgain(tx, harvest.sourceId, harvest.takenAt!, startedAt);
    return lastFound(tx, harvest.sourceId);
  });
  const weighed = found === undefined ? undefined : await weighMissing(registry, harvest, { found, mostlyRead, takenAt: startedAt });
  const counts = { ...NOTHING_FOUND, missing: weighed?.missing ?? 0, withdrawn: weighed?.withdrawn ?? 0 };
  const end: VisitEnd = { ...answered, outcome: weighed?.suspicious ? "suspicious" : "unchanged", trouble: weighed?.trouble, counts };
  const taken: TakenBody = {
    etag: answered.etag ?? harvest.etag,
    lastModified: answered.lastModified ?? harvest.lastModified,
    bodyHash: harvest.bodyHash!,
    decoderVersion: DECODER_VERSION,
    takenAt: startedAt,
    mostlyRead,
  };
  return registry.database.transact((tx) => close(registry, tx, visit, end, { nextVisitAt, failures: 0, taken }));
}

/** Reads the items in, applies them, and settles what is missing or back. A run of the same body that was cut off is gone on with. */
export async function takeItems(
  registry: Registry,
  visit: Visit,
  { items, whole }: VisitedReading,
  answered: Answered & { bodyHash: Buffer },
  nextVisitAt: Date,
): Promise<VisitResult> {
  const { harvest } = visit;
  const { runId, observedAt, repeated } = await stageVisit(registry, visit, items, answered.bodyHash);
  const applied = await applyRun(registry, runId);
  const returned = await registry.database.transact(async (tx) => {
    await seeRefused(tx, harvest.sourceId, { runId, takenAt: observedAt });
    return endLapses(tx, runId);
  });
  const mostlyRead = whole && (applied.rejected - repeated) * 2 <= items.length;
  const weighed = await weighMissing(registry, harvest, { found: items.length, mostlyRead, takenAt: observedAt });
  const counts: VisitCounts = {
    found: items.length,
    created: Math.max(0, applied.created + applied.merged - returned.length),
    updated: applied.updated,
    unchanged: applied.unchanged,
    rejected: applied.rejected,
    missing: weighed.missing,
    withdrawn: weighed.withdrawn,
    returned: returned.length,
  };
  const { etag, lastModified, bodyHash } = answered;
  const taken: TakenBody = {
    etag,
    lastModified,
    bodyHash: bodyHash.toString("hex"),
    decoderVersion: DECODER_VERSION,
    takenAt: observedAt,
    mostlyRead,
  };
  const end: VisitEnd = { ...answered, outcome: weighed.suspicious ? "suspicious" : "taken", trouble: weighed.trouble, counts };
  return registry.database.transact((tx) => close(registry, tx, visit, end, { nextVisitAt, failures: 0, taken }));
}

async function close(
  registry: Registry,
  tx: Tx,
  { id, harvest }: Visit,
  end: VisitEnd,
  schedule: { nextVisitAt: Date; failures: number; taken?: TakenBody },
): Promise<VisitResult> {
  const now = registry.clock();
  await finishVisit(tx, id, end, now);
  await scheduleNext(tx, harvest.sourceId, { ...schedule, ended: harvest }, now);
  const { outcome, counts = NOTHING_FOUND, trouble, httpStatus, bytes } = end;
  return { outcome, counts, trouble, httpStatus, bytes, nextVisitAt: schedule.nextVisitAt };
}
