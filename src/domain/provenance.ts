/**
 * Claims and the winner (data.md, "Provenance and the winner"). The canonical value of a field is the best current
 * claim under one total order, so it depends on the set of claims and never on their order of arrival.
 */
import { recurs } from "./recurrence/expand.ts";
import type { PlacedSet } from "./recurrence/instance.ts";
import type { ClaimField, EventFields, FieldName, OccurrenceOverride } from "./submission.ts";
import type { LicenseStatus } from "./vocabulary.ts";

/** One source's present word on one field. `observedAt` in milliseconds since 1970. */
export interface Claim {
  field: ClaimField;
  value: unknown;
  sourceId: string;
  /** 1–10, the source's at the time of deciding. */
  trust: number;
  /** 0–1. */
  confidence: number;
  observedAt: number;
  /** A curator's: before every other. */
  pinned: boolean;
  licenseStatus: LicenseStatus;
}

/** What one source sent of an event in one record. */
export interface SourceRecord {
  observedAt: number;
  payloadHash: string;
  fields: EventFields;
}

/** The rules, in the order in which they decide; the names stand in explanations. */
export const RULES = [
  { name: "curator pin", compare: (a: Claim, b: Claim) => Number(b.pinned) - Number(a.pinned) },
  { name: "trust level", compare: (a: Claim, b: Claim) => b.trust - a.trust },
  { name: "confidence", compare: (a: Claim, b: Claim) => b.confidence - a.confidence },
  { name: "latest observation", compare: (a: Claim, b: Claim) => b.observedAt - a.observedAt },
  { name: "source id", compare: (a: Claim, b: Claim) => (a.sourceId < b.sourceId ? -1 : a.sourceId > b.sourceId ? 1 : 0) },
] as const;

/** Best first; zero only for one source's claims on one field, of which there is one at a time. */
export function compareClaims(a: Claim, b: Claim): number {
  for (const rule of RULES) {
    const order = rule.compare(a, b);
    if (order !== 0) return order;
  }
  return 0;
}

/** Texts and images may be shown only under a license that lets them out; facts are anybody's. */
const LICENSED: ReadonlySet<ClaimField> = new Set(["description", "image"]);
const OPEN: ReadonlySet<LicenseStatus> = new Set(["cc0", "cc-by"]);
export const isOpen = (license: LicenseStatus): boolean => OPEN.has(license);
export const mayBeShown = (claim: Claim): boolean => !LICENSED.has(claim.field) || isOpen(claim.licenseStatus);

/**
 * The winning claim of every field. Some fields lean on another:
 * - an end that lies before the winning start (`endsAfter(start, end)`) is of another source's idea of when, and does not win;
 * - a previous start is told by whoever tells the winning start, or by nobody;
 * - a recurrence that the winning start is no part of is of another source's idea of when, too, unless a curator has pinned it;
 * - a source that says when, and nothing of a status, says that the event is scheduled: a lesser one cannot cancel it;
 * - a source that says how an event recurs says that each occurrence is as the rule has it: a less trusted one has no word on any of them.
 */
export function decide(claims: readonly Claim[], endsAfter: (start: string, end: string) => boolean): Map<ClaimField, Claim> {
  const ranked = claims.filter(mayBeShown).toSorted(compareClaims);
  const winners = new Map<ClaimField, Claim>();
  const start = ranked.find((claim) => claim.field === "startDate");
  const author = authorOf(claims);
  const recurrence = ranked.find((claim) => claim.field === "recurrence" && (start === undefined || recursFrom(claim, start)));
  const leastTrust = trustOfRule(ranked, recurrence);
  for (const claim of ranked) {
    if (winners.has(claim.field)) continue;
    if (claim.field === "endDate" && start && !endsAfter(start.value as string, claim.value as string)) continue;
    if (claim.field === "recurrence" && claim !== recurrence) continue;
    if (claim.field.startsWith("subEvent/") && !claim.pinned && claim.trust < leastTrust) continue;
    if (claim.field === "previousStartDate" && claim.sourceId !== start?.sourceId) continue;
    if (claim.field === "eventStatus" && author?.impliesScheduled && compareClaims(author.start, claim) < 0) continue;
    winners.set(claim.field, claim);
  }
  return winners;
}

const recursFrom = (claim: Claim, start: Claim): boolean =>
  claim.pinned || claim.sourceId === start.sourceId || recurs(claim.value as PlacedSet[], start.value as string);

/** Of the source that says how it recurs. A curator who mends the rule says nothing of single occurrences: then the best other source's. */
function trustOfRule(ranked: readonly Claim[], recurrence: Claim | undefined): number {
  const author = recurrence?.pinned ? ranked.find((claim) => claim.field === "recurrence" && !claim.pinned) : recurrence;
  return author?.trust ?? 0;
}

/** The best source that is no curator (a curator who mends a start says nothing of the status), and whether its silence means "scheduled". */
function authorOf(claims: readonly Claim[]): { start: Claim; impliesScheduled: boolean } | undefined {
  const [start] = claims.filter((claim) => claim.field === "startDate" && !claim.pinned).toSorted(compareClaims);
  if (start === undefined) return undefined;
  return { start, impliesScheduled: !claims.some((claim) => claim.field === "eventStatus" && claim.sourceId === start.sourceId) };
}

/** Fields that several records of one source (a conference listed under several topics) add up to. */
const ADDED_UP = ["keywords", "inLanguage", "sameAs", "accessibilityFeature"] as const satisfies FieldName[];

/**
 * One source's word on an event of which it keeps several records: the latest record speaks (ties by hash), older
 * ones fill what it leaves out, lists add up. A function of the set of records.
 */
export function foldRecords(records: readonly SourceRecord[]): { fields: Partial<EventFields>; observedAt: number } {
  const ranked = records.toSorted((a, b) => b.observedAt - a.observedAt || (a.payloadHash < b.payloadHash ? -1 : 1));
  const [only, ...others] = ranked;
  if (only === undefined) return { fields: {}, observedAt: 0 };
  if (others.length === 0) return { fields: only.fields, observedAt: only.observedAt };
  const fields: Record<string, unknown> = {};
  for (const record of ranked) for (const [field, value] of Object.entries(record.fields)) fields[field] ??= value;
  for (const field of ADDED_UP) {
    const all = new Set(ranked.flatMap((record) => record.fields[field] ?? []));
    if (all.size > 0) fields[field] = [...all].toSorted();
  }
  const overrides = foldOverrides(ranked.map((record) => record.fields.overrides).filter((said) => said !== undefined));
  if (overrides !== undefined) fields["overrides"] = overrides;
  return { fields: fields as Partial<EventFields>, observedAt: only.observedAt };
}

/** Best first: of each occurrence every word that is said, by the first to say it. */
function foldOverrides(said: readonly Record<string, OccurrenceOverride>[]): Record<string, OccurrenceOverride> | undefined {
  if (said.length === 0) return undefined;
  const folded: Record<string, OccurrenceOverride> = {};
  for (const overrides of said)
    for (const [recurrenceId, one] of Object.entries(overrides)) folded[recurrenceId] = { ...one, ...folded[recurrenceId] };
  return folded;
}
