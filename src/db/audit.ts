/** Who did what, for whom, when and why (table audit_log). */
import { sql } from "kysely";
import type { EntityKind } from "../domain/vocabulary.ts";
import { kyselyOf, type Tx } from "./handle.ts";

export interface AuditEntry {
  actor: string;
  onBehalfOf?: string | undefined;
  action: string;
  entityKind?: EntityKind | "source" | "key" | "run";
  entityId?: string;
  reason?: string | undefined;
  requestId?: string | undefined;
  details?: unknown;
}

export async function audit(tx: Tx, entries: readonly AuditEntry[], now: Date): Promise<void> {
  if (entries.length === 0) return;
  await sql`
    insert into audit_log (at, actor, on_behalf_of, action, entity_kind, entity_id, reason, request_id, details)
    select ${now}, r.actor, r."onBehalfOf", r.action, r."entityKind", r."entityId", r.reason, r."requestId", r.details
    from json_to_recordset(${JSON.stringify(entries)}::json) as r(actor text, "onBehalfOf" text, action text, "entityKind" text, "entityId" uuid,
      reason text, "requestId" text, details jsonb)`.execute(kyselyOf(tx));
}
