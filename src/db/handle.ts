/**
 * The handles by which the rest of the program reaches the database: a Reader may look, a Tx may also write.
 * They are opaque outside this folder; the modules here unwrap them.
 */
import { CompiledQuery, type Kysely } from "kysely";
import type { DB } from "./tables.generated.ts";

const inside: unique symbol = Symbol("kysely");
const writing: unique symbol = Symbol("transaction");

/** Something to read through: a pooled connection, or a transaction. */
export interface Reader {
  readonly [inside]: Kysely<DB>;
}
/** An open write transaction. Only registry (and the feed's sequencer) opens one. */
export interface Tx extends Reader {
  readonly [writing]: true;
}

export const asReader = (kysely: Kysely<DB>): Reader => ({ [inside]: kysely });
export const asTx = (kysely: Kysely<DB>): Tx => ({ [inside]: kysely, [writing]: true });

/** The Kysely instance behind a handle; for modules of `db` only. */
export const kyselyOf = (on: Reader): Kysely<DB> => on[inside];

/** What PgTyped's generated queries run on. */
export function pgTyped(on: Reader): { query(text: string, values: unknown[]): Promise<{ rows: any[]; rowCount: number }> } {
  return {
    async query(text, values) {
      const { rows, numAffectedRows } = await kyselyOf(on).executeQuery(CompiledQuery.raw(text, values));
      return { rows: rows as any[], rowCount: Number(numAffectedRows ?? rows.length) };
    },
  };
}
