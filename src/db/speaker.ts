/** Sources as the write path needs them: who speaks, with what trust, under which license. */
import { RegistryError } from "../domain/errors.ts";
import type { LicenseStatus } from "../domain/vocabulary.ts";
import { kyselyOf, type Reader } from "./handle.ts";

/** `pinned`: a curator, whose claims stand before all others. */
export interface SpeakerRow {
  id: string;
  name: string;
  trust: number;
  pinned: boolean;
  licenseStatus: LicenseStatus;
  licenseUrl: string | null;
  timezone: string | null;
}

/** Throws `not_found` for an id that no source has. */
export async function readSpeaker(on: Reader, sourceId: string): Promise<SpeakerRow> {
  const row = await kyselyOf(on)
    .selectFrom("sources")
    .select(["id", "name", "type", "trust_level", "license_status", "license_url", "timezone"])
    .where("id", "=", sourceId)
    .executeTakeFirst();
  if (row === undefined) throw new RegistryError("not_found", { detail: `There is no source ${sourceId}.` });
  return {
    id: row.id,
    name: row.name,
    trust: row.trust_level,
    pinned: row.type === "curator",
    licenseStatus: row.license_status as LicenseStatus,
    licenseUrl: row.license_url,
    timezone: row.timezone,
  };
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
