/** Written vectors: what the clocks of difficult zones make of rules. The instants were held against Python's zoneinfo, too. */
import { describe, expect, test } from "vitest";
import golden from "../../../test/fixtures/recurrence/golden.json" with { type: "json" };
import { instancesOf } from "./expand.ts";
import type { Instance, PlacedSet } from "./instance.ts";

interface Vector {
  name: string;
  sets: PlacedSet[];
  from: string;
  until: string;
  limit: number;
  instances: { recurrenceId: string; start: string; end?: string }[];
  more?: boolean;
}

const iso = (instant: number) => new Date(instant).toISOString().replace(".000Z", "Z");
const shown = ({ recurrenceId, startAt, endAt }: Instance) => ({
  recurrenceId,
  start: iso(startAt),
  ...(endAt !== undefined && { end: iso(endAt) }),
});

describe("golden vectors", () => {
  test.for(golden as Vector[])("$name", ({ sets, from, until, limit, instances, more = false }) => {
    const got = instancesOf(sets, { from: Date.parse(from), until: Date.parse(until), limit });
    expect(got.instances.map(shown)).toEqual(instances);
    expect(got.more).toBe(more);
  });

  test("are of the zones that are difficult", () => {
    const zones = new Set((golden as Vector[]).flatMap(({ sets }) => sets.map(({ timezone }) => timezone)));
    for (const zone of [
      "America/Toronto",
      "Europe/Berlin",
      "Australia/Lord_Howe",
      "Africa/Casablanca",
      "Pacific/Apia",
      "America/Sao_Paulo",
      "Asia/Tehran",
      "Pacific/Kiritimati",
    ]) {
      expect(zones, zone).toContain(zone);
    }
  });
});
