/**
 * Settles one event: from the records and claims on it to what it is now. Pure; every write path comes through here.
 */
import canonicalize from "canonicalize";
import type { StoredClaim } from "../db/claims.ts";
import type { SpeakerRow } from "../db/speaker.ts";
import { overrideField, type CanonicalSeries } from "../domain/canonical-series.ts";
import { canonicalEvent, nextState, stateOf, type CanonicalEvent } from "../domain/canonical.ts";
import { licenseOf, statusOfLicense, type License } from "../domain/license.ts";
import { lapsed, type LifecycleState } from "../domain/lifecycle.ts";
import { decide, foldRecords, type Claim } from "../domain/provenance.ts";
import { RegistryError } from "../domain/errors.ts";
import { agentKey, placeKey } from "../domain/similarity.ts";
import type { ClaimField, EventFields, EventSubmission, OccurrenceOverride } from "../domain/submission.ts";
import type { EventStatus } from "../domain/vocabulary.ts";
import { endsAfter } from "../domain/when.ts";
import { contentHash } from "./content.ts";
import { zoneAt } from "./prepare.ts";

export type { SpeakerRow as Speaker };

export interface EventRecord {
  id: string;
  sourceId: string;
  recordKey: string | null;
  recordUri: string | null;
  payloadHash: string;
  observedAt: number;
  /** The event that it was first taken for, where a merge has moved it. */
  homeEventId: string | null;
  /** Which edition it is, where its source counts them. */
  revision?: EventSubmission["revision"];
  /** What a peer says of its own word. */
  asserted?: EventSubmission["asserted"];
  fields: EventFields;
}

/** A claim that stands; without an id it is yet to be written. */
export type StandingClaim = Omit<StoredClaim, "id"> & { id?: number };

/** What an event is, before or after an item. */
export interface Standing {
  lifecycleState: LifecycleState | undefined;
  /** The status that it was last settled with. */
  eventStatus: EventStatus | undefined;
  contentHash: string | undefined;
  /** Its origin says that it is no more: out of sight, whatever others say. */
  gone?: boolean | undefined;
  records: readonly EventRecord[];
  claims: readonly StandingClaim[];
  /** Words that were taken back (`wordKey`). */
  takenBack: ReadonlySet<string>;
}

/** True when an event shows something else than before. */
export const differs = (before: Standing, after: Standing): boolean =>
  before.contentHash !== after.contentHash || before.lifecycleState !== after.lifecycleState;

export interface Settled extends Standing {
  lifecycleState: LifecycleState;
  contentHash: string;
  canonical: CanonicalEvent;
  license: License;
}

/** Names one word of one source: this value of this field. */
export const wordKey = (sourceId: string, field: string, valueHash: string): string => `${sourceId} /${field} ${valueHash}`;

/**
 * Reads the words of `speakers` anew from `records` (all of the event's) and leaves the claims of all others as they are.
 * A withdrawn source says nothing, and a word that was taken back is not said.
 */
export function claimsWith(
  eventId: string,
  before: Standing,
  records: readonly EventRecord[],
  speakers: readonly SpeakerRow[],
): StandingClaim[] {
  const anew = new Set(speakers.map((speaker) => speaker.id));
  const others = before.claims.filter((claim) => !anew.has(claim.sourceId));
  const said = speakers.flatMap((speaker) => {
    if (speaker.withdrawn) return [];
    const spoken = records.filter((record) => record.sourceId === speaker.id);
    const own = foldRecords(spoken);
    const asserted = spoken.find((record) => record.observedAt === own.observedAt)?.asserted;
    const mine = before.claims.filter((claim) => claim.sourceId === speaker.id);
    return claimsOf(eventId, own, speaker, asserted)
      .filter((claim) => before.takenBack.size === 0 || !before.takenBack.has(wordKey(speaker.id, claim.field, valueHash(claim.value))))
      .map((claim) => kept(claim, mine));
  });
  return [...others, ...said];
}

export const valueHash = (value: unknown): string => contentHash(value).toString("hex");

/**
 * Lets `speaker` say `records` of the event (its own among all of them) and decides anew. What a curator pins to an event
 * that is silent, or a source says of what was taken back, is kept for when it is not. Throws `invalid_transition`, unless `said` is
 * false: an origin's word is never refused for what a hand has done here.
 */
export function settle(
  eventId: string,
  before: Standing,
  records: readonly EventRecord[],
  speaker: SpeakerRow,
  said = true,
): Settled | Standing {
  const claims = claimsWith(eventId, before, records, [speaker]);
  return suffices(claims) ? conclude(before, records, claims, said) : unspoken(before, records, claims);
}

/** False for an event of which nobody says enough. */
export const isSettled = (standing: Settled | Standing): standing is Settled => "canonical" in standing;

/** True when these claims alone make an event: it has a name, a start and somewhere to be. */
export function suffices(claims: readonly StandingClaim[]): boolean {
  const said = new Set(claims.map((claim) => claim.field));
  return said.has("name") && said.has("type") && said.has("startDate") && (said.has("location") || said.has("virtualLocation"));
}

/** The content hashes of what nobody speaks for, or is gone at its origin: the second where a hand had hidden it before, so that it stays hidden. */
const SILENT = "";
const SILENT_AND_HIDDEN = "00";

const silentHash = ({ lifecycleState, contentHash: hash }: Standing): string =>
  lifecycleState === "withdrawn" && hash !== SILENT ? SILENT_AND_HIDDEN : SILENT;

/** An event of which nobody says enough any more: out of sight; what is still said of it is kept. */
export const unspoken = (before: Standing, records: readonly EventRecord[], claims: readonly StandingClaim[]): Standing => ({
  records,
  lifecycleState: before.lifecycleState && lapsed(before.lifecycleState),
  eventStatus: before.eventStatus,
  contentHash: silentHash(before),
  gone: before.gone,
  takenBack: before.takenBack,
  claims: claims.map((claim) => ({ ...claim, isWinner: false })),
});

/** An event of which its origin says that it is no more: out of sight; what is said of it is kept, and holds again when it comes back. */
export const gone = (before: Standing): Standing => ({
  ...before,
  gone: true,
  lifecycleState: "withdrawn",
  contentHash: silentHash(before),
});

/** Decides anew over claims as they stand, whoever's; they must suffice. Only where one is `said` just now is there anybody to refuse. */
export function conclude(before: Standing, records: readonly EventRecord[], claims: readonly StandingClaim[], said = false): Settled {
  const winners = decide(claims, endsAfter) as Map<ClaimField, Claim & StandingClaim>;
  const canonical = canonicalEvent(winners, zoneAt);
  const status = canonical.fields.eventStatus;
  const license = licenseOf(winners, claims);
  const decided = {
    records,
    canonical,
    license,
    takenBack: before.takenBack,
    gone: before.gone,
    eventStatus: status,
    claims: claims.map((claim) => ({ ...claim, isWinner: winners.get(claim.field) === claim })),
  };
  if (before.gone) return { ...decided, lifecycleState: "withdrawn", contentHash: silentHash(before) };
  return {
    ...decided,
    lifecycleState:
      before.lifecycleState === undefined ? stateOf(status) : stateAfter(before.lifecycleState, before, winners, claims, said),
    contentHash: contentHash({
      ...canonical,
      fields: { ...canonical.fields, ...keyed(canonical.fields) },
      ...(canonical.series && { series: keyedSeries(canonical.series) }),
      license,
      sources: sourcesOf(records, claims),
    }).toString("hex"),
  };
}

/**
 * The lifecycle follows the status that wins, so that it depends on the claims and not on their order of arrival. A
 * state that a hand or a job has set stays until that status changes; then it moves by the table where the deciding
 * source says something new, and is restated where another source's word takes over.
 */
function stateAfter(
  current: LifecycleState,
  before: Standing,
  winners: ReadonlyMap<ClaimField, Claim>,
  claims: readonly StandingClaim[],
  said: boolean,
): LifecycleState {
  const status = winners.get("eventStatus")?.value as EventStatus | undefined;
  const [then, now] = [stateOf(before.eventStatus), stateOf(status)];
  const wasSilent = current === "withdrawn" && before.contentHash === SILENT;
  if (current === then || wasSilent) return now;
  if (then === now) return current;
  return said && byItsAuthor(before, winners, claims) ? nextState(current, status) : restated(current, status);
}

/** As `nextState`, but where the table lets a source not go from here, the event stays where it was set. */
function restated(current: LifecycleState, status: EventStatus | undefined): LifecycleState {
  try {
    return nextState(current, status);
  } catch (error) {
    if (error instanceof RegistryError && error.problem.code === "invalid_transition") return current;
    throw error;
  }
}

/** True when the status was changed by the source whose word stood, or by a curator; false when another's word took over. */
function byItsAuthor(before: Standing, winners: ReadonlyMap<ClaimField, Claim>, claims: readonly StandingClaim[]): boolean {
  const then = before.claims.find((claim) => claim.isWinner && claim.field === "eventStatus");
  const now = winners.get("eventStatus");
  if (then === undefined || now?.pinned) return true;
  return now === undefined ? claims.some((claim) => claim.sourceId === then.sourceId) : now.sourceId === then.sourceId;
}

function claimsOf(
  eventId: string,
  { fields, observedAt }: ReturnType<typeof foldRecords>,
  speaker: SpeakerRow,
  asserted: EventSubmission["asserted"],
): StandingClaim[] {
  const licenseStatus = asserted?.licenseStatus ?? statusOfLicense(fields.license) ?? speaker.licenseStatus;
  return wordsOf(fields).map(([field, value]) => ({
    eventId,
    field,
    value,
    sourceId: speaker.id,
    trust: speaker.trust,
    confidence: asserted?.confidence ?? 1,
    observedAt,
    pinned: speaker.pinned,
    licenseStatus,
    sourceLicenseUrl: speaker.licenseUrl,
    isWinner: false,
  }));
}

/** Field and value of each word; what is said of single occurrences is a word for each term of each. */
function wordsOf({ overrides = {}, ...fields }: Partial<EventFields>): [ClaimField, unknown][] {
  const ofOccurrences = Object.entries(overrides).flatMap(([recurrenceId, override]) =>
    Object.entries(override).map(([term, value]): [ClaimField, unknown] => [
      overrideField(recurrenceId, term as keyof OccurrenceOverride),
      value,
    ]),
  );
  return [...(Object.entries(fields) as [ClaimField, unknown][]), ...ofOccurrences];
}

/** The claim that stands already when it says the same, observed anew; else the new one. */
function kept(claim: StandingClaim, mine: readonly StandingClaim[]): StandingClaim {
  const standing = mine.find((one) => one.field === claim.field);
  const same =
    standing?.pinned === claim.pinned &&
    standing.licenseStatus === claim.licenseStatus &&
    standing.confidence === claim.confidence &&
    canonicalize(standing.value) === canonicalize(claim.value);
  return same ? { ...standing, observedAt: claim.observedAt } : claim;
}

/** Places and agents count by what they match, not by how they are described: that is theirs. */
function keyed(fields: EventFields) {
  return {
    location: fields.location && placeKey(fields.location).toString("hex"),
    organizer: fields.organizer && agentKey(fields.organizer).toString("hex"),
    performer: fields.performer?.map((one) => agentKey(one).toString("hex")),
  };
}

const keyedSeries = ({ overrides, ...series }: CanonicalSeries) => ({
  ...series,
  overrides: Object.fromEntries(
    Object.entries(overrides).map(([recurrenceId, { location, ...own }]) => [
      recurrenceId,
      { ...own, location: location && placeKey(location).toString("hex") },
    ]),
  ),
});

/** Who speaks for it; of a source whose every word was taken back nothing stands. */
function sourcesOf(records: readonly EventRecord[], claims: readonly StandingClaim[]): string[] {
  const speaking = new Set(claims.map((claim) => claim.sourceId));
  const heard = records.filter((record) => speaking.has(record.sourceId));
  return [...new Set(heard.map((record) => `${record.sourceId} ${record.recordUri ?? ""}`))].toSorted();
}
