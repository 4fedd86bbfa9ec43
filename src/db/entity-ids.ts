/** Every entity of a kind, page by page in the order of their ids (which is the order of their making). */
import { sql } from "kysely";
import { PATH_OF_KIND } from "../domain/iri.ts";
import type { EntityKind } from "../domain/vocabulary.ts";
import { kyselyOf, type Reader } from "./handle.ts";

/** Up to `limit` ids after `after` (a uuid, or undefined to begin), hidden ones included; empty at the end. */
export async function listIds(on: Reader, kind: EntityKind, after: string | undefined, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from ${sql.table(PATH_OF_KIND[kind])} where ${after ?? null}::uuid is null or id > ${after ?? null}::uuid order by id limit ${limit}`.execute(
    kyselyOf(on),
  );
  return rows.map((row) => row.id);
}
