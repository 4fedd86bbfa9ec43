/** Sources that a test registry visits: set up, visited, and looked at. */
import { harvestSource, type HarvestLimits, type VisitResult } from "../../src/federation/harvest/visit.ts";
import { readHarvest } from "../../src/db/harvests.ts";
import { setHarvest, type HarvestChange } from "../../src/registry/harvests.ts";
import type { Registry } from "../../src/registry/context.ts";
import type { HostileSite } from "./hostile-site.ts";
import { concert, openTestRegistry, type TestRegistry } from "./registry.ts";

export const ADMIN = { actor: "cli:test", role: "admin" } as const;
const HOUR = 60 * 60_000;

export interface HarvestedSource {
  sourceId: string;
  name: string;
}

export interface Harvester extends TestRegistry {
  /** A source that is visited at this URL. */
  visited(name: string, url: string, settings?: Partial<HarvestChange>): Promise<HarvestedSource>;
  /** Visits it now (as asked for by a person), or only if it is due. A wait moves the clock on. */
  visit(
    source: HarvestedSource,
    options?: { early?: boolean; limits?: Partial<HarvestLimits>; signal?: AbortSignal },
  ): Promise<VisitResult>;
  /** The last visit's row. */
  lastVisit(source: HarvestedSource): Promise<Record<string, unknown>>;
  rows(sql: string, values?: unknown[]): Promise<Record<string, any>[]>;
  dueIn(source: HarvestedSource): Promise<number>;
}

/** A registry whose node visits sources at `site`. Every wait is over at once, and moves the clock on by its length. */
export async function openHarvester(site: HostileSite): Promise<Harvester> {
  const test = await openTestRegistry("America/Toronto");
  const { registry } = test;
  const rows = async (sql: string, values: unknown[] = []) =>
    (await registry.database.jobs.executeSql(sql, values)).rows as Record<string, any>[];
  return {
    ...test,
    rows,
    async visited(name, url, settings = {}) {
      const { sourceId } = await test.source(name, { type: "scraper" });
      await setUp(registry, name, url, settings);
      return { sourceId: sourceId!, name };
    },
    async visit({ sourceId }, { early = true, limits = {}, signal } = {}) {
      const wait = (milliseconds: number) => Promise.resolve(test.later(milliseconds));
      return harvestSource({ registry, fetch: site.fetch, random: () => 0, wait, limits, ...(signal && { signal }) }, sourceId, { early });
    },
    async lastVisit({ sourceId }) {
      return (await rows("select * from harvest_visits where source_id = $1 order by started_at desc, id desc limit 1", [sourceId]))[0]!;
    },
    async dueIn({ sourceId }) {
      const harvest = await registry.database.read((on) => readHarvest(on, sourceId));
      return (harvest!.nextVisitAt.getTime() - registry.clock().getTime()) / HOUR;
    },
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  };
}

function setUp(registry: Registry, name: string, url: string, settings: Partial<HarvestChange>) {
  return registry.database.transact((tx) =>
    setHarvest(registry, ADMIN, tx, { format: "json-ld", ...settings, name, url }, { whyNotTarget: () => undefined }),
  );
}

/** The concerts of the year 2030 in a hall of its own: `programmeOf("North")(3)` is the fourth, with an id of the source's own. */
export function programmeOf(hall: string): (n: number, changes?: object) => Record<string, unknown> {
  const location = {
    "@type": "Place",
    name: `${hall} Hall`,
    address: { "@type": "PostalAddress", streetAddress: `${hall.length} ${hall} Street`, addressLocality: "Toronto", addressCountry: "CA" },
  };
  return (n, changes = {}) => {
    const day = `2030-${String(1 + (Math.floor(n / 28) % 12)).padStart(2, "0")}-${String(1 + (n % 28)).padStart(2, "0")}`;
    return concert({
      "@id": `https://source.example/${encodeURIComponent(hall)}/${n}`,
      name: `Concert No. ${n}`,
      startDate: `${day}T20:00:00-05:00`,
      endDate: `${day}T22:00:00-05:00`,
      location,
      ...changes,
    });
  };
}
