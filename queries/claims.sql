/* @name claimsOn */
-- The claims held now on these events, each with its source's trust and license of now. By field_provenance_current.
select c.id, c.event_id, c.source_id, c.field, c.value, c.confidence, c.pinned, c.license_status, c.observed_at, c.is_winner, s.trust_level, s.license_url
from field_provenance c join sources s on s.id = c.source_id
where c.event_id = any (:eventIds!::uuid[]) and upper_inf(c.recorded);

/* @name dropNeverHeld */
-- Of the claims to be closed, those opened at this very moment or later: they were never held, and an empty range says nothing.
delete from field_provenance where id = any (:ids!::bigint[]) and lower(recorded) >= :now!;

/* @name closeClaims */
-- Held until now. Runs after dropNeverHeld, or the range would end before it began; and before openClaims, as one_claim_at_a_time wants it.
update field_provenance set recorded = tstzrange(lower(recorded), :now!), is_winner = false, updated_at = :now! where id = any (:ids!::bigint[]);

/* @name reobserveClaims */
-- The same value, said again later: the claim is the same one, only fresher.
update field_provenance c set observed_at = r."observedAt"
from json_to_recordset(:claims!::json) as r (id bigint, "observedAt" timestamptz)
where c.id = r.id;

/* @name demoteClaims */
-- Before promoteClaims and openClaims: field_provenance_winner allows a field one winner at any moment, even within a transaction.
update field_provenance set is_winner = false where id = any (:ids!::bigint[]);

/* @name promoteClaims */
update field_provenance set is_winner = true where id = any (:ids!::bigint[]);

/* @name openClaims */
-- A chunk of new claims from one JSON text, held from now on. The event is locked by then, so no other transaction opens the same claim.
insert into field_provenance (event_id, source_id, field, value, confidence, pinned, license_status, observed_at, recorded, is_winner, created_at, updated_at)
select r."eventId", r."sourceId", r.field, r.value, r.confidence, r.pinned, r."licenseStatus", r."observedAt", tstzrange(:now!, null), r."isWinner", :now!, :now!
from json_to_recordset(:claims!::json) as r (
  "eventId" uuid, "sourceId" uuid, field text, value jsonb, confidence numeric, pinned boolean, "licenseStatus" text, "observedAt" timestamptz,
  "isWinner" boolean
);
