/** A curator decides one field: the value becomes the curator's pinned claim, which no source overrules and no harvest undoes. */
import { audit } from "../db/audit.ts";
import type { Tx } from "../db/database.ts";
import { recordsOf } from "../db/records.ts";
import { holdSpeaker } from "../db/speaker.ts";
import { partsOf } from "../domain/canonical-series.ts";
import { RegistryError } from "../domain/errors.ts";
import { isProtectedField } from "../domain/protected-fields.ts";
import { shapeFaults } from "../domain/shape-faults.ts";
import { eventFields, type EventFields, type FieldName } from "../domain/submission.ts";
import { decodeEvent } from "../jsonld/decode.ts";
import { encodeEntity } from "../jsonld/encode.ts";
import { applyItems } from "./apply-items.ts";
import type { Caller, Registry } from "./context.ts";
import { prepare } from "./prepare.ts";
import { lockForRevision } from "./revise-event.ts";
import { curatorSource } from "./sources.ts";
import { accepted } from "./submit-event.ts";

export interface Pin {
  eventId: string;
  /** A schema.org term such as "name". */
  field: string;
  /** As a claim holds it (domain/submission.ts): a claimed value as it stands in an explanation, or one of the same shape. */
  value: unknown;
  reason?: string | undefined;
}

/** Throws `invalid_body` naming what was expected, `not_found`, `gone`, and `conflict` for a text that was taken down. */
export async function pinField(registry: Registry, caller: Caller, tx: Tx, { eventId, field, value, reason }: Pin): Promise<void> {
  const pinned = fieldOf(field, value);
  const state = await lockForRevision(registry, tx, eventId, undefined);
  if (state.takedownAt !== undefined && isProtectedField(field))
    throw new RegistryError("conflict", {
      detail: `field: the texts and images of this event were taken down; lift that first.`,
      pointer: "/field",
    });
  if (state.series !== undefined && ["startDate", "endDate"].includes(field))
    throw new RegistryError("conflict", {
      detail: `field: this event recurs; change its eventSchedule (PATCH), or one of its occurrences.`,
      pointer: "/field",
    });
  const curator = await holdSpeaker(tx, (await curatorSource(registry, tx)).id);
  const earlier = (await recordsOf(tx, [eventId])).findLast((record) => record.sourceId === curator.id && record.homeEventId === null);
  const received = { payload: Buffer.from(JSON.stringify({ ...pinned, reason })), mediaType: "application/json" };
  const zones = { sourceTimezone: state.timezone, defaultTimezone: registry.defaultTimezone };
  const shown = await decodeEvent(encodeEntity(state, { base: registry.base }), { base: registry.base });
  const item = prepare({ ...shown, fields: { ...shown.fields, ...pinned } }, received, zones, registry.base);
  // Only what is pinned is the curator's word.
  const fields = { ...earlier?.submission.fields, [field]: item.submission.fields[field as FieldName] } as EventFields;
  const now = registry.clock();
  const [result] = await applyItems(
    registry,
    caller,
    tx,
    curator,
    [{ ...item, ownEventId: eventId, recordKey: undefined, recordUri: undefined, submission: { ...item.submission, fields } }],
    { observedAt: now.getTime() },
  );
  accepted(result!);
  const { actor, onBehalfOf, requestId } = caller;
  const details = { field };
  await audit(tx, [{ actor, onBehalfOf, action: "claim.pinned", entityKind: "event", entityId: eventId, reason, requestId, details }], now);
}

const TIMES: readonly string[] = ["startDate", "endDate", "doorTime", "previousStartDate"] satisfies FieldName[];

/** A time can be read as one; other values are what their shape says. */
const readable = (field: string, value: unknown): boolean => !TIMES.includes(field) || !Number.isNaN(Date.parse(value as string));

function fieldOf(field: string, value: unknown): Partial<EventFields> {
  if (field === "overrides" || partsOf(field) !== undefined)
    throw new RegistryError("invalid_body", {
      detail: `field: what one occurrence has of its own is pinned at its own address: PATCH /api/v1/events/{ulid}/occurrences/${partsOf(field)?.recurrenceId ?? "{recurrenceId}"} as an admin.`,
      pointer: "/field",
    });
  const schema = eventFields.shape[field as FieldName];
  if (schema === undefined)
    throw new RegistryError("invalid_body", {
      detail: `field: "${field.slice(0, 100)}" is no field of an event; expected one of ${Object.keys(eventFields.shape)
        .filter((name) => name !== "overrides")
        .join(", ")}.`,
      pointer: "/field",
    });
  // A claimed time names its zone in brackets (RFC 9557); it is placed anew, in the event's.
  const read = typeof value === "string" && TIMES.includes(field) ? value.replace(/\[[^\]]*\]$/, "") : value;
  const parsed = schema.safeParse(read);
  if (parsed.success && parsed.data !== undefined && readable(field, parsed.data)) return { [field]: parsed.data };
  const [fault] = parsed.error === undefined ? [] : shapeFaults(parsed.error, read);
  const { pointer, detail } = fault ?? { pointer: "", detail: "expected a time or a date such as 2026-05-08T20:00:00-04:00" };
  throw new RegistryError("invalid_body", { detail: `value${pointer}: ${detail}`, pointer: `/value${pointer}` });
}
