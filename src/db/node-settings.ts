/** What this node is (table node_settings): kept at first start, because its base URL is part of every URI it mints. */
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

export interface NodeSettings {
  baseUrl: string;
  name: string;
}

/** The settings of an earlier start, or undefined on the first. */
export async function readNodeSettings(on: Reader): Promise<NodeSettings | undefined> {
  const row = await kyselyOf(on).selectFrom("node_settings").select(["base_url", "name"]).executeTakeFirst();
  return row && { baseUrl: row.base_url, name: row.name };
}

/** Keeps the settings unless another starter was quicker; returns those that hold. A new name replaces the old one. */
export async function keepNodeSettings(tx: Tx, settings: NodeSettings): Promise<NodeSettings> {
  const row = await kyselyOf(tx)
    .insertInto("node_settings")
    .values({ base_url: settings.baseUrl, name: settings.name })
    .onConflict((on) => on.column("only_row").doUpdateSet({ name: settings.name }))
    .returning(["base_url", "name"])
    .executeTakeFirstOrThrow();
  return { baseUrl: row.base_url, name: row.name };
}
