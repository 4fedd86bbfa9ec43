/** What one source has said of one event so far, and the item by which it says something else. */
import type { Tx } from "../db/database.ts";
import { recordsOf, type StoredRecord } from "../db/records.ts";
import { RegistryError } from "../domain/errors.ts";
import { foldRecords } from "../domain/provenance.ts";
import type { EventState } from "../domain/state.ts";
import { MOST_OVERRIDES, type EventFields } from "../domain/submission.ts";
import { decodeEvent } from "../jsonld/decode.ts";
import { encodeEntity } from "../jsonld/encode.ts";
import type { Registry } from "./context.ts";
import { hashOf, prepare, rekeyed, type PreparedItem } from "./prepare.ts";
import type { Speaker } from "./settle.ts";

export interface OwnWord {
  fields: Partial<EventFields>;
  record: StoredRecord | undefined;
}

export const notYours = (speaker: Speaker) =>
  new RegistryError("forbidden", {
    detail: `${speaker.name} has said nothing of this event, so it cannot change it; POST what it knows to /api/v1/events instead.`,
  });

/** Throws `forbidden` for a source that has said nothing of it; a curator may speak of any. */
export async function ownWord(tx: Tx, eventId: string, speaker: Speaker): Promise<OwnWord> {
  const own = (await recordsOf(tx, [eventId])).filter((record) => record.sourceId === speaker.id);
  if (own.length === 0 && !speaker.pinned) throw notYours(speaker);
  const here = own.filter((record) => record.homeEventId === null);
  const records = here.length > 0 || speaker.pinned ? here : own;
  const { fields } = foldRecords(records.map((record) => ({ ...record, fields: record.submission.fields })));
  return { fields, record: records.findLast(({ submission }) => submission.occurrenceOf === undefined) ?? records.at(-1) };
}

/** The item by which the caller's word on the event becomes `fields`; `sent` is kept as its record. */
export async function itemOf(
  registry: Registry,
  state: EventState,
  { record }: OwnWord,
  fields: EventFields,
  sent: object,
): Promise<PreparedItem> {
  if (Object.keys(fields.overrides ?? {}).length > MOST_OVERRIDES)
    throw new RegistryError("invalid_body", {
      detail: `The series: expected at most ${MOST_OVERRIDES} occurrences that differ from it; change its rule instead.`,
      pointer: "",
    });
  const { base } = registry;
  const payload = Buffer.from(JSON.stringify(sent));
  const received = { payload, mediaType: "application/json" };
  const shown = prepare(await decodeEvent(encodeEntity(state, { base }), { base }), received, zonesOf(registry, state), base);
  const keyed = rekeyed(
    { ...received, payloadHash: hashOf(payload), submission: { ...shown.submission, fields: { ...shown.submission.fields, ...fields } } },
    base,
  );
  const { identifiers = [], revision } = record?.submission ?? {};
  return {
    ...keyed,
    ownEventId: state.id,
    recordKey: record?.recordKey ?? undefined,
    recordUri: record?.recordUri ?? undefined,
    submission: { identifiers, ...(revision && { revision }), fields },
  };
}

export const zonesOf = ({ defaultTimezone }: Registry, { timezone }: { timezone: string }) => ({
  sourceTimezone: timezone,
  defaultTimezone,
});
