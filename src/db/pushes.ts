/** What a push has come to: the entity that it speaks of, and what it made a person look at. */
import { sql } from "kysely";
import type { EntityKind } from "../domain/vocabulary.ts";
import { kyselyOf, type Reader } from "./handle.ts";

export interface PushedEntity {
  kind: EntityKind;
  /** Null where its origin only ever said that it is gone, or where it is held back here. */
  entityId: string | null;
  gone: boolean;
}

/** What is held of this URI; undefined when nothing was ever heard of it. */
export async function readPushedEntity(on: Reader, uri: string): Promise<PushedEntity | undefined> {
  const { rows } = await sql<PushedEntity>`
    select entity_kind as kind, entity_id as "entityId", gone from federation_statements where uri = ${uri}`.execute(kyselyOf(on));
  return rows[0];
}

/** Review items of this entity that were opened after the id `after` was minted. */
export async function reviewsAfter(on: Reader, entityId: string, after: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from review_items where ${entityId}::uuid in (entity_id, other_id) and state = 'open' and id > ${after}::uuid order by id`.execute(
    kyselyOf(on),
  );
  return rows.map(({ id }) => id);
}
