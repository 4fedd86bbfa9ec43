/** The audit log, read backwards (table audit_log). */
import { sql } from "kysely";
import { kyselyOf, type Reader } from "./handle.ts";

export interface AuditRow {
  id: number;
  at: Date;
  actor: string;
  onBehalfOf: string | null;
  action: string;
  entityKind: string | null;
  entityId: string | null;
  reason: string | null;
  requestId: string | null;
  details: unknown;
}

/** The newest entries first; `before` is the id of the last one seen. */
export async function readAudit(
  on: Reader,
  filters: { entityId?: string | undefined; action?: string | undefined; before?: number | undefined; limit: number },
): Promise<AuditRow[]> {
  const { rows } = await sql<AuditRow>`
    select id, at, actor, on_behalf_of as "onBehalfOf", action, entity_kind as "entityKind", entity_id as "entityId", reason, request_id as "requestId", details
    from audit_log
    where (${filters.before ?? null}::bigint is null or id < ${filters.before ?? null}::bigint)
      and (${filters.entityId ?? null}::uuid is null or entity_id = ${filters.entityId ?? null}::uuid)
      and (${filters.action ?? null}::text is null or action = ${filters.action ?? null}::text)
    order by id desc limit ${filters.limit}`.execute(kyselyOf(on));
  return rows;
}
