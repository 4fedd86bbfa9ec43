/**
 * One occurrence of a series is changed (moved, cancelled, renamed, elsewhere, at another price) while the series stays as it is.
 * What it has of its own becomes the caller's claims on that occurrence; an admin's are the curator's, and pinned.
 */
import canonicalize from "canonicalize";
import { audit } from "../db/audit.ts";
import type { Tx } from "../db/database.ts";
import { RegistryError, type FieldFault } from "../domain/errors.ts";
import { occurrenceUri } from "../domain/iri.ts";
import { isKept } from "../domain/kept-times.ts";
import type { ShownOccurrence } from "../domain/recurrence/of-state.ts";
import { occurrenceOverride, type EventFields, type OccurrenceOverride } from "../domain/submission.ts";
import { instantOf, isDate, placeIn, zoneOf } from "../domain/when.ts";
import { decodeEvent } from "../jsonld/decode.ts";
import { encodeOccurrence } from "../jsonld/encode-series.ts";
import { applyItems, type Outcome } from "./apply-items.ts";
import type { Caller, Registry } from "./context.ts";
import { findOccurrence, type FoundOccurrence } from "./occurrences.ts";
import { itemOf, ownWord, zonesOf } from "./own-word.ts";
import { prepare } from "./prepare.ts";
import { lockForRevision } from "./revise-event.ts";
import { speakerOf } from "./speaker.ts";
import { accepted } from "./submit-event.ts";

export interface OccurrenceChange {
  eventId: string;
  recurrenceId: string;
  /** `put` replaces what the caller said of this occurrence, `patch` changes parts of it, `delete` takes it back. */
  mode: "put" | "patch" | "delete";
  /** A partial schema.org Event; nothing for `delete`. */
  document?: unknown;
  /** The If-Match header as sent. */
  ifMatch?: string | undefined;
}

type OwnTerm = keyof OccurrenceOverride;
const OWN_TERMS = Object.keys(occurrenceOverride.shape) as OwnTerm[];
/** Names of the document that an occurrence bears without having said them. */
const NOT_SAID: ReadonlySet<string> = new Set(["type", "previousStartDate"]);

/**
 * Throws `not_found` (also for a `delete` where the caller has said nothing), `gone`, `forbidden`, `conflict` for an event that does not
 * recur, `precondition_failed`, and `invalid_body` naming a member that an occurrence cannot have of its own.
 */
export async function overrideOccurrence(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  change: OccurrenceChange,
): Promise<{ outcome: Outcome; eventId: string; recurrenceId: string }> {
  const { eventId, mode, ifMatch } = change;
  const speaker = await speakerOf(registry, caller, tx);
  const state = await lockForRevision(registry, tx, eventId, ifMatch);
  const earlier = await ownWord(tx, eventId, speaker);
  const said = earlier.fields.overrides ?? {};
  const now = registry.clock();
  const found = () => findOccurrence(tx, state, change.recurrenceId, now);
  const { key, own } = mode === "delete" ? await takenBack(found, change, said) : await changed(registry, await found(), said, change);
  const { [key]: _before, ...others } = said;
  const { overrides: _overrides, ...rest } = earlier.fields;
  const overrides = Object.keys(own).length === 0 ? others : { ...others, [key]: own };
  const fields = { ...rest, ...(Object.keys(overrides).length > 0 && { overrides }) } as EventFields;
  // The record tells which occurrence was meant: the same few bytes may be sent for many.
  const sent = { "@id": occurrenceUri(registry.base, state, key), method: mode.toUpperCase(), document: change.document };
  const item = await itemOf(registry, state, earlier, fields, sent);
  const [result] = await applyItems(registry, caller, tx, speaker, [item], { observedAt: now.getTime() });
  const done = accepted(result!);
  const { actor, onBehalfOf, requestId } = caller;
  const details = { recurrenceId: key, terms: Object.keys(own) };
  const action = mode === "delete" ? "occurrence.restored" : "occurrence.changed";
  await audit(tx, [{ actor, onBehalfOf, action, entityKind: "event", entityId: eventId, requestId, details }], now);
  return { outcome: done.outcome, eventId, recurrenceId: key };
}

async function takenBack(
  found: () => Promise<FoundOccurrence>,
  { recurrenceId }: OccurrenceChange,
  said: Readonly<Record<string, OccurrenceOverride>>,
): Promise<{ key: string; own: OccurrenceOverride }> {
  // What was said of an occurrence that the rule has left can still be taken back.
  const key = Object.hasOwn(said, recurrenceId) ? recurrenceId : (await found()).key;
  if (!Object.hasOwn(said, key))
    throw new RegistryError("not_found", {
      detail: `You have said nothing of the occurrence ${recurrenceId} alone that could be taken back.`,
    });
  return { key, own: {} };
}

async function changed(
  registry: Registry,
  { state, shown, plain, key }: FoundOccurrence,
  said: Readonly<Record<string, OccurrenceOverride>>,
  { mode, document }: OccurrenceChange,
): Promise<{ key: string; own: OccurrenceOverride }> {
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw new RegistryError("invalid_body", { detail: "Expected one JSON object: what this occurrence has of its own.", pointer: "" });
  const members = Object.entries(document as Record<string, unknown>).filter(([name]) => !LEADING.has(name));
  const given = Object.fromEntries(members.filter(([, value]) => value !== null));
  const read = async (occurrence: ShownOccurrence, patch: object) => {
    const body = withoutLeading(encodeOccurrence(state, occurrence, { base: registry.base }));
    // An end and doors that the caller does not speak of move with the start.
    if ("startDate" in patch) for (const term of ["endDate", "doorTime"]) delete body[term];
    const submission = await decodeEvent({ ...body, ...patch }, { base: registry.base });
    return prepare(submission, { payload: Buffer.alloc(0), mediaType: "" }, zonesOf(registry, occurrence), registry.base).submission.fields;
  };
  const [before, after] = [await read(shown, {}), await read(mode === "put" ? plain : shown, given)];
  const byRule = mode === "put" ? await read(plain, {}) : before;
  assertOwn(byRule, after);
  const differs = (term: OwnTerm) => !same(after[term], before[term]) || !same(after[term], byRule[term]);
  const news = Object.fromEntries(
    OWN_TERMS.filter((term) => after[term] !== undefined && differs(term)).map((term) => [term, after[term]]),
  );
  if (mode === "put") return { key, own: news };
  const silenced = new Set(
    members.filter(([, value]) => value === null).flatMap(([name]) => (name === "location" ? ["location", "virtualLocation"] : name)),
  );
  const kept = Object.entries(said[key] ?? {}).filter(([term]) => !silenced.has(term));
  return { key, own: { ...movedWith(Object.fromEntries(kept), before.startDate, news), ...news } };
}

/** An end and doors that were said before keep their distance from a start that is said anew; beside dates there is none to keep. */
function movedWith(own: OccurrenceOverride, from: string, { startDate: to }: OccurrenceOverride): OccurrenceOverride {
  if (to === undefined) return own;
  const zone = zoneOf(to);
  const moved = (at: string | undefined) => {
    if (at === undefined || zone === undefined || isDate(at) || isDate(from)) return undefined;
    const there = placeIn(new Date(instantOf(to) + instantOf(at) - instantOf(from)).toISOString(), zone);
    if (isKept(there)) return there;
    const detail = "/startDate: what was said of the end and the doors would move beyond the years 1000 to 9999; say them anew.";
    throw new RegistryError("invalid_body", { detail, pointer: "/startDate" });
  };
  const { endDate, doorTime, ...rest } = own;
  const [end, doors] = [moved(endDate), moved(doorTime)];
  return { ...rest, ...(end !== undefined && { endDate: end }), ...(doors !== undefined && { doorTime: doors }) };
}

/** Throws `invalid_body` for members beside those that an occurrence can have of its own. */
function assertOwn(before: EventFields, after: EventFields): void {
  const own: ReadonlySet<string> = new Set([...OWN_TERMS, ...NOT_SAID]);
  const faults: FieldFault[] = (Object.keys(after) as (keyof EventFields)[])
    .filter((term) => !own.has(term) && !same(after[term], before[term]))
    .map((term) => MEMBER[term] ?? term)
    .map((member) => ({
      pointer: `/${member}`,
      detail: `/${member}: one occurrence has of its own only ${OWN_TERMS.join(", ")}; change the event itself, or split the series here.`,
    }));
  if (faults.length > 0) throw new RegistryError("invalid_body", { detail: faults.map(({ detail }) => detail).join(" "), errors: faults });
}

/** Of fields that documents call otherwise. */
const MEMBER: Partial<Record<keyof EventFields, string>> = { recurrence: "eventSchedule", overrides: "subEvent", type: "@type" };

/** What leads to other things, or names this one: not said of the occurrence. */
const LEADING: ReadonlySet<string> = new Set(["@id", "superEvent", "sel:recurrenceId", "previousStartDate"]);
const withoutLeading = (document: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(document).filter(([name]) => !LEADING.has(name)));

const same = (one: unknown, other: unknown): boolean => canonicalize(one) === canonicalize(other);
