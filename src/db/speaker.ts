/** Sources as the write path needs them: who speaks, with what trust, under which license. */
import { sql } from "kysely";
import { RegistryError } from "../domain/errors.ts";
import type { LicenseStatus } from "../domain/vocabulary.ts";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

/** `pinned`: a curator, whose claims stand before all others. */
export interface SpeakerRow {
  id: string;
  name: string;
  trust: number;
  pinned: boolean;
  type: string;
  licenseStatus: LicenseStatus;
  licenseUrl: string | null;
  timezone: string | null;
  /** Says nothing any more, until it is reinstated. */
  withdrawn: boolean;
}

/** Throws `not_found` for an id that no source has. */
export async function readSpeaker(on: Reader, sourceId: string): Promise<SpeakerRow> {
  const [speaker] = await readSpeakers(on, [sourceId]);
  if (speaker === undefined) throw new RegistryError("not_found", { detail: `There is no source ${sourceId}.` });
  return speaker;
}

/** As readSpeaker, of many, whoever holds which first; ids that no source has are absent. */
export async function holdSpeakers(tx: Tx, sourceIds: readonly string[]): Promise<SpeakerRow[]> {
  if (sourceIds.length === 0) return [];
  await sql`select from sources where id = any (${[...sourceIds]}::uuid[]) order by id for share`.execute(kyselyOf(tx));
  return readSpeakers(tx, sourceIds);
}

/** As readSpeaker; until this transaction ends the source is neither withdrawn nor ranked anew, so that no word escapes the resettling. */
export async function holdSpeaker(tx: Tx, sourceId: string): Promise<SpeakerRow> {
  await sql`select from sources where id = ${sourceId} for share`.execute(kyselyOf(tx));
  return readSpeaker(tx, sourceId);
}

/** In no order; ids that no source has are absent. */
export async function readSpeakers(on: Reader, sourceIds: readonly string[]): Promise<SpeakerRow[]> {
  if (sourceIds.length === 0) return [];
  const rows = await kyselyOf(on)
    .selectFrom("sources")
    .select(["id", "name", "type", "trust_level", "license_status", "license_url", "timezone", "withdrawn_at"])
    .where("id", "in", [...sourceIds])
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    trust: row.trust_level,
    pinned: row.type === "curator",
    type: row.type,
    licenseStatus: row.license_status as LicenseStatus,
    licenseUrl: row.license_url,
    timezone: row.timezone,
    withdrawn: row.withdrawn_at !== null,
  }));
}

export async function sourceNames(on: Reader, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await kyselyOf(on)
    .selectFrom("sources")
    .select(["id", "name"])
    .where("id", "in", [...ids])
    .execute();
  return new Map(rows.map((row) => [row.id, row.name]));
}
