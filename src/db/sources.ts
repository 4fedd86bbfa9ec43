/** Sources: who speaks, with what trust, under which license (table sources). */
import { sql } from "kysely";
import type { LicenseStatus, SourceType } from "../domain/vocabulary.ts";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

export interface SourceRow {
  id: string;
  name: string;
  type: SourceType;
  baseUrl: string | null;
  trustLevel: number;
  licenseUrl: string | null;
  licenseStatus: LicenseStatus;
  timezone: string | null;
  contact: string | null;
  withdrawnAt: Date | null;
  withdrawnReason: string | null;
  createdAt: Date;
  updatedAt: Date;
}

export type NewSource = Pick<SourceRow, "name" | "type"> & {
  [K in "baseUrl" | "trustLevel" | "licenseUrl" | "licenseStatus" | "timezone" | "contact"]?: SourceRow[K] | undefined;
};

const COLUMNS =
  sql.raw(`id, name, type, base_url as "baseUrl", trust_level as "trustLevel", license_url as "licenseUrl", license_status as "licenseStatus",
  timezone, contact, withdrawn_at as "withdrawnAt", withdrawn_reason as "withdrawnReason", created_at as "createdAt", updated_at as "updatedAt"`);

export async function findSource(on: Reader, name: string): Promise<SourceRow | undefined> {
  return (await sql<SourceRow>`select ${COLUMNS} from sources where name = ${name}`.execute(kyselyOf(on))).rows[0];
}

export async function listSources(on: Reader): Promise<SourceRow[]> {
  return (await sql<SourceRow>`select ${COLUMNS} from sources order by name`.execute(kyselyOf(on))).rows;
}

/** Makes a source unless its name is taken; returns the id of the new one, or undefined. */
export async function insertSource(tx: Tx, id: string, source: NewSource, now: Date): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    insert into sources (id, name, type, base_url, trust_level, license_url, license_status, timezone, contact, created_at, updated_at)
    values (${id}, ${source.name}, ${source.type}, ${source.baseUrl ?? null}, ${source.trustLevel ?? 5}, ${source.licenseUrl ?? null}, ${source.licenseStatus ?? "unknown"},
      ${source.timezone ?? null}, ${source.contact ?? null}, ${now}, ${now})
    on conflict (name) do nothing returning id`.execute(kyselyOf(tx));
  return rows[0]?.id;
}

/** The sources of these names; unknown ones are left out. */
export async function findSources(on: Reader, names: readonly string[]): Promise<SourceRow[]> {
  return (await sql<SourceRow>`select ${COLUMNS} from sources where name = any (${[...names]}::text[])`.execute(kyselyOf(on))).rows;
}

/** Makes sources of these names, license unknown; those whose name is taken stand as they are. */
export async function insertSources(
  tx: Tx,
  sources: readonly ({ id: string } & Pick<SourceRow, "name" | "type" | "baseUrl" | "trustLevel">)[],
  now: Date,
): Promise<void> {
  await sql`
    insert into sources (id, name, type, base_url, trust_level, created_at, updated_at)
    select r.id, r.name, r.type, r."baseUrl", r."trustLevel", ${now}, ${now}
    from json_to_recordset(${JSON.stringify(sources)}::json) as r(id uuid, name text, type text, "baseUrl" text, "trustLevel" smallint)
    on conflict (name) do nothing`.execute(kyselyOf(tx));
}

/** Changes what is given; returns the source as it is then, or undefined for an unknown name. */
export async function updateSource(tx: Tx, name: string, change: Partial<NewSource>, now: Date): Promise<SourceRow | undefined> {
  const current = await findSource(tx, name);
  if (current === undefined) return undefined;
  const next = { ...current, ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) };
  await sql`update sources set name = ${next.name}, type = ${next.type}, base_url = ${next.baseUrl}, trust_level = ${next.trustLevel}, license_url = ${next.licenseUrl},
    license_status = ${next.licenseStatus}, timezone = ${next.timezone}, contact = ${next.contact}, updated_at = ${now} where id = ${current.id}`.execute(
    kyselyOf(tx),
  );
  return next;
}

/** Withdraws a source, or lets it speak again where `withdrawn` is undefined; `changed` is false where it was so already. */
export async function setWithdrawn(
  tx: Tx,
  name: string,
  withdrawn: { at: Date; reason?: string | undefined } | undefined,
  now: Date,
): Promise<{ id: string | undefined; changed: boolean }> {
  const source = await findSource(tx, name);
  const { rows } = await sql`
    update sources set withdrawn_at = ${withdrawn?.at ?? null}, withdrawn_reason = ${withdrawn?.reason ?? null}, updated_at = ${now}
    where name = ${name} and (withdrawn_at is null) = ${withdrawn !== undefined} returning id`.execute(kyselyOf(tx));
  return { id: source?.id, changed: rows.length > 0 };
}
