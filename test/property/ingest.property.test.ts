/** Whatever an origin publishes, and however often it changes its mind, a node that heard it shows what the origin shows. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { PATH_OF_KIND, ulidOf } from "../../src/domain/iri.ts";
import type { EventState } from "../../src/domain/state.ts";
import type { JsonLdObject } from "../../src/jsonld/encode.ts";
import type { Registry } from "../../src/registry/context.ts";
import { setLifecycle } from "../../src/registry/set-lifecycle.ts";
import { openFollowing, ORIGIN, withoutNodesOwn } from "../support/following.ts";

const RUNS = Number(process.env["INGEST_RUNS"] ?? 25);

const word = fc.constantFrom("Jazz", "Nuit blanche", "“Quoted” & <b>bold</b>", "Ελληνικά", "한국어", "e\u0301te\u0301", "🎷", "A,B;C");
const instant = fc
  .tuple(fc.integer({ min: 0, max: 300 * 24 }), fc.constantFrom("Z", "-04:00", "+05:30"))
  .map(([hours, offset]) => new Date(Date.parse("2026-04-01T00:00:00Z") + hours * 3_600_000).toISOString().slice(0, 19) + offset);
const start = fc.oneof(
  instant,
  instant.map((text) => text.slice(0, 10)),
);
const place = fc.record(
  {
    "@type": fc.constantFrom("Place", "MusicVenue", "Park"),
    name: word,
    address: fc.constant({ "@type": "PostalAddress", addressLocality: "Toronto", addressCountry: "CA" }),
    geo: fc.constantFrom(
      { "@type": "GeoCoordinates", latitude: 43.65, longitude: -79.38 },
      { "@type": "GeoCoordinates", latitude: 28.61, longitude: 77.21 },
    ),
    url: fc.constant("https://club.example/"),
  },
  { requiredKeys: ["@type", "name"] },
);
const location = fc.oneof(place, fc.constant({ "@type": "VirtualLocation", url: "https://stream.example/1" }));
const agent = fc.record(
  { "@type": fc.constantFrom("Organization", "Person"), name: word, url: fc.constant("https://band.example/") },
  { requiredKeys: ["@type", "name"] },
);
const schedule = fc.record(
  {
    "@type": fc.constant("Schedule"),
    repeatFrequency: fc.constantFrom("P1D", "P1W"),
    startDate: fc.constantFrom("2026-05-08", "2026-10-30"),
    startTime: fc.constant("21:00"),
    duration: fc.constant("PT2H"),
    repeatCount: fc.integer({ min: 2, max: 30 }),
    scheduleTimezone: fc.constantFrom("America/Toronto", "Asia/Kolkata"),
  },
  { requiredKeys: ["@type", "repeatFrequency", "startDate", "startTime", "scheduleTimezone", "repeatCount"] },
);
const saidOnce = fc.record(
  {
    "@type": fc.constantFrom("Event", "MusicEvent", "Festival"),
    name: word,
    startDate: start,
    location,
    description: word,
    image: fc.constant("https://club.example/a.jpg"),
    license: fc.constantFrom("https://creativecommons.org/licenses/by/4.0/", "https://club.example/terms"),
    eventStatus: fc.constantFrom("EventScheduled", "EventCancelled", "EventPostponed").map((status) => `https://schema.org/${status}`),
    organizer: agent,
    performer: fc.array(agent, { minLength: 1, maxLength: 3 }),
    keywords: fc.uniqueArray(fc.constantFrom("jazz", "late", "été"), { minLength: 1 }),
    isAccessibleForFree: fc.boolean(),
    offers: fc.record({ "@type": fc.constant("Offer"), price: fc.constantFrom("0", "12.50"), priceCurrency: fc.constant("CAD") }),
    eventSchedule: schedule,
  },
  { requiredKeys: ["@type", "name", "startDate", "location"] },
);
/** What the origin's source says of a few events, one word after the other; `pull` says after which of them this node listens. */
const history = fc.array(fc.record({ of: fc.nat(3), said: fc.option(saidOnce, { freq: 6 }), pull: fc.boolean() }), {
  minLength: 1,
  maxLength: 8,
});

/** A person at the origin hides the event, or shows it again. */
async function toggle(registry: Registry, eventId: string, current: EventState["lifecycleState"]): Promise<void> {
  const state = { published: "withdrawn", withdrawn: "published" }[current as string] as EventState["lifecycleState"] | undefined;
  if (state === undefined) return;
  await registry.database.transact((tx) => setLifecycle(registry, { actor: "cli:test", role: "admin" }, tx, { eventId, state }));
}

/**
 * A source may say the time in UTC, or by another zone than that in which the origin came to know the place. Who reads both shows the same
 * moment in the place's zone.
 */
function inZoneOf(told: JsonLdObject, shown: JsonLdObject): JsonLdObject {
  const same = ["startDate", "previousStartDate"].filter((member) => {
    const [theirs, ours] = [String(told[member]), String(shown[member])];
    return theirs.includes("T") && Date.parse(theirs) === Date.parse(ours);
  });
  return { ...shown, ...Object.fromEntries(same.map((member) => [member, told[member]!])) };
}

test("a node that heard it shows what the origin shows", { timeout: 300_000 }, async () => {
  await using pair = await openFollowing();
  let run = 0;
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      run += 1;
      const city = await pair.origin.source(`City ${run}`);
      const ids = new Map<number, string>();
      for (const { of, said, pull } of steps) {
        pair.origin.later();
        const known = ids.get(of);
        if (said !== null) {
          const document = { "@context": "https://schema.org", identifier: `${run}-${of}`, ...said, name: `${said.name} ${run} ${of}` };
          // What the lifecycle does not let a source say next is refused at the origin, and nobody hears of it.
          const eventId = await pair.origin.submit(city, document).then(
            (accepted) => accepted.eventId,
            () => known,
          );
          if (eventId !== undefined) ids.set(of, eventId);
        } else if (known !== undefined) await toggle(pair.origin.registry, known, (await pair.origin.event(known)).lifecycleState);
        if (pull) await pair.pull();
      }
      await pair.pull();
      for (const id of ids.values()) {
        const theirs: EventState = await pair.origin.event(id);
        const uri = `${ORIGIN}/${PATH_OF_KIND.event}/${ulidOf(id)}`;
        const ours = await pair.shown(uri);
        if (!theirs.public || theirs.supersededBy !== undefined) {
          expect(ours?.public ?? false).toBe(false);
          continue;
        }
        compared += 1;
        const told = withoutNodesOwn(await pair.documentAtOrigin(id));
        expect(inZoneOf(told, withoutNodesOwn(await pair.document(uri)))).toEqual(told);
      }
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  expect(compared).toBeGreaterThan(10);
});
