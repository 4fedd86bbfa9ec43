/** Every series that can be kept is written as linked data from which the same series is read again. */
import canonicalize from "canonicalize";
import fc from "fast-check";
import { expect, test } from "vitest";
import { instancesOf, localOf } from "../../src/domain/recurrence/expand.ts";
import { occurrencesOfState } from "../../src/domain/recurrence/of-state.ts";
import { readSet } from "../../src/domain/recurrence/read-set.ts";
import type { PlacedSet } from "../../src/domain/recurrence/series.ts";
import type { EventState, OverrideState } from "../../src/domain/state.ts";
import { EVENT_TYPES } from "../../src/domain/vocabulary.ts";
import { decodeEvent } from "../../src/jsonld/decode.ts";
import { encodeEntity } from "../../src/jsonld/encode.ts";
import { instantOf, withOffset } from "../../src/jsonld/wall-clock.ts";
import { strictTriples } from "../support/linked-data.ts";
import { BASE, createStates } from "../support/states.ts";

const options = { base: BASE };
const ZONES = ["America/Toronto", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "America/Sao_Paulo", "Asia/Tehran", "UTC"];
const DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

const two = (number: number) => String(number).padStart(2, "0");
const date = fc
  .tuple(fc.integer({ min: 2015, max: 2035 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(([y, m, d]) => `${y}-${two(m)}-${two(d)}`);
/** Often in the hours that clocks skip or have twice. */
const clock = fc
  .tuple(fc.constantFrom(0, 1, 2, 3, 7, 19, 23), fc.constantFrom(0, 30, 59), fc.constantFrom(0, 0, 0, 15))
  .map((parts) => parts.map(two).join(":"));
const list = (values: fc.Arbitrary<string | number>) => fc.uniqueArray(values, { minLength: 1, maxLength: 3 }).map((all) => all.join(","));
const seldom = (text: fc.Arbitrary<string>) => fc.oneof({ weight: 3, arbitrary: fc.constant("") }, { weight: 1, arbitrary: text });
const maybe = (part: string, values: fc.Arbitrary<string | number>) => seldom(values.map((value) => `;${part}=${value}`));
const day = fc.constantFrom(...DAYS);
const numberedDay = fc
  .tuple(
    fc.integer({ min: -2, max: 5 }).filter((nth) => nth !== 0),
    day,
  )
  .map(([nth, name]) => `${nth}${name}`);

/** Rules of all kinds; most are said in schema.org's words alone. What the domain refuses is left out below. */
const rule = fc
  .tuple(
    fc.constantFrom("DAILY", "WEEKLY", "MONTHLY", "YEARLY"),
    maybe("INTERVAL", fc.integer({ min: 1, max: 4 })),
    maybe("BYMONTH", list(fc.integer({ min: 1, max: 12 }))),
    maybe("BYMONTHDAY", list(fc.constantFrom(-31, -1, 1, 13, 31))),
    fc.oneof(maybe("BYDAY", list(day)), maybe("BYDAY", list(numberedDay))),
    seldom(fc.constantFrom(";BYSETPOS=-1", ";BYWEEKNO=20", ";BYYEARDAY=-1", ";BYHOUR=9,17", ";BYMINUTE=0,30", ";WKST=SU")),
    fc.oneof(
      fc.constant(""),
      fc.integer({ min: 1, max: 40 }).map((count) => `;COUNT=${count}`),
      fc.tuple(date, clock).map(([until, at]) => `;UNTIL=${until.replaceAll("-", "")}T${at.replaceAll(":", "")}`),
      date.map((until) => `;UNTIL=${until.replaceAll("-", "")}T235959`),
    ),
  )
  .map(([freq, ...parts]) => `FREQ=${freq}${parts.join("")}`);

const set = fc
  .record({
    dtstart: fc.tuple(date, clock).map(([on, at]) => `${on}T${at}`),
    timezone: fc.constantFrom(...ZONES),
    duration: fc.option(fc.constantFrom("PT2H", "PT45M", "P1D", "P1DT2H", "P2W"), { nil: undefined }),
    rrule: fc.option(rule, { nil: undefined, freq: 8 }),
    rdate: fc.option(
      fc.array(
        fc.tuple(date, clock, fc.constantFrom("", "/PT1H")).map(([on, at, lasts]) => `${on}T${at}${lasts}`),
        { minLength: 1, maxLength: 3 },
      ),
      { nil: undefined },
    ),
    exdate: fc.option(
      fc.array(
        fc.oneof(
          date,
          fc.tuple(date, clock).map(([on, at]) => `${on}T${at}`),
        ),
        { minLength: 1, maxLength: 3 },
      ),
      { nil: undefined },
    ),
    allDay: fc.boolean(),
  })
  .map(({ allDay, duration, ...given }): PlacedSet[] => {
    const dated = (text: string) => (allDay ? text.slice(0, 10) : text);
    const whole = Object.fromEntries(
      Object.entries({
        ...given,
        duration: allDay ? (duration === undefined ? undefined : "P3D") : duration,
        dtstart: dated(given.dtstart),
        rrule: allDay ? given.rrule?.replace(/(UNTIL=\d{8})T\d{6}/, "$1") : given.rrule,
        rdate: given.rdate?.map(dated),
        exdate: given.exdate?.map(dated),
      }).filter(([, value]) => value !== undefined),
    );
    // A set that is one date has a spelling of its own for that.
    if (given.rrule === undefined) whole["rdate"] = (whole["rdate"] as string[] | undefined)?.filter((text) => text !== whole["dtstart"]);
    const read = readSet(whole as PlacedSet);
    return "set" in read ? [read.set as PlacedSet] : [];
  })
  .filter((sets) => sets.length === 1 && instancesOf(sets, { from: 0, until: 4e12, limit: 1 }).instances.length === 1)
  .map(([only]) => only!);

/** What an occurrence may have of its own; each differs from the series. */
const own = fc.record(
  {
    name: fc.constant("Another name"),
    eventStatus: fc.constantFrom("EventCancelled" as const, "EventPostponed" as const),
    url: fc.constant("https://lantern.example/once"),
    offers: fc.constant([{ price: "5", priceCurrency: "CAD" }]),
    virtualUrl: fc.constant("https://live.example/once"),
    movedBy: fc.constantFrom(1, 26, -3),
  },
  { requiredKeys: [] },
);

const states = createStates();
function stateOf(recurrence: PlacedSet[], overrides: OverrideState[], type: EventState["type"]): EventState {
  const { timezone } = recurrence[0]!;
  const single = states.event({
    identifiers: [],
    fields: { type, name: "Lantern Night", startDate: "2026-05-01", location: { name: "The Rex" } },
  });
  const series = { recurrence, ...(overrides.length > 0 && { overrides }) };
  const first = occurrencesOfState({ ...single, series: { recurrence } }, { from: -4e12, until: 4e12, limit: 1 }).occurrences[0]!;
  return { ...single, startDate: first.startDate, allDay: first.allDay, timezone, series };
}

function overridesOf(sets: PlacedSet[], owns: { movedBy?: number }[]): OverrideState[] {
  const { instances } = instancesOf(sets, { from: 0, until: 4e12, limit: owns.length });
  return instances.flatMap(({ recurrenceId, startAt, isDate, timezone }, index) => {
    const { movedBy, ...rest } = owns[index]!;
    const local = localOf(recurrenceId);
    const moved = new Date(Date.parse(isDate ? local : `${local}Z`) + (movedBy ?? 0) * (isDate ? 86_400_000 : 3_600_000)).toISOString();
    const startDate = isDate ? moved.slice(0, 10) : withOffset(moved.slice(0, 19), timezone);
    // An hour after a skipped one is the same instant.
    const isMoved = instantOf(startDate, timezone) !== startAt;
    const override = {
      ...rest,
      ...(movedBy !== undefined && isMoved && (isDate || startDate.length > 19) && { startDate }),
    };
    return Object.keys(override).length === 0 ? [] : [{ recurrenceId, ...override } as OverrideState];
  });
}

test("sets are read again as they were, in whole triples and canonical bytes", async () => {
  let inWords = 0;
  let ruled = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(set, { minLength: 1, maxLength: 3 }), fc.constantFrom(...EVENT_TYPES), async (sets, type) => {
      const document = encodeEntity(stateOf(sets, [], type), options);
      const { fields } = await decodeEvent(document, options);
      expect(fields.recurrence).toEqual(sets);
      expect(fields).not.toHaveProperty("overrides");
      expect(fields).not.toHaveProperty("eventSchedule");
      expect(fields.type).toBe(type === "Event" ? "EventSeries" : type);
      expect(JSON.stringify(document)).toBe(canonicalize(document));
      expect((await strictTriples(document, BASE)).length).toBeGreaterThan(8);
      for (const schedule of [document["eventSchedule"]].flat() as Record<string, unknown>[]) {
        // Those of days say it twice, so that they are never read at another set's time.
        if (!("repeatFrequency" in schedule && "startTime" in schedule)) continue;
        ruled += 1;
        if (!("sel:rrule" in schedule)) inWords += 1;
      }
    }),
    { numRuns: 250 },
  );
  // Most rules need no words of ours.
  expect(inWords / ruled).toBeGreaterThan(0.5);
});

test("exceptions are read again as they were, with and without a window of plain occurrences beside them", async () => {
  await fc.assert(
    fc.asyncProperty(set, fc.array(own, { minLength: 1, maxLength: 4 }), fc.boolean(), async (one, owns, shown) => {
      const overrides = overridesOf([one], owns);
      const state = stateOf([one], overrides, "MusicEvent");
      const document = encodeEntity(state, { ...options, ...(shown && { window: { from: 1.4e12, limit: 5 } }) });
      const { fields } = await decodeEvent(document, options);
      expect(fields.recurrence).toEqual([one]);
      const expected = overrides.map(({ recurrenceId, virtualUrl, ...rest }) => [
        recurrenceId,
        { ...rest, ...(virtualUrl !== undefined && { virtualLocation: { url: virtualUrl } }) },
      ]);
      // At UTC both spellings of the offset are one.
      const spelt = (value: object): unknown => JSON.parse(JSON.stringify(value).replaceAll("+00:00", "Z"));
      expect(spelt(fields.overrides ?? {})).toEqual(spelt(Object.fromEntries(expected)));
    }),
    { numRuns: 250 },
  );
});
