/**
 * What resembles what, as readers see it: one event of what is one, two of what is two, and never one less in public for a
 * likeness. Over HTTP, as several sources send it.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readState } from "../../src/db/entities.ts";
import { uuidOf } from "../../src/domain/iri.ts";
import type { EventState } from "../../src/domain/state.ts";
import { createNetwork, type TestNetwork } from "../support/network.ts";
import { concert } from "../support/registry.ts";
import { shownAt, speakerOn, type Speaker } from "../support/speakers.ts";

let network: TestNetwork;
let speakers: Speaker[];
let now = Date.parse("2026-03-01T12:00:00Z");
beforeAll(async () => {
  network = await createNetwork({ nodes: 1, clock: () => new Date((now += 1000)) });
  speakers = [];
  for (const name of ["City calendar", "Listings", "Venue"]) speakers.push(await speakerOn(network.node, name));
}, 120_000);
afterAll(() => network[Symbol.asyncDispose]());

const admin = async (method: string, path: string, body?: object): Promise<Record<string, any>> => {
  const response = await network.node.asAdmin(`/api/v1/admin/${path}`, {
    method,
    ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, any>;
};
const ulidOf = (uri: string): string => uri.slice(-26);
/** The @ids of all events that the public list has. */
async function listed(): Promise<Set<string>> {
  const uris = new Set<string>();
  for (let after = ""; ;) {
    const { items, next_cursor: next } = await shownAt(network.node, `/api/v1/events?limit=200${after}`);
    for (const item of items as { "@id": string }[]) uris.add(item["@id"]);
    if (next == null) return uris;
    after = `&after=${encodeURIComponent(next as string)}`;
  }
}
/** The @id that an event's address shows or leads to; undefined where it is hidden. */
async function leadsTo(uri: string): Promise<string | undefined> {
  const response = await fetch(network.node.url + new URL(uri).pathname, { headers: { accept: "application/ld+json" } });
  const document = (await response.json()) as { "@id": string; "sel:supersededBy"?: string };
  if (response.status === 200) return document["@id"];
  return response.status === 410 && document["sel:supersededBy"] !== undefined ? leadsTo(document["sel:supersededBy"]) : undefined;
}

test("a conference that is listed under several topics is one event with all keywords", async () => {
  const listing = (...keywords: string[]) =>
    concert({
      "@type": "Event",
      name: "Small Systems Days",
      startDate: "2026-09-14",
      endDate: "2026-09-16",
      url: "https://conferences.example/small-systems",
      location: { "@type": "Place", name: "Ghent", address: { "@type": "PostalAddress", addressLocality: "Ghent", addressCountry: "BE" } },
      keywords,
    });
  const sent = await network.node.asAdmin("/api/v1/events:batch", {
    method: "POST",
    headers: { "content-type": "application/ld+json", "on-behalf-of": "City calendar" },
    body: JSON.stringify([["databases"], ["testing", "databases"], ["typescript"]].map((keywords) => listing(...keywords))),
  });
  expect(sent.status).toBe(202);
  await network.processAll();
  const { items } = (await (await network.node.asAdmin(new URL(sent.headers.get("location")!).pathname)).json()) as {
    items: { status: string; uri: string }[];
  };
  expect(items.map(({ status }) => status)).toEqual(["accepted", "duplicate", "duplicate"]);
  const { uri } = items[0]!;
  expect(new Set(items.map((item) => item.uri))).toEqual(new Set([uri]));
  expect((await shownAt(network.node, uri))["keywords"].toSorted()).toEqual(["databases", "testing", "typescript"]);
  expect((await shownAt(network.node, "/api/v1/events/search?q=small+systems+days"))["items"]).toHaveLength(1);
});

test.each([
  ["one source", 0, 0],
  ["two sources", 0, 1],
])("two festivals of one name in two cities stay two, told by %s", async (_, first, second) => {
  const festival = (city: string, latitude: number, longitude: number) =>
    concert({
      "@type": "Festival",
      name: `Festival of Lights ${first}${second}`,
      startDate: "2026-10-02",
      endDate: "2026-10-04",
      organizer: undefined,
      location: {
        "@type": "Place",
        name: "City Hall",
        address: { "@type": "PostalAddress", addressLocality: city, addressCountry: "CA" },
        geo: { "@type": "GeoCoordinates", latitude, longitude },
      },
    });
  const [toronto, hamilton] = [
    await speakers[first]!.say(festival("Toronto", 43.6532, -79.3832)),
    await speakers[second]!.say(festival("Hamilton", 43.2557, -79.8711)),
  ];
  expect([toronto.outcome, hamilton.outcome]).toEqual(["created", "created"]);
  await network.processAll();
  const public_ = await listed();
  expect([toronto, hamilton].map(({ uri }) => public_.has(uri))).toEqual([true, true]);
});

describe("no published event disappears because something resembles it", () => {
  const likeness = fc.record({
    speaker: fc.nat(2),
    name: fc.constantFrom(
      "Night of Lanterns",
      "Night of the Lanterns",
      "The Night of Lanterns",
      "night of lanterns!",
      "Nuit des lanternes",
      "Night of Lanterns, part 2",
    ),
    startDate: fc.constantFrom(
      "2026-05-08T20:00:00-04:00",
      "2026-05-08T20:05:00-04:00",
      "2026-05-08T20:20:00-04:00",
      "2026-05-08",
      "2026-05-09T20:00:00-04:00",
    ),
    location: fc.constantFrom(
      { name: "Wharf Hall", latitude: 43.64 },
      { name: "The Wharf Hall", latitude: 43.6401 },
      { name: "Mill Hall", latitude: 43.7 },
    ),
    organizer: fc.constantFrom(undefined, "Lantern Society", "Lantern Society Inc."),
    identifier: fc.constantFrom(undefined, "lanterns-1", "lanterns-2"),
  });
  let rounds = 0;

  test("a submission is answered with an event that is public, and so is every one before it, or leads to one that is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(likeness, { minLength: 4, maxLength: 8 }), async (alike) => {
        // Far from what other rounds made, in the north.
        const longitude = -60 - ++rounds;
        const uris = new Set<string>();
        for (const { speaker, location, organizer, identifier, ...rest } of alike) {
          const place = {
            "@type": "Place",
            name: location.name,
            geo: { "@type": "GeoCoordinates", latitude: location.latitude, longitude },
          };
          const answer = await speakers[speaker]!.say(
            concert({
              ...rest,
              endDate: undefined,
              location: place,
              organizer: organizer && { "@type": "Organization", name: organizer },
              identifier: identifier && `${rounds} ${identifier}`,
            }),
          );
          // 202: taken in, and something is for a person to look at.
          expect([200, 201, 202]).toContain(answer.status);
          uris.add(answer.uri);
        }
        await network.processAll();
        const public_ = await listed();
        for (const uri of uris) expect(public_).toContain(await leadsTo(uri));
      }),
      { numRuns: 10, endOnFailure: true },
    );
  });

  test("nor when it resembles one that was hidden: a person looks at the two", async () => {
    const like = { startDate: "2026-06-08T20:00:00-04:00", endDate: undefined };
    const hidden = await speakers[0]!.say(concert({ ...like, name: "A Feast of Small Boats" }));
    await admin("POST", `events/${ulidOf(hidden.uri)}/state`, { state: "withdrawn", reason: "the venue asked us to" });
    const shown = await speakers[1]!.say(concert({ ...like, name: "Feast of the small boats" }));
    await network.processAll();
    expect(shown.uri).not.toBe(hidden.uri);
    expect(await leadsTo(shown.uri)).toBe(shown.uri);
    const { items } = await admin("GET", "review-items?kind=duplicate");
    expect(JSON.stringify(items)).toContain(shown.uri);
  });
});

test("an event of which nobody says enough takes in what is said, stays out of sight, and is shown again when that suffices", async () => {
  const words = (price: string) =>
    concert({
      name: "The Unnamed",
      startDate: "2026-08-08T20:00:00-04:00",
      endDate: undefined,
      offers: { "@type": "Offer", price, priceCurrency: "CAD" },
    });
  const [city, listings] = speakers as [Speaker, Speaker];
  const { uri } = await city.say({ ...words("10.00"), identifier: "unnamed" });
  await listings.say(words("10.00"));
  await admin("POST", `events/${ulidOf(uri)}/withdrawals`, { source: city.name, field: "name", reason: "a name not theirs to give" });
  await admin("POST", `sources/${listings.name}/withdrawal`, { reason: "gone out of business" });
  await network.processAll();
  expect(await leadsTo(uri)).toBeUndefined();

  expect(await city.say({ ...words("12.00"), identifier: "unnamed" })).toMatchObject({
    uri,
    outcome: expect.stringMatching(/updated|unchanged/),
  });
  expect(await leadsTo(uri)).toBeUndefined();
  await admin("POST", `events/${ulidOf(uri)}/pins`, { field: "name", value: "The Renamed", reason: "as they call it now" });
  expect(await shownAt(network.node, uri)).toMatchObject({ name: "The Renamed", offers: { price: "12.00" } });
  await admin("DELETE", `sources/${listings.name}/withdrawal`);
  await network.processAll();
});

describe("a state that a hand has set outlasts a merge that is undone", () => {
  const events = async (title: string) => {
    const [kept, gone] = [
      await speakers[0]!.say(concert({ name: `${title}, as the city has it`, startDate: "2026-07-01T20:00:00-04:00", endDate: undefined })),
      await speakers[1]!.say(concert({ name: `Something else: ${title}`, startDate: "2026-07-03T18:00:00-04:00", endDate: undefined })),
    ];
    return [kept!.uri, gone!.uri] as [string, string];
  };
  const mergeAndUndo = async (uris: [string, string]) => {
    const { id } = await admin("POST", "merges", { kind: "event", urls: uris, reason: "they look alike" });
    await network.processAll();
    await admin("DELETE", `merges/${id}`);
    await network.processAll();
  };
  const stateOf = async (uri: string) => {
    const state = await network.node.database.read((on) => readState(on, "event", uuidOf(ulidOf(uri))!));
    const { version: _version, updatedAt: _updatedAt, ...rest } = state as EventState;
    return rest;
  };

  test.each(
    ["sold_out", "postponed", "cancelled", "withdrawn", "completed"].flatMap((state) => [
      [state, "older", 0],
      [state, "newer", 1],
    ]),
  )("%s, of the %s one", async (state, which, n) => {
    const uris = await events(`A ${which} one ${state}`);
    await admin("POST", `events/${ulidOf(uris[n as 0 | 1])}/state`, { state: state as string, reason: "by hand" });
    const before = await Promise.all(uris.map(stateOf));
    expect(before[n as 0 | 1]!.lifecycleState).toBe(state);
    await mergeAndUndo(uris);
    expect(await Promise.all(uris.map(stateOf))).toEqual(before);
  });
});
