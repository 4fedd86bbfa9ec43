/** Occurrences that come without their series (a lone VEVENT with a RECURRENCE-ID) are exceptions of it, where the source has told the series before. */
import { findRecords, type StoredRecord } from "../db/records.ts";
import type { Tx } from "../db/database.ts";
import { recurrenceIdOf } from "../domain/recurrence/expand.ts";
import { occurrenceNamed, type Occurrence, type PlacedSet } from "../domain/recurrence/series.ts";
import { localAt } from "../domain/recurrence/zone-times.ts";
import { placeKey } from "../domain/similarity.ts";
import type { EventFields, OccurrenceOverride, PlaceMention } from "../domain/submission.ts";
import { instantOf, isDate, isFloating } from "../domain/when.ts";
import type { PreparedItem } from "./prepare.ts";
import type { Speaker } from "./settle.ts";

/**
 * The items as they are, but those of known series: of them nothing is said but what this one occurrence has of its own. One that
 * came before its series has become an event by itself, and stays one.
 */
export async function attachOccurrences(tx: Tx, speaker: Speaker, items: readonly PreparedItem[]): Promise<readonly PreparedItem[]> {
  const series = [...new Set(items.flatMap((item) => item.submission.occurrenceOf?.identifier ?? []))];
  if (series.length === 0) return items;
  const own = items.flatMap((item) => (item.submission.occurrenceOf && item.recordKey) ?? []);
  const found = await findRecords(tx, speaker.id, { recordKeys: [...series, ...own], ids: [], payloadHashes: [], matchKeys: [] });
  const records = new Map(found.map((record) => [record.recordKey, record]));
  return items.map((item) => {
    const record = records.get(item.submission.occurrenceOf?.identifier ?? null);
    const before = records.get(item.recordKey ?? null);
    const isApart = before !== undefined && before.eventId !== record?.eventId;
    return (record && !isApart && attached(item, record)) || item;
  });
}

/** Undefined where the series has no such occurrence: then it is an event of its own. */
function attached(item: PreparedItem, { eventId, submission: { fields: usual } }: StoredRecord): PreparedItem | undefined {
  const { recurrenceId: start } = item.submission.occurrenceOf!;
  const sets = usual.recurrence as PlacedSet[] | undefined;
  const zone = sets?.[0]?.timezone;
  if (sets === undefined || zone === undefined) return undefined;
  const local = isDate(start) || isFloating(start) ? start : localAt(instantOf(start), zone);
  const instance = occurrenceNamed({ sets, overrides: new Map() }, recurrenceIdOf(local));
  if (instance === undefined) return undefined;
  const overrides = { [instance.recurrenceId]: ownOf(item.submission.fields, usual, instance) };
  return { ...item, seriesEventId: eventId, submission: { ...item.submission, fields: { overrides } as EventFields } };
}

function ownOf(
  { name, startDate, endDate, eventStatus, location, virtualLocation, url }: EventFields,
  usual: EventFields,
  { startAt, endAt, isDate: isDay, timezone }: Occurrence<object>,
): OccurrenceOverride {
  const at = (text: string) => instantOf(text, timezone);
  const moved = at(startDate) !== startAt || isDate(startDate) !== isDay;
  const usualEnd = endAt === undefined ? undefined : endAt + at(startDate) - startAt;
  const key = (place: PlaceMention | undefined) => place && placeKey(place).toString("hex");
  return {
    ...(name !== usual.name && { name }),
    ...(moved && { startDate }),
    ...(endDate !== undefined && at(endDate) !== usualEnd && (isDay ? endDate !== startDate : true) && { endDate }),
    ...(eventStatus !== undefined && eventStatus !== (usual.eventStatus ?? "EventScheduled") && { eventStatus }),
    ...(location !== undefined && key(location) !== key(usual.location) && { location }),
    ...(virtualLocation !== undefined && virtualLocation.url !== usual.virtualLocation?.url && { virtualLocation }),
    ...(url !== undefined && url !== usual.url && { url }),
  };
}
