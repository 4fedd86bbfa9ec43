/** From what was decoded to what can be decided upon: times placed, identity keyed. */
import { describe, expect, test } from "vitest";
import { RegistryError } from "../domain/errors.ts";
import type { EventFields, EventSubmission } from "../domain/submission.ts";
import { hashOf, prepare, problemOf, rekeyed, zoneAt, type ZoneRules } from "./prepare.ts";

const BASE = "https://node.example";
const toronto = { name: "The Rex", geo: { latitude: 43.6505, longitude: -79.3886 } };
const submission = (fields: Partial<EventFields> = {}, more: Partial<EventSubmission> = {}): EventSubmission => ({
  identifiers: [],
  fields: { type: "Event", name: "Jazz", startDate: "2026-05-08T21:00:00", ...fields },
  ...more,
});
const received = { payload: Buffer.from("{}"), mediaType: "application/ld+json" };
const prepared = (one: EventSubmission, rules: ZoneRules = {}) => prepare(one, received, rules, BASE);
const startOf = (fields: Partial<EventFields>, rules?: ZoneRules) => prepared(submission(fields), rules).submission.fields.startDate;

function faultsOf(work: () => unknown) {
  try {
    work();
    return [];
  } catch (error) {
    return error instanceof RegistryError ? error.errors : Promise.reject(error);
  }
}

describe("a local time is placed", () => {
  test("in the zone that the event declares, before the place's, the source's, the node's", () => {
    const declared = { eventSchedule: [{ scheduleTimezone: "Europe/Paris" }], location: toronto };
    const rules = { sourceTimezone: "Asia/Tokyo", defaultTimezone: "Europe/London" };
    expect(startOf(declared, rules)).toBe("2026-05-08T19:00:00Z[Europe/Paris]");
    expect(startOf({ location: toronto }, rules)).toBe("2026-05-09T01:00:00Z[America/Toronto]");
    expect(startOf({}, rules)).toBe("2026-05-08T12:00:00Z[Asia/Tokyo]");
    expect(startOf({}, { defaultTimezone: "Europe/London" })).toBe("2026-05-08T20:00:00Z[Europe/London]");
  });

  test("a declared zone that is none is passed over", () => {
    expect(startOf({ eventSchedule: [{ scheduleTimezone: "Paris" }], location: toronto })).toBe("2026-05-09T01:00:00Z[America/Toronto]");
  });

  test("where nobody knows the zone, every such field is named, with what would help", () => {
    const faults = faultsOf(() =>
      prepared(
        submission({ endDate: "2026-05-08T23:00:00", doorTime: "2026-05-08T20:00:00Z", subEvent: [{ startDate: "2026-05-08T21:00:00" }] }),
      ),
    );
    expect(faults).toMatchObject([{ pointer: "/startDate" }, { pointer: "/endDate" }, { pointer: "/subEvent/0/startDate" }]);
    expect(JSON.stringify(faults)).toContain("timezone");
  });

  test("with an offset and no zone it keeps its local time", () => {
    expect(startOf({ startDate: "2026-05-08T21:00:00+02:00" })).toBe("2026-05-08T19:00:00Z[Etc/GMT-2]");
  });

  test("one that names its zone is read in it, and shown in the place's where that is known", () => {
    const rules = { sourceTimezone: "Asia/Tokyo" };
    expect(startOf({ startDate: "2026-05-08T21:00:00[Europe/Paris]" }, rules)).toBe("2026-05-08T19:00:00Z[Europe/Paris]");
    expect(startOf({ startDate: "2026-05-08T19:00:00Z[Europe/Paris]" }, rules)).toBe("2026-05-08T19:00:00Z[Europe/Paris]");
    expect(startOf({ startDate: "2026-05-08T21:00:00[Europe/Paris]", location: toronto }, rules)).toBe(
      "2026-05-08T19:00:00Z[America/Toronto]",
    );
  });

  test("a date needs no zone", () => {
    expect(startOf({ startDate: "2026-05-08" })).toBe("2026-05-08");
  });
});

test("an end before its start is refused by name, in a sub-event too; an equal end is fine", () => {
  expect(faultsOf(() => prepared(submission({ endDate: "2026-05-08T20:00:00", location: toronto })))).toMatchObject([
    { pointer: "/endDate" },
  ]);
  expect(
    faultsOf(() =>
      prepared(
        submission({ location: toronto, subEvent: [{ startDate: "2026-05-08" }, { startDate: "2026-05-09", endDate: "2026-05-08" }] }),
      ),
    ),
  ).toMatchObject([{ pointer: "/subEvent/1/endDate" }]);
  expect(faultsOf(() => prepared(submission({ endDate: "2026-05-08T21:00:00", location: toronto })))).toEqual([]);
});

describe("the source's own id", () => {
  const keyed = (more: Partial<EventSubmission>) => prepared(submission({ startDate: "2026-05-08" }, more));

  test("is the @id, else the first identifier", () => {
    expect(keyed({ id: "https://rex.example/e/1", identifiers: ["7"] })).toMatchObject({
      recordKey: "https://rex.example/e/1",
      recordUri: "https://rex.example/e/1",
      ownEventId: undefined,
    });
    expect(keyed({ identifiers: ["7", "8"] })).toMatchObject({ recordKey: "7", recordUri: undefined });
    expect(keyed({}).recordKey).toBeUndefined();
  });

  test("our own @id names our event and is not taken for the source's", () => {
    const own = keyed({ id: `${BASE}/events/01HXQHWPG0E000000000000000`, identifiers: ["7"] });
    expect(own).toMatchObject({ recordKey: "7", recordUri: undefined });
    expect(own.ownEventId).toMatch(/^[0-9a-f-]{36}$/);
    expect(keyed({ id: `${BASE}/places/01HXQHWPG0E000000000000000` }).ownEventId).toBeUndefined();
  });
});

test("the same bytes prepare to the same thing, and what was kept is keyed again alike", () => {
  const once = prepared(submission({ location: toronto }, { identifiers: ["7"] }));
  expect(prepared(submission({ location: toronto }, { identifiers: ["7"] }))).toEqual(once);
  expect(rekeyed(once, BASE)).toEqual(once);
  expect(once.payloadHash).toBe(hashOf(received.payload));
});

test("the zone of a point; none without a point", () => {
  expect(zoneAt(toronto)).toBe("America/Toronto");
  expect(zoneAt({ name: "Somewhere" })).toBeUndefined();
  expect(zoneAt(undefined)).toBeUndefined();
});

test("an item's own fault becomes its problem; a fault of ours goes on up", () => {
  expect(problemOf(new RegistryError("invalid_body", { detail: "no" }))).toMatchObject({ status: 422, detail: "no" });
  expect(() => problemOf(new RegistryError("unavailable", { detail: "down" }))).toThrow("down");
  expect(() => problemOf(new TypeError("a bug"))).toThrow("a bug");
});
