/**
 * Documents that were rendered before, by entity: as long as the version in the database is the one held here, neither
 * the database nor this process makes the document again. Bounded; the least recently read go first.
 */
import type { Database } from "../db/database.ts";
import { readStateUnless } from "../db/entities.ts";
import type { AnyState } from "../domain/state.ts";
import type { EntityKind } from "../domain/vocabulary.ts";
import { encodeText } from "../jsonld/encode.ts";

export interface Rendered {
  state: AnyState;
  /** The JSON-LD, for a state that is shown. */
  text: string;
}

/** `read(database, kind, id)` gives the entity as it is now; undefined for an unknown id. */
export type ReadRendered = (database: Database, kind: EntityKind, id: string) => Promise<Rendered | undefined>;

export function createRendered(base: string, entries = 5_000): ReadRendered {
  const held = new Map<string, Rendered>();
  return async (database, kind, id) => {
    const key = `${kind} ${id}`;
    const before = held.get(key);
    const found = await database.read((on) => readStateUnless(on, kind, id, before?.state.version));
    held.delete(key);
    if (found === undefined) return undefined;
    const rendered = found.state === undefined ? before! : { state: found.state, text: encodeText(found.state, { base }) };
    held.set(key, rendered);
    if (held.size > entries) held.delete(held.keys().next().value!);
    return rendered;
  };
}
