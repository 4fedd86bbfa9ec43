/** A registry over a test database, with a clock that the test moves and jobs that it can look at. */
import type { Registry, RegistryJob, Caller } from "../../src/registry/context.ts";
import { createMint } from "../../src/domain/iri.ts";
import type { EventState } from "../../src/domain/state.ts";
import type { LicenseStatus, SourceType } from "../../src/domain/vocabulary.ts";
import { readState } from "../../src/db/entities.ts";
import { ensureSource } from "../../src/registry/sources.ts";
import { submitEvent } from "../../src/registry/submit-event.ts";
import { openTestDatabase } from "./db.ts";

export const BASE = "https://node.example";

export interface TestRegistry extends AsyncDisposable {
  registry: Registry;
  jobs: RegistryJob[];
  /** Moves the clock forward. */
  later(milliseconds?: number): void;
  /** A source and a caller who speaks for it. */
  source(name: string, options?: { trust?: number; license?: LicenseStatus; type?: SourceType; timezone?: string }): Promise<Caller>;
  submit(caller: Caller, document: object): Promise<{ outcome: string; eventId: string }>;
  event(eventId: string): Promise<EventState>;
}

export async function openTestRegistry(defaultTimezone?: string): Promise<TestRegistry> {
  const test = await openTestDatabase();
  const { database } = test;
  let now = Date.parse("2026-03-01T12:00:00Z");
  const jobs: RegistryJob[] = [];
  const registry: Registry = {
    database,
    base: BASE,
    defaultTimezone,
    horizonDays: 550,
    tzdata: "test",
    clock: () => new Date(now),
    mint: createMint(),
    enqueue: (_tx, job) => Promise.resolve(void jobs.push(job)),
  };
  return {
    registry,
    jobs,
    later: (milliseconds = 60_000) => void (now += milliseconds),
    async source(name, { trust = 5, license = "cc0", type = "api", timezone } = {}) {
      const { id } = await database.transact((tx) =>
        ensureSource(registry, tx, { name, type, trustLevel: trust, licenseStatus: license, timezone }),
      );
      return { actor: `key:${name}`, role: "agent", sourceId: id };
    },
    submit: (caller, document) =>
      database.transact((tx) =>
        submitEvent(registry, caller, tx, { payload: Buffer.from(JSON.stringify(document)), mediaType: "application/ld+json", document }),
      ),
    async event(eventId) {
      return (await database.read((on) => readState(on, "event", eventId))) as EventState;
    },
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  };
}

/** A concert in Toronto; `changes` are laid over it. */
export function concert(changes: object = {}): Record<string, unknown> {
  return {
    "@context": "https://schema.org",
    "@type": "MusicEvent",
    name: "Free Jazz at the Rex",
    startDate: "2026-05-08T21:00:00-04:00",
    endDate: "2026-05-08T23:30:00-04:00",
    location: {
      "@type": "Place",
      name: "The Rex",
      address: { "@type": "PostalAddress", streetAddress: "194 Queen St W", addressLocality: "Toronto", addressCountry: "CA" },
      geo: { "@type": "GeoCoordinates", latitude: 43.6505, longitude: -79.3886 },
    },
    organizer: { "@type": "Organization", name: "The Rex Hotel" },
    description: "An evening of improvised music.",
    keywords: ["jazz"],
    offers: { "@type": "Offer", price: "15.00", priceCurrency: "CAD" },
    ...changes,
  };
}
