/** The event that goes on after a split: everything that the old one shows from the cut on, and what is different from there. */
import { RegistryError } from "../domain/errors.ts";
import { occurrenceUri, ulidOf } from "../domain/iri.ts";
import { isProtectedField } from "../domain/protected-fields.ts";
import { localOf } from "../domain/recurrence/expand.ts";
import { lasting, movedId, moveSets } from "../domain/recurrence/move.ts";
import type { ShownOccurrence } from "../domain/recurrence/of-state.ts";
import type { PlacedSet } from "../domain/recurrence/series.ts";
import { localAt } from "../domain/recurrence/zone-times.ts";
import type { EventState } from "../domain/state.ts";
import type { EventFields } from "../domain/submission.ts";
import { instantOf, isDate } from "../domain/when.ts";
import { decodeEvent } from "../jsonld/decode.ts";
import { encodeEntity } from "../jsonld/encode.ts";
import type { Registry } from "./context.ts";
import type { FoundOccurrence } from "./occurrences.ts";
import { zonesOf } from "./own-word.ts";
import { prepare, type PreparedItem } from "./prepare.ts";

/** Of the old event alone: its names, its times, its rules. */
const OLD: ReadonlySet<string> = new Set([
  "@id",
  "eventSchedule",
  "subEvent",
  "startDate",
  "endDate",
  "doorTime",
  "previousStartDate",
  "sameAs",
]);
const CC_BY = "https://creativecommons.org/licenses/by/4.0/";

/**
 * `after` is the old rule's second half, `document` a partial schema.org Event; `foreignTexts` stay behind. Throws `invalid_body`
 * where the document cannot be read, or names another day without saying by which schedule.
 */
export async function followingItem(
  registry: Registry,
  { state, plain, foreignTexts }: FoundOccurrence & { foreignTexts: ReadonlySet<string> },
  after: readonly PlacedSet[],
  document: unknown,
): Promise<PreparedItem> {
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw new RegistryError("invalid_body", { detail: "Expected one JSON object: what is different from there on.", pointer: "" });
  const { base } = registry;
  const shown = encodeEntity(state, { base });
  const changes = document as Readonly<Record<string, unknown>>;
  const members = { ...inheritedOf(shown, state, foreignTexts), ...timesFor(plain, changes), ...changes };
  const given = Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
  // Of its own at its source: a later word on the old event is none on this one.
  const cut = occurrenceUri(base, state, plain.recurrenceId);
  const recordKey = `${cut}#${ulidOf(registry.mint(registry.clock().getTime()))}`;
  const received = { payload: Buffer.from(JSON.stringify({ "@id": recordKey, method: "SPLIT", document })), mediaType: "application/json" };
  const rules = zonesOf(registry, plain);
  const { fields } = prepare(await decodeEvent(given, { base }), received, rules, base).submission;

  const overrides = Object.entries((await decodeEvent(shown, { base })).fields.overrides ?? {}).filter(
    ([key]) => key >= plain.recurrenceId,
  );
  const recurring =
    changes["eventSchedule"] === undefined ? goingOn(fields, plain, after, changes) : { ...fields, named: (key: string) => key };
  const { named, ...whole } = recurring;
  const submission = {
    identifiers: [],
    fields: { ...whole, ...(overrides.length > 0 && { overrides: Object.fromEntries(overrides.map(([key, one]) => [named(key), one])) }) },
  };
  return { ...prepare(submission, received, rules, base), recordKey, recordUri: undefined, ownEventId: undefined };
}

/** What the new event says of itself unless it is told otherwise. A text stays under the license by which it is shown. */
function inheritedOf(
  shown: object,
  { type, license, licenseStatus }: EventState,
  foreignTexts: ReadonlySet<string>,
): Record<string, unknown> {
  const inherited = Object.entries(shown).filter(([name]) => !OLD.has(name) && !foreignTexts.has(name) && !/^(sel|prov):/.test(name));
  const closed = licenseStatus !== "cc0" && licenseStatus !== "cc-by";
  return {
    ...Object.fromEntries(closed ? inherited.filter(([name]) => !isProtectedField(name)) : inherited),
    "@type": type,
    ...(license === undefined && licenseStatus === "cc-by" && { license: CC_BY }),
  };
}

/** The times of the occurrence at the cut, as far as the changes leave them: an end and doors that are not spoken of move with the start. */
const timesFor = ({ startDate, endDate, doorTime }: ShownOccurrence, changes: object) => ({
  startDate,
  ...(endDate !== undefined && !("startDate" in changes) && { endDate }),
  ...(doorTime !== undefined && !("startDate" in changes) && { doorTime }),
});

/** The old rule's second half, at the new time of day where there is one. */
function goingOn(
  fields: EventFields,
  plain: ShownOccurrence,
  after: readonly PlacedSet[],
  changes: object,
): EventFields & { named: (key: string) => string } {
  const from = localOf(plain.recurrenceId);
  const { startDate, endDate } = fields;
  const to = !("startDate" in changes) ? from : isDate(startDate) ? startDate : localAt(instantOf(startDate), plain.timezone);
  const moved = moveSets(after, from, to);
  if (moved === undefined)
    throw new RegistryError("invalid_body", {
      detail: `/startDate: expected another time of the same day, ${from.slice(0, 10)}; for other days, or rules that name hours themselves, give eventSchedule.`,
      pointer: "/startDate",
    });
  const shift = instantOf(startDate) - instantOf(plain.startDate);
  const shifted = (at: string | undefined, term: string) =>
    at === undefined || term in changes || isDate(at) ? undefined : new Date(Date.parse(at) + shift).toISOString();
  const [end, doors] = [shifted(plain.endDate, "endDate"), shifted(plain.doorTime, "doorTime")];
  return {
    ...fields,
    recurrence: "endDate" in changes ? moved.map((set) => lasting(set, startDate, endDate)) : moved,
    ...(end !== undefined && { endDate: end }),
    ...(doors !== undefined && { doorTime: doors }),
    named: (key) => movedId(key, from, to),
  };
}
