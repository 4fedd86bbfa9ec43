/** Types generated for queries found in "queries/claims.sql" */
import { PreparedQuery } from '@pgtyped/runtime';

export type numberArray = (number)[];

export type stringArray = (string)[];

/** 'ClaimsOn' parameters type */
export interface ClaimsOnParams {
  eventIds: stringArray;
}

/** 'ClaimsOn' return type */
export interface ClaimsOnResult {
  confidence: string;
  event_id: string;
  field: string;
  id: number;
  is_winner: boolean;
  license_status: string;
  license_url: string | null;
  observed_at: Date;
  pinned: boolean;
  source_id: string;
  trust_level: number;
  value: unknown;
}

/** 'ClaimsOn' query type */
export interface ClaimsOnQuery {
  params: ClaimsOnParams;
  result: ClaimsOnResult;
}

const claimsOnIR: any = {"usedParamSet":{"eventIds":true},"params":[{"name":"eventIds","required":true,"transform":{"type":"scalar"},"locs":[{"a":358,"b":367}]}],"statement":"-- The claims held now on these events, each with its source's trust and license of now. By field_provenance_current.\nselect c.id, c.event_id, c.source_id, c.field, c.value, c.confidence, c.pinned, c.license_status, c.observed_at, c.is_winner, s.trust_level, s.license_url\nfrom field_provenance c join sources s on s.id = c.source_id\nwhere c.event_id = any (:eventIds!::uuid[]) and upper_inf(c.recorded)"};

/**
 * Query generated from SQL:
 * ```
 * -- The claims held now on these events, each with its source's trust and license of now. By field_provenance_current.
 * select c.id, c.event_id, c.source_id, c.field, c.value, c.confidence, c.pinned, c.license_status, c.observed_at, c.is_winner, s.trust_level, s.license_url
 * from field_provenance c join sources s on s.id = c.source_id
 * where c.event_id = any (:eventIds!::uuid[]) and upper_inf(c.recorded)
 * ```
 */
export const claimsOn = new PreparedQuery<ClaimsOnParams,ClaimsOnResult>(claimsOnIR);


/** 'DropNeverHeld' parameters type */
export interface DropNeverHeldParams {
  ids: numberArray;
  now: Date | string;
}

/** 'DropNeverHeld' return type */
export type DropNeverHeldResult = void;

/** 'DropNeverHeld' query type */
export interface DropNeverHeldQuery {
  params: DropNeverHeldParams;
  result: DropNeverHeldResult;
}

const dropNeverHeldIR: any = {"usedParamSet":{"ids":true,"now":true},"params":[{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":174,"b":178}]},{"name":"now","required":true,"transform":{"type":"scalar"},"locs":[{"a":214,"b":218}]}],"statement":"-- Of the claims to be closed, those opened at this very moment or later: they were never held, and an empty range says nothing.\ndelete from field_provenance where id = any (:ids!::bigint[]) and lower(recorded) >= :now!"};

/**
 * Query generated from SQL:
 * ```
 * -- Of the claims to be closed, those opened at this very moment or later: they were never held, and an empty range says nothing.
 * delete from field_provenance where id = any (:ids!::bigint[]) and lower(recorded) >= :now!
 * ```
 */
export const dropNeverHeld = new PreparedQuery<DropNeverHeldParams,DropNeverHeldResult>(dropNeverHeldIR);


/** 'CloseClaims' parameters type */
export interface CloseClaimsParams {
  ids: numberArray;
  now: Date | string;
}

/** 'CloseClaims' return type */
export type CloseClaimsResult = void;

/** 'CloseClaims' query type */
export interface CloseClaimsQuery {
  params: CloseClaimsParams;
  result: CloseClaimsResult;
}

const closeClaimsIR: any = {"usedParamSet":{"now":true,"ids":true},"params":[{"name":"now","required":true,"transform":{"type":"scalar"},"locs":[{"a":207,"b":211},{"a":247,"b":251}]},{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":269,"b":273}]}],"statement":"-- Held until now. Runs after dropNeverHeld, or the range would end before it began; and before openClaims, as one_claim_at_a_time wants it.\nupdate field_provenance set recorded = tstzrange(lower(recorded), :now!), is_winner = false, updated_at = :now! where id = any (:ids!::bigint[])"};

/**
 * Query generated from SQL:
 * ```
 * -- Held until now. Runs after dropNeverHeld, or the range would end before it began; and before openClaims, as one_claim_at_a_time wants it.
 * update field_provenance set recorded = tstzrange(lower(recorded), :now!), is_winner = false, updated_at = :now! where id = any (:ids!::bigint[])
 * ```
 */
export const closeClaims = new PreparedQuery<CloseClaimsParams,CloseClaimsResult>(closeClaimsIR);


/** 'ReobserveClaims' parameters type */
export interface ReobserveClaimsParams {
  claims: unknown;
}

/** 'ReobserveClaims' return type */
export type ReobserveClaimsResult = void;

/** 'ReobserveClaims' query type */
export interface ReobserveClaimsQuery {
  params: ReobserveClaimsParams;
  result: ReobserveClaimsResult;
}

const reobserveClaimsIR: any = {"usedParamSet":{"claims":true},"params":[{"name":"claims","required":true,"transform":{"type":"scalar"},"locs":[{"a":160,"b":167}]}],"statement":"-- The same value, said again later: the claim is the same one, only fresher.\nupdate field_provenance c set observed_at = r.\"observedAt\"\nfrom json_to_recordset(:claims!::json) as r (id bigint, \"observedAt\" timestamptz)\nwhere c.id = r.id"};

/**
 * Query generated from SQL:
 * ```
 * -- The same value, said again later: the claim is the same one, only fresher.
 * update field_provenance c set observed_at = r."observedAt"
 * from json_to_recordset(:claims!::json) as r (id bigint, "observedAt" timestamptz)
 * where c.id = r.id
 * ```
 */
export const reobserveClaims = new PreparedQuery<ReobserveClaimsParams,ReobserveClaimsResult>(reobserveClaimsIR);


/** 'DemoteClaims' parameters type */
export interface DemoteClaimsParams {
  ids: numberArray;
}

/** 'DemoteClaims' return type */
export type DemoteClaimsResult = void;

/** 'DemoteClaims' query type */
export interface DemoteClaimsQuery {
  params: DemoteClaimsParams;
  result: DemoteClaimsResult;
}

const demoteClaimsIR: any = {"usedParamSet":{"ids":true},"params":[{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":194,"b":198}]}],"statement":"-- Before promoteClaims and openClaims: field_provenance_winner allows a field one winner at any moment, even within a transaction.\nupdate field_provenance set is_winner = false where id = any (:ids!::bigint[])"};

/**
 * Query generated from SQL:
 * ```
 * -- Before promoteClaims and openClaims: field_provenance_winner allows a field one winner at any moment, even within a transaction.
 * update field_provenance set is_winner = false where id = any (:ids!::bigint[])
 * ```
 */
export const demoteClaims = new PreparedQuery<DemoteClaimsParams,DemoteClaimsResult>(demoteClaimsIR);


/** 'PromoteClaims' parameters type */
export interface PromoteClaimsParams {
  ids: numberArray;
}

/** 'PromoteClaims' return type */
export type PromoteClaimsResult = void;

/** 'PromoteClaims' query type */
export interface PromoteClaimsQuery {
  params: PromoteClaimsParams;
  result: PromoteClaimsResult;
}

const promoteClaimsIR: any = {"usedParamSet":{"ids":true},"params":[{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":61,"b":65}]}],"statement":"update field_provenance set is_winner = true where id = any (:ids!::bigint[])"};

/**
 * Query generated from SQL:
 * ```
 * update field_provenance set is_winner = true where id = any (:ids!::bigint[])
 * ```
 */
export const promoteClaims = new PreparedQuery<PromoteClaimsParams,PromoteClaimsResult>(promoteClaimsIR);


/** 'OpenClaims' parameters type */
export interface OpenClaimsParams {
  claims: unknown;
  now: Date | string;
}

/** 'OpenClaims' return type */
export type OpenClaimsResult = void;

/** 'OpenClaims' query type */
export interface OpenClaimsQuery {
  params: OpenClaimsParams;
  result: OpenClaimsResult;
}

const openClaimsIR: any = {"usedParamSet":{"now":true,"claims":true},"params":[{"name":"now","required":true,"transform":{"type":"scalar"},"locs":[{"a":418,"b":422},{"a":446,"b":450},{"a":453,"b":457}]},{"name":"claims","required":true,"transform":{"type":"scalar"},"locs":[{"a":482,"b":489}]}],"statement":"-- A chunk of new claims from one JSON text, held from now on. The event is locked by then, so no other transaction opens the same claim.\ninsert into field_provenance (event_id, source_id, field, value, confidence, pinned, license_status, observed_at, recorded, is_winner, created_at, updated_at)\nselect r.\"eventId\", r.\"sourceId\", r.field, r.value, r.confidence, r.pinned, r.\"licenseStatus\", r.\"observedAt\", tstzrange(:now!, null), r.\"isWinner\", :now!, :now!\nfrom json_to_recordset(:claims!::json) as r (\n  \"eventId\" uuid, \"sourceId\" uuid, field text, value jsonb, confidence numeric, pinned boolean, \"licenseStatus\" text, \"observedAt\" timestamptz,\n  \"isWinner\" boolean\n)"};

/**
 * Query generated from SQL:
 * ```
 * -- A chunk of new claims from one JSON text, held from now on. The event is locked by then, so no other transaction opens the same claim.
 * insert into field_provenance (event_id, source_id, field, value, confidence, pinned, license_status, observed_at, recorded, is_winner, created_at, updated_at)
 * select r."eventId", r."sourceId", r.field, r.value, r.confidence, r.pinned, r."licenseStatus", r."observedAt", tstzrange(:now!, null), r."isWinner", :now!, :now!
 * from json_to_recordset(:claims!::json) as r (
 *   "eventId" uuid, "sourceId" uuid, field text, value jsonb, confidence numeric, pinned boolean, "licenseStatus" text, "observedAt" timestamptz,
 *   "isWinner" boolean
 * )
 * ```
 */
export const openClaims = new PreparedQuery<OpenClaimsParams,OpenClaimsResult>(openClaimsIR);


