/**
 * A good event, mutated at random: members deleted, replaced, nested, doubled. A node takes it or refuses it with a
 * problem, and whatever it took it can show in every format. FUZZ_RUNS and FUZZ_SEED repeat or prolong a run.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openWorld, type HostileWorld } from "../fixtures/hostile/world.ts";
import { send, submit, VALID } from "../support/hostile.ts";
import { faultsOf } from "../support/hostile-answers.ts";

const SEED = Number(process.env["FUZZ_SEED"] ?? 20_260_508);
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 300);
const ANY_REFUSAL = [400, 413, 415, 422] as const;

const FULL = {
  ...VALID,
  "@id": "https://lantern.example/events/1",
  doorTime: "19:30",
  eventStatus: "https://schema.org/EventScheduled",
  inLanguage: ["en", "fr"],
  identifier: ["a-1"],
  sameAs: ["https://www.wikidata.org/wiki/Q1"],
  isAccessibleForFree: false,
  license: "https://creativecommons.org/licenses/by/4.0/",
  eventSchedule: {
    "@type": "Schedule",
    repeatFrequency: "P1W",
    byDay: ["Friday"],
    startDate: "2026-05-08",
    scheduleTimezone: "America/Toronto",
  },
  subEvent: [
    { "@type": "Event", startDate: "2026-05-08T20:00:00-04:00" },
    { "@type": "Event", startDate: "2026-05-15T20:00:00-04:00", location: { "@type": "VirtualLocation", url: "https://stream.example/" } },
  ],
};

/** Values that have made programs stumble. */
const hostile = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(
      null,
      true,
      0,
      -0,
      -1,
      1e308,
      5e-324,
      2 ** 53,
      "",
      " ",
      "\u0000",
      "\ud800",
      "\ufffe",
      "🎷".repeat(300),
      "__proto__",
      "@id",
      "@type",
      "@context",
      "_:b0",
      "http://",
      "http://[",
      "https://a.example/%",
      "urn:x:y",
      "mailto:a@b",
      "2026-05-08",
      "2026-02-30",
      "24:00",
      "P1W",
      "NaN",
      "1,50",
      "$5",
      "5 CAD",
      "<p>&amp;lt;b&amp;gt;</p>",
      "a".repeat(5_000),
      [],
      [[]],
      {},
      { "@id": "" },
      { "@value": null },
      { "@list": [1, [2]] },
      { "@set": "x" },
      { "@type": "@json", "@value": { a: [] } },
      { "@language": "en-ca", "@value": "x" },
      { "@id": "_:x", name: "Blank" },
      { "@type": "Place" },
      { "@reverse": {} },
      { "@graph": [{}] },
      { "@index": "i", "@value": 1 },
      { "@direction": "rtl", "@value": "x" },
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
);
const mutation = fc.record({
  /** Which member, as a share of all there are. */
  where: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  how: fc.constantFrom("delete", "replace", "nest", "listen", "double", "rename", "swap"),
  value: hostile,
  key: fc.constantFrom(
    "name",
    "startDate",
    "location",
    "@type",
    "@id",
    "@value",
    "@list",
    "@graph",
    "@context",
    "schema:offers",
    "http://schema.org/url",
    "https://schema.org/geo",
    "x",
    "",
    "@unknown",
    "toString",
  ),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never;
type Holder = Record<string, unknown>;

/** Every member of every object and list below, with what holds it. */
function members(value: unknown, found: [Holder, string][] = []): [Holder, string][] {
  if (typeof value !== "object" || value === null) return found;
  for (const key of Object.keys(value)) {
    found.push([value as Holder, key]);
    members((value as Holder)[key], found);
  }
  return found;
}

function mutate(document: object, { where, how, value, key }: Mutation): void {
  const all = members(document);
  const [holder, name] = all[Math.floor(where * all.length)] ?? [document as Holder, "name"];
  const set = (member: string, to: unknown) =>
    Object.defineProperty(holder, member, { value: to, enumerable: true, configurable: true, writable: true });
  switch (how) {
    case "delete":
      return void (Array.isArray(holder) ? holder.splice(Number(name), 1) : delete holder[name]);
    case "replace":
      return void set(name, structuredClone(value));
    case "nest":
      return void set(name, { [key]: holder[name] });
    case "listen":
      return void set(name, [holder[name], structuredClone(value), holder[name]]);
    case "double":
      return void set(Array.isArray(holder) ? String(holder.length) : key, structuredClone(holder[name]));
    case "rename":
      return void (Array.isArray(holder) || (set(key, holder[name]), delete holder[name]));
    case "swap": {
      const [other, otherName] = all[(all.length * 7 + Math.floor(where * 1_000)) % all.length]!;
      const kept = structuredClone(other[otherName]);
      return void set(name, kept);
    }
  }
}

/** The document as text, its first member once more with another value. */
const doubled = (document: object, value: unknown): string => {
  const [first] = Object.keys(document);
  return first === undefined ? "{}" : `{${JSON.stringify(first)}:${JSON.stringify(value) ?? "null"},${JSON.stringify(document).slice(1)}`;
};

let opened: HostileWorld;
beforeAll(async () => {
  opened = await openWorld();
});
afterAll(() => opened[Symbol.asyncDispose]());

test(`${RUNS} mutated events: taken or refused, never a 5xx (FUZZ_SEED=${SEED})`, { timeout: 600_000 }, async () => {
  const { world, trap, node } = opened;
  const seen = new Map<number, number>();
  const sent: object[] = [];
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 5 }), fc.boolean(), hostile, async (mutations, twice, value) => {
      const document = structuredClone(FULL) as object;
      for (const one of mutations) mutate(document, one);
      sent.push(document);
      const answer = await send(world, submit(twice ? doubled(document, value) : document));
      seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
      const faults = faultsOf({ status: [200, 201, 202, ...ANY_REFUSAL] }, answer);
      expect(faults, faults.join("\n")).toEqual([]);
      if (answer.status >= 300) return;
      const { pathname } = new URL(answer.headers["location"]!);
      for (const accept of ["application/ld+json", "text/html", "text/turtle"]) {
        const shown = await send(world, { path: pathname, headers: { accept } });
        expect([accept, shown.status, shown.status === 200 ? "" : shown.body]).toEqual([accept, 200, ""]);
      }
    }),
    { seed: SEED, numRuns: RUNS, endOnFailure: true },
  );
  // It would prove little if all were taken, or none.
  expect([...seen.keys()].map((status) => (status < 300 ? 200 : status))).toEqual(expect.arrayContaining([200, 422]));

  // All of them once more, in batches: each is answered for itself.
  for (let from = 0; from < sent.length; from += 300) {
    const batch = { ...submit(sent.slice(from, from + 300)), path: "/api/v1/events:batch" };
    const taken = await send(world, batch);
    expect([taken.status, taken.body.slice(0, 300)]).toEqual([202, expect.anything()]);
    const { pathname } = new URL(taken.headers["location"]!);
    await vi.waitFor(
      async () => expect(JSON.parse((await send(world, { path: pathname })).body)).toMatchObject({ state: "done", counts: { waiting: 0 } }),
      { timeout: 120_000, interval: 250 },
    );
  }

  expect(trap.visits).toBe(0);
  expect(node.log().filter(({ level }) => level >= 50)).toEqual([]);
});
