/**
 * What a source shows no more. A record of an event to come that is missing from several visits in a row speaks no longer;
 * when nobody else speaks for the event, that goes out of sight, and a person is told. Events that are over may vanish as
 * they like. A source of which much is missing all at once is not believed until a person says so.
 */
import { audit } from "../db/audit.ts";
import type { Tx } from "../db/database.ts";
import { acceptMissing, readHarvest, type HarvestRow } from "../db/harvests.ts";
import { countMissed, findMissing, lapseRecords, type MissingRecord } from "../db/missing-records.ts";
import { closeReviews, listReviews, openReviews } from "../db/reviews.ts";
import type { Registry } from "./context.ts";
import { emptyTopic } from "./harvests.ts";
import { withdrawnTopic } from "./raise-reviews.ts";
import { resettleEvents } from "./resettle.ts";
import { HARVESTER } from "./stage-visit.ts";

/** Records of one transaction. */
const CHUNK = 200;

export interface Weighed {
  /** Records of events to come that the answer did not show. */
  missing: number;
  /** Events that are out of sight since. */
  withdrawn: number;
  suspicious: boolean;
  trouble?: string;
}

/** Half of five events or more are gone at once, or nothing is left of three: that is a fault sooner than a decision. */
export function isSuspicious({ found, upcoming, missing }: { found: number; upcoming: number; missing: number }): boolean {
  return (upcoming >= 5 && missing * 2 > upcoming) || (found === 0 && upcoming >= 3);
}

/**
 * Counts what was not seen since `takenAt` (when the answer was asked for), and takes back what was missed too often. Where
 * most of an answer could not be read, nothing counts: what is missing may stand in there.
 */
export async function weighMissing(
  registry: Registry,
  { sourceId, source, missingAfter }: HarvestRow,
  { found, mostlyRead, takenAt }: { found: number; mostlyRead: boolean; takenAt: Date },
): Promise<Weighed> {
  const { database } = registry;
  const now = registry.clock();
  const { gone, ...weighed } = await database.transact(async (tx) => {
    const { upcoming, missing } = await findMissing(tx, sourceId, { takenAt, now });
    const said = { missing: missing.length, withdrawn: 0, suspicious: false, gone: [] as MissingRecord[] };
    if (!mostlyRead)
      return {
        ...said,
        missing: 0,
        trouble: `its ${found} items are a page of more, or most of them cannot be read: nothing counts as missing`,
      };
    if (isSuspicious({ found, upcoming, missing: missing.length })) {
      const seen = { source, found, upcoming, missing: missing.length };
      const trouble = `${missing.length} of ${upcoming} upcoming events are missing at once`;
      if ((await readHarvest(tx, sourceId))?.missingAcceptedAt == null) {
        await tellOfEmpty(registry, tx, sourceId, { ...seen, text: `${trouble}: nothing was withdrawn.` }, now);
        return { ...said, suspicious: true, trouble };
      }
    } else await isWhole(tx, sourceId, now);
    await countMissed(
      tx,
      sourceId,
      missing.map((record) => record.id),
    );
    return { ...said, gone: missing.filter((record) => record.missedVisits + 1 >= missingAfter) };
  });
  for (let at = 0; at < gone.length; at += CHUNK) {
    const some = gone.slice(at, at + CHUNK);
    weighed.withdrawn += await database.transact((tx) => takeBack(registry, tx, { sourceId, source, missingAfter }, some, now), {
      actor: HARVESTER,
    });
  }
  return weighed;
}

async function tellOfEmpty(registry: Registry, tx: Tx, sourceId: string, seen: object, now: Date): Promise<void> {
  const item = { kind: "empty" as const, topic: emptyTopic(sourceId), sourceId, details: { guard: true, ...seen } };
  await openReviews(tx, [{ id: registry.mint(now.getTime()), ...item }], now);
}

/** What was told of the source being empty is over, and so is a person's leave to believe it. */
async function isWhole(tx: Tx, sourceId: string, now: Date): Promise<void> {
  await acceptMissing(tx, sourceId, null, now);
  const open = await listReviews(tx, { state: "open", kind: "empty", sourceId, limit: 10 });
  const mine = open.filter(({ details }) => details["guard"] === true).map(({ topic }) => topic);
  await closeReviews(tx, mine, { state: "resolved", resolution: "returned", decidedBy: HARVESTER }, now);
}

/** These records speak no more. Returns how many events went out of sight. */
async function takeBack(
  registry: Registry,
  tx: Tx,
  { sourceId, source, missingAfter }: Pick<HarvestRow, "sourceId" | "source" | "missingAfter">,
  records: readonly MissingRecord[],
  now: Date,
): Promise<number> {
  const eventIds = await lapseRecords(
    tx,
    records.map((record) => record.id),
    now,
  );
  const settled = await resettleEvents(registry, tx, eventIds, now);
  const reason = `${source} did not show it ${missingAfter === 1 ? "once" : `${missingAfter} times in a row`}`;
  const hidden = settled.filter(({ found, now: after }) => found.lifecycleState !== "withdrawn" && after.lifecycleState === "withdrawn");
  const lastShown = new Map(records.map((record) => [record.eventId, record]));
  await openReviews(
    tx,
    hidden.flatMap(({ id }) => {
      const last = lastShown.get(id);
      if (last === undefined) return [];
      const { name, lastSeenAt } = last;
      const details = { name, source, sourceId, lastSeen: lastSeenAt.toISOString(), missedVisits: missingAfter };
      const topic = withdrawnTopic(id);
      return [
        {
          id: registry.mint(now.getTime()),
          kind: "withdrawn" as const,
          topic,
          entityKind: "event" as const,
          entityId: id,
          sourceId,
          details,
        },
      ];
    }),
    now,
  );
  const withdrawn = new Set(hidden.map(({ id }) => id));
  await audit(
    tx,
    eventIds.map((id) => ({
      actor: HARVESTER,
      onBehalfOf: source,
      action: withdrawn.has(id) ? "event.withdrawn" : "event.withdrawn_claims",
      entityKind: "event" as const,
      entityId: id,
      reason,
    })),
    now,
  );
  return hidden.length;
}
