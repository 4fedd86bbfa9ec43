/** Claims: who says what of which field, and which claim wins (table field_provenance). */
import type { Claim } from "../domain/provenance.ts";
import type { ClaimField } from "../domain/submission.ts";
import type { LicenseStatus } from "../domain/vocabulary.ts";
import { pgTyped, type Reader, type Tx } from "./handle.ts";
import * as queries from "./queries/claims.queries.ts";

export interface StoredClaim extends Claim {
  id: number;
  eventId: string;
  isWinner: boolean;
  sourceLicenseUrl: string | null;
}

export const pointerOf = (field: ClaimField): string => `/${field}`;

/** The current claims on these events, with their sources' trust of now. */
export async function claimsOn(on: Reader, eventIds: readonly string[]): Promise<StoredClaim[]> {
  if (eventIds.length === 0) return [];
  const rows = await queries.claimsOn.run({ eventIds: [...eventIds] }, pgTyped(on));
  return rows.map((row) => ({
    id: row.id,
    eventId: row.event_id,
    field: row.field.slice(1) as ClaimField,
    value: row.value,
    sourceId: row.source_id,
    trust: row.trust_level,
    confidence: Number(row.confidence),
    observedAt: row.observed_at.getTime(),
    pinned: row.pinned,
    licenseStatus: row.license_status as LicenseStatus,
    isWinner: row.is_winner,
    sourceLicenseUrl: row.license_url,
  }));
}

export interface ClaimChanges {
  /** No longer claimed, or claimed with another value now. */
  closed: number[];
  /** The same value, said again later. */
  reobserved: { id: number; observedAt: number }[];
  /** Lost to another claim, or won. */
  demoted: number[];
  promoted: number[];
  opened: Omit<StoredClaim, "id">[];
}

/** Writes the claims of a whole chunk: closed before opened, demoted before promoted, as the constraints want it. */
export async function writeClaims(tx: Tx, changes: ClaimChanges, now: Date): Promise<void> {
  const on = pgTyped(tx);
  const { closed, reobserved, demoted, promoted, opened } = changes;
  if (closed.length > 0) {
    await queries.dropNeverHeld.run({ ids: closed, now }, on);
    await queries.closeClaims.run({ ids: closed, now }, on);
  }
  if (reobserved.length > 0) {
    const claims = reobserved.map((one) => ({ id: one.id, observedAt: new Date(one.observedAt).toISOString() }));
    await queries.reobserveClaims.run({ claims: JSON.stringify(claims) }, on);
  }
  if (demoted.length > 0) await queries.demoteClaims.run({ ids: demoted }, on);
  if (promoted.length > 0) await queries.promoteClaims.run({ ids: promoted }, on);
  if (opened.length > 0) {
    const claims = opened.map(({ trust: _trust, sourceLicenseUrl: _url, ...claim }) => ({
      ...claim,
      field: pointerOf(claim.field),
      observedAt: new Date(claim.observedAt).toISOString(),
    }));
    await queries.openClaims.run({ claims: JSON.stringify(claims), now }, on);
  }
}
