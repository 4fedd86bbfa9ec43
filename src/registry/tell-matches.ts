/**
 * From the feed to the webhooks: which events newly match a saved search, put down as deliveries.
 *
 * 1. The search engine says which events that changed after the search's watermark match it, and how far it looked.
 * 2. In one transaction the watermark moves (unless another has moved it: then this look counts for nothing), the
 *    events that the search has not been told of are noted, and their deliveries are written.
 */
import type { Tx } from "../db/database.ts";
import {
  advanceSavedSearch,
  changeSavedSearch,
  findChangedEvents,
  findSearchesToMatch,
  noteMatches,
  type SavedSearchRow,
} from "../db/saved-searches.ts";
import { insertDeliveries } from "../db/webhook-deliveries.ts";
import { RegistryError } from "../domain/errors.ts";
import { ulidOf, uriOf } from "../domain/iri.ts";
import type { EventState } from "../domain/state.ts";
import type { Registry } from "./context.ts";

/**
 * The events changed after position `watermark` of the feed that a public reader finds by `query` now, and the position
 * up to which that was looked: a bounded look may end before the head. Throws `invalid_query` for what cannot be searched.
 */
export type MatchesSince = (query: string, watermark: number) => Promise<{ events: readonly EventState[]; watermark: number }>;

/** Positions of the feed in one look. */
const LOOK = 500;

/** A MatchesSince over an engine that can tell which of these events a public reader finds by a query now. */
export function matchesAmong(
  { database }: Pick<Registry, "database">,
  find: (query: string, eventIds: readonly string[]) => Promise<readonly EventState[]>,
): MatchesSince {
  return async (query, watermark) => {
    const changed = await database.read((on) => findChangedEvents(on, watermark, LOOK));
    const events = changed.eventIds.length === 0 ? [] : await find(query, changed.eventIds);
    return { events, watermark: changed.watermark };
  };
}

/** Keeps a payload under the 20 kB that Standard Webhooks advises. */
const EVENTS_PER_DELIVERY = 50;
const SEARCHES_AT_A_TIME = 100;

/** Looks for all searches that have not seen the whole feed; returns how many deliveries that made. One search's trouble never stops another's: it is thrown at the end. */
export async function tellMatches(registry: Registry, matchesSince: MatchesSince, signal?: AbortSignal): Promise<number> {
  const faults: unknown[] = [];
  let made = 0;
  let after: string | undefined;
  for (;;) {
    const searches = await registry.database.read((on) => findSearchesToMatch(on, after, SEARCHES_AT_A_TIME));
    for (const search of searches) {
      signal?.throwIfAborted();
      try {
        made += await tellOne(registry, search, matchesSince);
      } catch (error) {
        faults.push(error);
      }
    }
    after = searches.at(-1)?.id;
    if (searches.length < SEARCHES_AT_A_TIME) break;
  }
  if (faults.length > 0) throw new AggregateError(faults, `${faults.length} saved searches could not be matched`);
  return made;
}

async function tellOne(registry: Registry, search: SavedSearchRow, matchesSince: MatchesSince): Promise<number> {
  let made = 0;
  for (let { seen } = search; ;) {
    let look: Awaited<ReturnType<MatchesSince>>;
    try {
      look = await matchesSince(search.query, seen);
    } catch (error) {
      if (!(error instanceof RegistryError) || error.code !== "invalid_query") throw error;
      // What was a search once is none any more: its owner is told when they look.
      await registry.database.transact((tx) =>
        changeSavedSearch(tx, search.id, { status: "failed", lastError: error.message }, registry.clock()),
      );
      return made;
    }
    if (look.watermark <= seen) return made;
    const added = await registry.database.transact((tx) => putDown(registry, tx, search, seen, look));
    if (added === undefined) return made;
    made += added;
    seen = look.watermark;
  }
}

/** How many deliveries were written; undefined when another worker was here first. */
async function putDown(
  registry: Registry,
  tx: Tx,
  search: SavedSearchRow,
  seen: number,
  { events, watermark }: Awaited<ReturnType<MatchesSince>>,
): Promise<number | undefined> {
  const now = registry.clock();
  if (!(await advanceSavedSearch(tx, search.id, { from: seen, to: watermark }, now))) return undefined;
  const shown = new Map(events.filter((event) => event.public).map((event) => [event.id, event]));
  const fresh = await noteMatches(tx, search.id, [...shown.keys()], now);
  const deliveries = [];
  for (let at = 0; at < fresh.length; at += EVENTS_PER_DELIVERY) {
    const eventIds = fresh.slice(at, at + EVENTS_PER_DELIVERY);
    const body = JSON.stringify(
      payload(
        registry.base,
        search,
        eventIds.map((id) => shown.get(id)!),
        now,
      ),
    );
    deliveries.push({ id: registry.mint(now.getTime()), searchId: search.id, body, eventIds });
  }
  await insertDeliveries(tx, deliveries, now);
  return deliveries.length;
}

/** Facts alone: a description or an image might be licensed, and can be had where `@id` leads. */
function payload(base: string, { id, name, query }: SavedSearchRow, events: readonly EventState[], now: Date): object {
  return {
    type: "search.matched",
    timestamp: now.toISOString(),
    data: {
      search: { "@id": `${base}/searches/${ulidOf(id)}`, name, query },
      events: events.map((event) => ({
        "@id": uriOf(base, "event", event),
        name: event.name,
        startDate: event.startDate,
        // This node's page of it; an event of a peer has the peer's @id.
        url: uriOf(base, "event", { id: event.id }),
      })),
    },
  };
}
