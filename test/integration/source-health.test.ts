/** Visits are added up and let go, and a source that does not as it used to is told of until it is itself again. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { closeReviews, listReviews, openReviews, type ReviewItem } from "../../src/db/reviews.ts";
import { listRollups, listVisits } from "../../src/db/source-health.ts";
import { DAY, HOUR } from "../../src/domain/tally.ts";
import { checkHealth, forgetOldVisits, keepHealth, readSourceHealth, rollUpVisits } from "../../src/registry/source-health.ts";
import { openTestRegistry, type TestRegistry } from "../support/registry.ts";
import { visit, visitedSource, type Visit } from "../support/visits.ts";

let node: TestRegistry;
beforeEach(async () => void (node = await openTestRegistry()));
afterEach(() => node[Symbol.asyncDispose]());

/** So long before the test's now, which is noon of 1 March 2026. */
const ago = (milliseconds: number) => new Date(node.registry.clock().getTime() - milliseconds);
const at = (text: string) => new Date(text);
const rollups = (sourceId: string, period: "hour" | "day") =>
  node.registry.database.read((on) => listRollups(on, sourceId, period, new Date(0)));
const open = (): Promise<ReviewItem[]> => node.registry.database.read((on) => listReviews(on, { state: "open", limit: 100 }));
const closed = (): Promise<ReviewItem[]> => node.registry.database.read((on) => listReviews(on, { state: "resolved", limit: 100 }));
/** One good visit on each of so many days, until yesterday. */
const goodDays = (days: number): Visit[] =>
  Array.from({ length: days }, (_, index) => ({ at: ago((days - index) * DAY), found: 40, created: 1, updated: 1, unchanged: 38 }));
const check = async (): Promise<{ alarms: number; cleared: number }> => {
  await rollUpVisits(node.registry);
  return checkHealth(node.registry);
};

describe("roll-ups", () => {
  test("add up by hour and day of UTC what ended visits brought", async () => {
    const source = await visitedSource(node.registry, "Opera");
    await visit(node.registry, source, [
      { at: at("2026-02-27T23:59:59Z"), found: 10, created: 10 },
      // Begun on the day before.
      { at: at("2026-02-28T00:00:30Z"), found: 10, created: 1, updated: 2, unchanged: 6, rejected: 1, missing: 3 },
      { at: at("2026-02-28T00:50:00Z"), outcome: "unchanged" },
      { at: at("2026-02-28T05:00:00Z"), outcome: "failed" },
      { at: at("2026-02-28T06:00:00Z"), outcome: "disallowed" },
      { at: at("2026-02-28T07:00:00Z"), outcome: "postponed" },
      { at: at("2026-02-28T08:00:00Z"), outcome: "suspicious", missing: 7 },
      { at: at("2026-02-28T08:30:00Z"), outcome: "suspicious", asBefore: true, missing: 7 },
      { at: at("2026-02-28T09:00:00Z"), outcome: null },
    ]);
    expect(await rollUpVisits(node.registry)).toEqual({ hours: 6, days: 2 });
    const [day, dayBefore] = await rollups(source, "day");
    expect(dayBefore).toMatchObject({ startsAt: at("2026-02-27T00:00:00Z"), visits: 1, found: 10, created: 10 });
    expect(day).toEqual({
      startsAt: at("2026-02-28T00:00:00Z"),
      visits: 7,
      failures: 3,
      readings: 2,
      found: 10,
      created: 1,
      updated: 2,
      unchanged: 6,
      rejected: 1,
      missing: 17,
    });
    const hours = await rollups(source, "hour");
    expect(hours.at(-2)).toMatchObject({ startsAt: at("2026-02-28T00:00:00Z"), visits: 2, failures: 0, readings: 1, found: 10 });
  });

  test("are made anew without counting anything twice, and take in what ended since", async () => {
    const [one, other] = [await visitedSource(node.registry, "Opera"), await visitedSource(node.registry, "Zoo")];
    await visit(node.registry, one, goodDays(3));
    await visit(node.registry, other, goodDays(20));
    expect(await rollUpVisits(node.registry)).toEqual({ hours: 23, days: 23 });
    const before = [await rollups(one, "day"), await rollups(other, "day"), await rollups(one, "hour")];
    expect(await rollUpVisits(node.registry)).toEqual({ hours: 0, days: 0 });
    expect([await rollups(one, "day"), await rollups(other, "day"), await rollups(one, "hour")]).toEqual(before);

    await visit(node.registry, one, [{ at: ago(30 * 60_000), found: 5 }]);
    expect(await rollUpVisits(node.registry)).toEqual({ hours: 1, days: 1 });
    await visit(node.registry, one, [{ at: ago(29 * 60_000), found: 6 }]);
    expect(await rollUpVisits(node.registry)).toEqual({ hours: 1, days: 1 });
    expect((await rollups(one, "hour"))[0]).toMatchObject({ visits: 2, found: 11 });
  });

  test("miss nothing when the job has not run for days", async () => {
    const source = await visitedSource(node.registry, "Opera");
    await visit(node.registry, source, [{ at: ago(0), found: 1 }]);
    await rollUpVisits(node.registry);
    await visit(node.registry, source, [
      { at: ago(-20 * 60_000), found: 2 },
      { at: ago(-DAY), found: 4 },
      { at: ago(-2 * DAY), found: 8 },
    ]);
    node.later(10 * DAY);
    await rollUpVisits(node.registry);
    expect((await rollups(source, "day")).map(({ found }) => found)).toEqual([8, 4, 3]);
  });
});

describe("what is old", () => {
  test("is let go: visits after 30 days, hours after 90, days after three years; of each source its last reading stays", async () => {
    const [opera, zoo] = [await visitedSource(node.registry, "Opera"), await visitedSource(node.registry, "Zoo")];
    const about = [3.1 * 365, 3 * 365 - 1, 91, 89, 31, 29].map((days) => ({ at: ago(days * DAY), found: Math.floor(days) }));
    await visit(node.registry, opera, about);
    await visit(node.registry, zoo, [
      { at: ago(200 * DAY), found: 1 },
      { at: ago(199 * DAY), found: 2 },
      { at: ago(198 * DAY), outcome: "unchanged" },
      { at: ago(197 * DAY), outcome: null },
    ]);
    await rollUpVisits(node.registry);
    expect(await forgetOldVisits(node.registry)).toEqual({ visits: 5 + 3, hours: 3 + 3, days: 1 });
    const left = async (id: string) => (await node.registry.database.read((on) => listVisits(on, id, 20))).map(({ found }) => found);
    expect(await left(opera)).toEqual([29]);
    expect(await left(zoo)).toEqual([2]);
    expect((await rollups(opera, "hour")).map(({ found }) => found)).toEqual([29, 31, 89]);
    expect((await rollups(opera, "day")).map(({ found }) => found)).toEqual([29, 31, 89, 91, 1094]);

    expect(await forgetOldVisits(node.registry)).toEqual({ visits: 0, hours: 0, days: 0 });
    // Nor does a roll-up of what is left undo the days whose visits are gone.
    expect(await rollUpVisits(node.registry)).toEqual({ hours: 0, days: 0 });
  });
});

describe("a source that", () => {
  test("does as ever raises nothing, however long it is watched", async () => {
    await visit(node.registry, await visitedSource(node.registry, "Opera"), goodDays(60));
    expect(await check()).toEqual({ alarms: 0, cleared: 0 });
    expect(await open()).toEqual([]);
  });

  test("falls silent is told of once, in words and numbers, and no longer when it speaks again", async () => {
    const source = await visitedSource(node.registry, "Opera");
    await visit(node.registry, source, goodDays(60));
    for (let day = 0; day < 12; day++) {
      await visit(node.registry, source, [{ at: ago(0), outcome: "unchanged" }]);
      await keepHealth(node.registry);
      node.later(DAY);
    }
    const [item, ...more] = await open();
    expect(more).toEqual([]);
    expect(item).toMatchObject({
      kind: "silent",
      topic: `silent ${source}`,
      sourceId: source,
      details: {
        state: "silent",
        source: "Opera",
        since: "2026-02-28T12:00:00.000Z",
        expected: "something new every 1 day, at the latest after 8 days",
        actual: "nothing new for 12 days",
        numbers: { expected: { gapDays: 1, silentAfterDays: 8 }, actual: { quietDays: 12 } },
      },
    });

    await visit(node.registry, source, [{ at: ago(0), found: 41, created: 1, unchanged: 40 }]);
    expect(await check()).toEqual({ alarms: 0, cleared: 1 });
    expect(await closed()).toMatchObject([{ id: item!.id, resolution: "recovered", decidedBy: "job:check-health" }]);
  });

  test("does not answer is told of as silent that fails; only the visit that is answered ends it", async () => {
    const source = await visitedSource(node.registry, "Opera");
    await visit(node.registry, source, goodDays(20));
    const failed = (hours: number): Visit => ({
      at: ago(hours * HOUR),
      outcome: "failed",
      httpStatus: 500,
      trouble: "The answer was 500.",
    });
    await visit(node.registry, source, [failed(13), failed(7)]);
    expect(await check()).toEqual({ alarms: 0, cleared: 0 });
    await visit(node.registry, source, [failed(1)]);
    expect(await check()).toEqual({ alarms: 1, cleared: 0 });
    expect(await open()).toMatchObject([{ kind: "silent", details: { state: "failing", actual: "3 visits in a row without one" } }]);
    expect(await check()).toEqual({ alarms: 0, cleared: 0 });
    node.later();
    await visit(node.registry, source, [{ at: ago(0), outcome: "unchanged" }]);
    expect(await check()).toEqual({ alarms: 0, cleared: 1 });
  });

  test("is empty or unreadable is told of as that, beside a healthy one of which nothing is said", async () => {
    const [dropped, broken, healthy] = await Promise.all(["Opera", "Zoo", "Museum"].map((name) => visitedSource(node.registry, name)));
    for (const source of [dropped, broken, healthy]) await visit(node.registry, source!, goodDays(20));
    await visit(node.registry, dropped!, [{ at: ago(2 * HOUR), outcome: "suspicious", missing: 40 }, { at: ago(HOUR) }]);
    await visit(node.registry, broken!, [{ at: ago(HOUR), found: 40, rejected: 30, unchanged: 10 }]);
    expect(await check()).toEqual({ alarms: 2, cleared: 0 });
    const [empty, rejects] = (await open()).toSorted((a, b) => (a.kind < b.kind ? -1 : 1));
    expect(empty).toMatchObject({ topic: `empty ${dropped}`, details: { expected: "about 40 events a visit", actual: "0 events" } });
    expect(rejects).toMatchObject({
      kind: "rejects",
      topic: `rejects ${broken}`,
      details: { state: "rejecting", actual: "75 % of 40 events" },
    });
  });

  test("went empty in the middle of a day and answers 'as before' since stays empty, also when its visits are forgotten", async () => {
    const source = await visitedSource(node.registry, "Opera");
    await visit(node.registry, source, goodDays(20));
    await visit(node.registry, source, [{ at: ago(HOUR) }, { at: ago(0), outcome: "suspicious", asBefore: true, missing: 40 }]);
    expect(await check()).toEqual({ alarms: 1, cleared: 0 });
    for (let day = 0; day < 40; day++) {
      node.later(DAY);
      await visit(node.registry, source, [{ at: ago(0), outcome: "unchanged" }]);
      await keepHealth(node.registry);
    }
    expect((await open()).map(({ kind }) => kind).toSorted()).toEqual(["empty", "silent"]);
  });
});

describe("a person's word", () => {
  const dismiss = (topic: string) =>
    node.registry.database.transact((tx) =>
      closeReviews(
        tx,
        [topic],
        { state: "dismissed", resolution: "seen", decidedBy: "admin", reason: "Closed in summer." },
        node.registry.clock(),
      ),
    );

  test("stands while the same trouble lasts; the next one is told again", async () => {
    const source = await visitedSource(node.registry, "Opera");
    await visit(node.registry, source, goodDays(20));
    const empty = async (days: number) => {
      for (let day = 0; day < days; day++) {
        node.later(DAY);
        await visit(node.registry, source, [{ at: ago(0) }]);
        await check();
      }
    };
    const full = async () => {
      node.later(DAY);
      await visit(node.registry, source, [{ at: ago(0), found: 40, created: 40 }]);
      await check();
    };
    await empty(4);
    expect(await dismiss(`empty ${source}`)).toBe(1);
    await empty(3);
    expect((await open()).filter(({ kind }) => kind === "empty")).toEqual([]);
    await full();
    await full();
    // Longer than last time, from which it came back.
    await empty(12);
    expect((await open()).map(({ kind }) => kind)).toContain("empty");
  });

  test("about a failure says nothing about the silence that follows", async () => {
    const source = await visitedSource(node.registry, "Opera");
    await visit(node.registry, source, goodDays(20));
    for (const outcome of [...Array(4).fill("failed"), ...Array(12).fill("unchanged")] as ("failed" | "unchanged")[]) {
      node.later(DAY);
      await visit(node.registry, source, [{ at: ago(0), outcome }]);
      await check();
      await (outcome === "failed" ? dismiss(`silent ${source}`) : undefined);
    }
    expect(await open()).toMatchObject([{ kind: "silent", details: { state: "silent" } }]);
  });
});

test("an item that the guard of a visit has opened is neither changed nor closed here", async () => {
  const source = await visitedSource(node.registry, "Opera");
  await visit(node.registry, source, goodDays(20));
  const guarded = {
    id: node.registry.mint(0),
    kind: "empty",
    topic: `empty ${source}`,
    sourceId: source,
    details: { guard: true, missing: 40 },
  } as const;
  await node.registry.database.transact((tx) => openReviews(tx, [guarded], node.registry.clock()));
  expect(await check()).toEqual({ alarms: 0, cleared: 0 });
  await visit(node.registry, source, [
    { at: ago(2 * HOUR), outcome: "suspicious" },
    { at: ago(HOUR), outcome: "suspicious" },
  ]);
  expect(await check()).toEqual({ alarms: 0, cleared: 0 });
  expect(await open()).toMatchObject([{ id: guarded.id, details: { guard: true, missing: 40 } }]);
});

test.each([
  ["switched off", "update source_harvests set enabled = false"],
  ["withdrawn", "update sources set withdrawn_at = now(), withdrawn_reason = 'asked to'"],
  ["no longer visited", "delete from source_harvests"],
])("a source that is %s has no rhythm to keep", async (_, change) => {
  const source = await visitedSource(node.registry, "Opera");
  await visit(node.registry, source, goodDays(20));
  await visit(node.registry, source, [{ at: ago(2 * HOUR) }, { at: ago(HOUR) }]);
  expect(await check()).toEqual({ alarms: 1, cleared: 0 });
  await node.registry.database.jobs.executeSql(change);
  expect(await check()).toEqual({ alarms: 0, cleared: 1 });
  expect(await closed()).toMatchObject([{ resolution: "not visited" }]);
});

test("more sources than are judged at a time are all judged", async () => {
  for (let number = 0; number < 120; number++) {
    const source = await visitedSource(node.registry, `Source ${number}`);
    await visit(
      node.registry,
      source,
      [1, 2, 3].map((hours) => ({ at: ago(7 * hours * HOUR), outcome: "failed" })),
    );
  }
  expect(await check()).toEqual({ alarms: 120, cleared: 0 });
});

test("a source of which nothing is known is told apart from one that is not there", async () => {
  const { database, clock } = node.registry;
  await node.source("City calendar");
  const read = (name: string) => database.read((on) => readSourceHealth(on, name, clock()));
  expect(await read("City calendar")).toMatchObject({ judgement: { state: "learning" }, visits: [], hours: [], days: [], reviews: [] });
  await expect(read("Nobody")).rejects.toThrow("There is no source named Nobody.");
});
