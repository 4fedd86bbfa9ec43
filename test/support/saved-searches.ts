/** A registry with a feed, searches that look for a word in names, and the keys of those who save them. */
import { readStates } from "../../src/db/entities.ts";
import { kyselyOf } from "../../src/db/handle.ts";
import type { EventState } from "../../src/domain/state.ts";
import { openEpoch } from "../../src/feed/epoch.ts";
import { drainOutbox } from "../../src/feed/sequencer.ts";
import { createKey } from "../../src/registry/api-keys.ts";
import type { Caller } from "../../src/registry/context.ts";
import { RegistryError } from "../../src/domain/errors.ts";
import { createSavedSearch, type SavedSearchRequest, type SavedSearchRules, type SearchCaller } from "../../src/registry/saved-searches.ts";
import { matchesAmong, tellMatches } from "../../src/registry/tell-matches.ts";
import { sql } from "kysely";
import { BASE, concert, openTestRegistry } from "./registry.ts";

export const ADMIN: SearchCaller = { actor: "admin", role: "admin" };

export const RULES: SavedSearchRules = {
  checkQuery(query) {
    for (const name of query.keys()) {
      if (name !== "q" && name !== "city") throw new RegistryError("invalid_query", { detail: `${name}: there is no such parameter.` });
    }
  },
  whyNotTarget: (url) => (url.startsWith("http") ? undefined : "it is no URL"),
};

export async function openSavedSearches() {
  const on = await openTestRegistry();
  const { registry } = on;
  const { database, clock } = registry;
  await openEpoch(database, { clean: true, clock });
  const log = { info: () => {}, warn: () => {} };

  /** The public events among these whose name holds the word q. */
  const matchesSince = matchesAmong(registry, async (query, ids) => {
    const word = new URLSearchParams(query).get("q")!;
    const states = (await database.read((reader) => readStates(reader, "event", ids))) as EventState[];
    return states.filter((state) => state.public && state.name.includes(word));
  });

  return {
    ...on,
    matchesSince,
    /** A key and a caller who holds it. */
    async key(name: string): Promise<SearchCaller> {
      await on.source(name);
      const { key } = await database.transact((tx) => createKey(registry, ADMIN, tx, { name, role: "agent", source: name }));
      return { actor: `key:${name}`, role: "agent", sourceId: key.sourceId!, keyId: key.id };
    },
    save: (caller: SearchCaller, request: SavedSearchRequest) =>
      database.transact((tx) => createSavedSearch(registry, caller, tx, request, RULES)),
    /** An event of this name, on a day of its own so that it resembles no other. */
    publish: async (caller: Caller, name: string, day: number, more: object = {}) =>
      (
        await on.submit(
          caller,
          concert({
            name,
            identifier: name,
            startDate: `2026-06-${String(day).padStart(2, "0")}T20:00:00-04:00`,
            endDate: undefined,
            ...more,
          }),
        )
      ).eventId,
    /** Numbers what was committed, as the sequencer does. */
    number: () => drainOutbox({ database, clock, base: BASE, log }),
    /** Numbers, and looks for matches. */
    async look() {
      await drainOutbox({ database, clock, base: BASE, log });
      return tellMatches(registry, matchesSince);
    },
    rows: <T>(statement: ReturnType<typeof sql>) =>
      database.read(async (reader) => (await statement.execute(kyselyOf(reader))).rows as T[]),
  };
}

export type SavedSearchesTest = Awaited<ReturnType<typeof openSavedSearches>>;
