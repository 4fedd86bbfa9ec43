/**
 * Settles one event: from the records and claims on it to what it is now. Pure; every write path comes through here.
 */
import canonicalize from "canonicalize";
import type { StoredClaim } from "../db/claims.ts";
import type { SpeakerRow } from "../db/speaker.ts";
import { canonicalEvent, firstState, nextState, restated, type CanonicalEvent } from "../domain/canonical.ts";
import type { LifecycleState } from "../domain/lifecycle.ts";
import { decide, foldRecords, type Claim } from "../domain/provenance.ts";
import { agentKey, placeKey } from "../domain/similarity.ts";
import type { EventFields, FieldName } from "../domain/submission.ts";
import type { LicenseStatus } from "../domain/vocabulary.ts";
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
  fields: EventFields;
}

/** A claim that stands; without an id it is yet to be written. */
export type StandingClaim = Omit<StoredClaim, "id"> & { id?: number };

/** What an event is, before or after an item. */
export interface Standing {
  lifecycleState: LifecycleState | undefined;
  contentHash: string | undefined;
  startAt: number | null;
  previousStartAt: number | null;
  records: readonly EventRecord[];
  claims: readonly StandingClaim[];
}

/** True when an event shows something else than before. */
export const differs = (before: Standing, after: Standing): boolean =>
  before.contentHash !== after.contentHash || before.lifecycleState !== after.lifecycleState;

export interface Settled extends Standing {
  lifecycleState: LifecycleState;
  contentHash: string;
  canonical: CanonicalEvent;
  license: { url?: string; status: LicenseStatus };
}

/** Lets `speaker` say `records` of the event (its own among all of them) and decides anew; throws `invalid_transition`. */
export function settle(eventId: string, before: Standing, records: readonly EventRecord[], speaker: SpeakerRow): Settled {
  const own = foldRecords(records.filter((record) => record.sourceId === speaker.id));
  const others = before.claims.filter((claim) => claim.sourceId !== speaker.id);
  const mine = before.claims.filter((claim) => claim.sourceId === speaker.id);
  const said = claimsOf(eventId, own.fields, own.observedAt, speaker).map((claim) => kept(claim, mine));
  return conclude(before, records, [...others, ...said]);
}

/** True when these claims alone make an event: it has a name, a start and somewhere to be. */
export function suffices(claims: readonly StandingClaim[]): boolean {
  const said = new Set(claims.map((claim) => claim.field));
  return said.has("name") && said.has("type") && said.has("startDate") && (said.has("location") || said.has("virtualLocation"));
}

/** Decides anew over claims as they stand, whoever's; for withdrawals and changes of trust. */
export function conclude(before: Standing, records: readonly EventRecord[], claims: readonly StandingClaim[]): Settled {
  const winners = decide(claims, endsAfter) as Map<FieldName, Claim & StandingClaim>;
  const canonical = canonicalEvent(winners, zoneAt);
  const first = canonical.occurrences[0]!;
  const status = canonical.fields.eventStatus;
  const moved = before.startAt !== null && before.startAt !== first.startAt && byItsAuthor("startDate", before, winners, claims);
  if (first.previousStartAt === undefined && (status === "EventRescheduled" || status === "EventPostponed")) {
    const previous = moved ? before.startAt : before.previousStartAt;
    if (previous !== null && previous !== undefined) first.previousStartAt = previous;
  }
  const lifecycleState =
    before.lifecycleState === undefined ? firstState(status) : stateAfter(before.lifecycleState, before, winners, claims, moved);
  const license = licenseOf(winners);
  return {
    records,
    canonical,
    lifecycleState,
    license,
    startAt: first.startAt,
    previousStartAt: first.previousStartAt ?? null,
    claims: claims.map((claim) => ({ ...claim, isWinner: winners.get(claim.field) === claim })),
    contentHash: contentHash({
      ...canonical,
      fields: { ...canonical.fields, ...keyed(canonical.fields) },
      license,
      sources: sourcesOf(records),
    }).toString("hex"),
  };
}

/**
 * The lifecycle follows what is newly said: while the winning status says what it said before, a state that an admin
 * has set by hand stays. A source moves its own event by the transition table; when another source's word takes over
 * nobody has moved anything, and the state must not depend on who came first.
 */
function stateAfter(
  current: LifecycleState,
  before: Standing,
  winners: ReadonlyMap<FieldName, Claim>,
  claims: readonly StandingClaim[],
  moved: boolean,
): LifecycleState {
  const [then, now] = [winnerOf("eventStatus", before), winners.get("eventStatus")];
  const status = now?.value as EventFields["eventStatus"];
  if (!moved && (then?.value ?? "EventScheduled") === (status ?? "EventScheduled")) return current;
  return byItsAuthor("eventStatus", before, winners, claims) ? nextState(current, status, moved) : restated(current, status);
}

const winnerOf = (field: FieldName, { claims }: Standing) => claims.find((claim) => claim.isWinner && claim.field === field);

/** True when the field was changed by the source whose word stood, or by a curator; false when another's word took over. */
function byItsAuthor(
  field: FieldName,
  before: Standing,
  winners: ReadonlyMap<FieldName, Claim>,
  claims: readonly StandingClaim[],
): boolean {
  const [then, now] = [winnerOf(field, before), winners.get(field)];
  if (then === undefined || now?.pinned) return true;
  return now === undefined ? claims.some((claim) => claim.sourceId === then.sourceId) : now.sourceId === then.sourceId;
}

function claimsOf(eventId: string, fields: Partial<EventFields>, observedAt: number, speaker: SpeakerRow): StandingClaim[] {
  const licenseStatus = statusOfLicense(fields.license) ?? speaker.licenseStatus;
  return Object.entries(fields).map(([field, value]) => ({
    eventId,
    field: field as FieldName,
    value,
    sourceId: speaker.id,
    trust: speaker.trust,
    confidence: 1,
    observedAt,
    pinned: speaker.pinned,
    licenseStatus,
    sourceLicenseUrl: speaker.licenseUrl,
    isWinner: false,
  }));
}

/** The claim that stands already when it says the same, observed anew; else the new one. */
function kept(claim: StandingClaim, mine: readonly StandingClaim[]): StandingClaim {
  const standing = mine.find((one) => one.field === claim.field);
  const same =
    standing?.pinned === claim.pinned &&
    standing.licenseStatus === claim.licenseStatus &&
    canonicalize(standing.value) === canonicalize(claim.value);
  return same ? { ...standing, observedAt: claim.observedAt } : claim;
}

/** https://creativecommons.org/publicdomain/zero/1.0/ -> "cc0", …/licenses/by/4.0/ -> "cc-by", any other license -> "proprietary". */
export function statusOfLicense(license: string | undefined): LicenseStatus | undefined {
  if (license === undefined) return undefined;
  if (/^https?:\/\/creativecommons\.org\/publicdomain\/(zero|mark)\//.test(license)) return "cc0";
  if (/^https?:\/\/creativecommons\.org\/licenses\/by\//.test(license)) return "cc-by";
  return "proprietary";
}

function licenseOf(winners: ReadonlyMap<FieldName, StandingClaim>): Settled["license"] {
  const name = winners.get("name")!;
  const url = (winners.get("license")?.value as string | undefined) ?? name.sourceLicenseUrl ?? undefined;
  return { status: name.licenseStatus, ...(url !== undefined && { url }) };
}

/** Places and agents count by what they match, not by how they are described: that is theirs. */
function keyed(fields: EventFields) {
  return {
    location: fields.location && placeKey(fields.location).toString("hex"),
    organizer: fields.organizer && agentKey(fields.organizer).toString("hex"),
    performer: fields.performer?.map((one) => agentKey(one).toString("hex")),
  };
}

function sourcesOf(records: readonly EventRecord[]): string[] {
  return [...new Set(records.map((record) => `${record.sourceId} ${record.recordUri ?? ""}`))].toSorted();
}
