/**
 * A source corrects its own event (PUT, PATCH); an admin's change becomes the curator's pinned claims. Only what the
 * caller changes becomes the caller's claim: patching a name does not make anybody the author of the rest.
 */
import canonicalize from "canonicalize";
import type { Tx } from "../db/database.ts";
import { lockEvents } from "../db/events.ts";
import { readState } from "../db/entities.ts";
import { RegistryError } from "../domain/errors.ts";
import { uriOf } from "../domain/iri.ts";
import type { EventState } from "../domain/state.ts";
import type { EventFields } from "../domain/submission.ts";
import { decodeEvent } from "../jsonld/decode.ts";
import { encodeEntity, type JsonLdObject } from "../jsonld/encode.ts";
import { applyItems, type Outcome } from "./apply-items.ts";
import type { Caller, Registry } from "./context.ts";
import { assertIfMatch } from "./if-match.ts";
import { ownWord, type OwnWord } from "./own-word.ts";
import { prepare, type PreparedItem } from "./prepare.ts";
import { speakerOf } from "./speaker.ts";
import { accepted, type Submission } from "./submit-event.ts";
import type { Speaker } from "./settle.ts";

export interface Revision extends Submission {
  eventId: string;
  mode: "put" | "patch";
  /** The If-Match header as sent. */
  ifMatch?: string | undefined;
}

/** Throws `not_found`, `gone`, `forbidden` (another's event), `precondition_failed`, `invalid_body`, `invalid_transition`. */
export async function reviseEvent(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  revision: Revision,
): Promise<{ outcome: Outcome; eventId: string }> {
  const { eventId, ifMatch } = revision;
  const speaker = await speakerOf(registry, caller, tx);
  const state = await lockForRevision(registry, tx, eventId, ifMatch);
  const said = await ownWord(tx, eventId, speaker);
  if (revision.mode === "patch" && state.series !== undefined) refuseLoneStart(revision.document);
  const item = await revised(registry, speaker, state, said, revision);
  const [result] = await applyItems(registry, caller, tx, speaker, [item], { observedAt: registry.clock().getTime() });
  return accepted(result!);
}

/** The times of a recurring event follow from its schedule; to patch them alone would do nothing. */
function refuseLoneStart(patch: unknown): void {
  const lone = isObject(patch) && !("eventSchedule" in patch) && ["startDate", "endDate"].find((term) => term in patch);
  if (typeof lone === "string")
    throw new RegistryError("invalid_body", {
      detail: `${lone}: this event recurs, and its times follow from its eventSchedule; change that, or one occurrence by its own address.`,
      pointer: `/${lone}`,
    });
}

/** Locks the event and returns what it shows now. Throws `not_found`, `gone`, `precondition_failed`. */
export async function lockForRevision({ base }: Registry, tx: Tx, eventId: string, ifMatch: string | undefined): Promise<EventState> {
  const locked = (await lockEvents(tx, [eventId])).get(eventId);
  if (locked === undefined) throw new RegistryError("not_found", { detail: "There is no such event." });
  const state = (await readState(tx, "event", eventId)) as EventState;
  if (locked.lifecycleState === "deleted")
    throw new RegistryError("gone", { detail: "This event was deleted, and a deleted event stays deleted." });
  if (state.supersededBy !== undefined)
    throw new RegistryError("gone", {
      detail: `This event was merged into ${uriOf(base, "event", state.supersededBy)}; change that one.`,
    });
  assertIfMatch(ifMatch, state.version);
  return state;
}

async function revised(registry: Registry, speaker: Speaker, state: EventState, said: OwnWord, revision: Revision): Promise<PreparedItem> {
  const zones = { sourceTimezone: state.timezone, defaultTimezone: registry.defaultTimezone };
  const read = async (document: unknown) =>
    prepare(
      await decodeEvent(document, { base: registry.base }),
      { payload: revision.payload, mediaType: revision.mediaType },
      zones,
      registry.base,
    );

  const shown = encodeEntity(state, { base: registry.base });
  const item = await read(revision.mode === "put" ? revision.document : mergePatch(withoutSharedNames(shown), revision.document));
  const wholly = revision.mode === "put" && !speaker.pinned;
  const after = item.submission.fields;
  const fields = wholly ? after : (overlaid(said.fields, (await read(shown)).submission.fields, after) as EventFields);
  return {
    ...item,
    ownEventId: revision.eventId,
    submission: { ...item.submission, fields },
    // The record stays the same record at its source.
    recordKey: said.record?.recordKey ?? item.recordKey,
    recordUri: said.record?.recordUri ?? item.recordUri,
  };
}

/** Occurrences that are called as their series is bear its name only for the reader's sake: one that changes is theirs as well. */
function withoutSharedNames(series: JsonLdObject): JsonLdObject {
  if (!Array.isArray(series["subEvent"])) return series;
  const subEvent = (series["subEvent"] as JsonLdObject[]).map((one) => {
    const { name, ...rest } = one;
    return name === series["name"] ? rest : one;
  });
  return { ...series, subEvent };
}

type Said = Readonly<Record<string, unknown>>;

/** What the source said before, with what changes from `before` to `after` laid over it; of single occurrences, term by term. */
function overlaid(said: Said, before: Said, after: Said): Said {
  const laid: Record<string, unknown> = { ...said };
  for (const field of keysOf(before, after)) {
    if (canonicalize(before[field]) === canonicalize(after[field])) continue;
    const value = field === "overrides" ? overlaidEach(overridesOf(laid), overridesOf(before), overridesOf(after)) : after[field];
    if (value === undefined) delete laid[field];
    else laid[field] = value;
  }
  return laid;
}

type Overrides = Readonly<Record<string, Said>>;
const overridesOf = (fields: Said) => fields["overrides"] as Overrides | undefined;

function overlaidEach(said: Overrides = {}, before: Overrides = {}, after: Overrides = {}): Overrides | undefined {
  const laid = [...keysOf(said, before, after)].map((id) => [id, overlaid(said[id] ?? {}, before[id] ?? {}, after[id] ?? {})] as const);
  const own = laid.filter(([, one]) => Object.keys(one).length > 0);
  return own.length === 0 ? undefined : Object.fromEntries(own);
}

const keysOf = (...all: object[]): Set<string> => new Set(all.flatMap(Object.keys));

/** JSON Merge Patch (RFC 7396 §2). A patch that is no object replaces the whole, and is refused by the decoder. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else
      Object.defineProperty(merged, key, { value: mergePatch(merged[key], value), enumerable: true, configurable: true, writable: true });
  }
  return merged;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
