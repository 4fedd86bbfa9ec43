import { describe, expect, test } from "vitest";
import { concertState } from "../../test/support/event-feeds.ts";
import type { EventState } from "../domain/state.ts";
import { expanded, type Candidate } from "./beyond-horizon.ts";

const WINDOW = { from: Date.parse("2035-01-01T00:00:00Z"), until: Date.parse("2036-01-01T00:00:00Z") };
const PAGE = { descending: false, limit: 2 };
const FILTERS = { states: [] };

/** So many daily series, of which the table has nothing in the window; `looks` tells which of them were expanded. */
function dailySeries(count: number) {
  const looks = new Set<number>();
  const series = Array.from({ length: count }, (_, n) => {
    const set = { dtstart: `2026-05-08T${String(23 - n).padStart(2, "0")}:00:00`, timezone: "UTC", rrule: "FREQ=DAILY" };
    const state: EventState = concertState({ name: `Daily ${n}` });
    const rule = { recurrence: [set] };
    Object.defineProperty(state, "series", { get: () => (looks.add(n), rule) });
    const candidate: Candidate = { id: state.id, key: `daily ${n}`, from: null, until: null, told: [], listed: false, venues: null };
    return { candidate, state };
  });
  return { looks, series };
}

describe("series that are expanded while a list is read", () => {
  test("others are served between two of them", async () => {
    let over = false;
    let turns = 0;
    const other = () => {
      turns += 1;
      if (!over) setImmediate(other);
    };
    setImmediate(other);
    await expanded(dailySeries(10).series, FILTERS, { ...PAGE, sort: "start" }, WINDOW);
    over = true;
    expect(turns).toBeGreaterThanOrEqual(9);
  });

  test("in an order that is none of time, no more of them than the page has, and one that tells of more", async () => {
    const { looks, series } = dailySeries(10);
    const found = await expanded(series, FILTERS, { ...PAGE, sort: "name" }, WINDOW);
    expect(found).toMatchObject({ rows: [{ key: "daily 0" }, { key: "daily 1" }, { key: "daily 2" }], isFull: true });
    expect([...looks]).toEqual([0, 1, 2]);
  });

  test("by time, the earliest of all, or the latest, whichever is expanded first", async () => {
    const starts = async (page: { descending: boolean; per?: "occurrence" }) =>
      (await expanded(dailySeries(5).series, FILTERS, { limit: 2, sort: "start", ...page }, WINDOW)).rows.map(({ key }) =>
        key.slice(0, 13),
      );
    expect(await starts({ descending: false })).toEqual(["2035-01-01T19", "2035-01-01T20", "2035-01-01T21"]);
    expect(await starts({ descending: true })).toEqual(["2035-12-31T23", "2035-12-31T22", "2035-12-31T21"]);
    expect(await starts({ descending: false, per: "occurrence" })).toEqual(["2035-01-01T19", "2035-01-01T20", "2035-01-01T21"]);
  });

  test("and none that stands in the table before its rule could matter", async () => {
    const { looks, series } = dailySeries(3);
    const listed = series.map(({ candidate, state }) => ({
      state,
      candidate: { ...candidate, listed: true, from: 0, until: WINDOW.from },
    }));
    expect(await expanded(listed, FILTERS, { ...PAGE, sort: "start" }, WINDOW)).toMatchObject({ rows: [], instead: [] });
    expect(looks.size).toBe(0);
    // From the end of the table's time on backwards, it stands behind it.
    const backwards = await expanded(listed, FILTERS, { ...PAGE, sort: "start", descending: true }, WINDOW);
    expect(backwards.instead).toEqual(series.map(({ state }) => state.id));
  });
});
