import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSaidTime } from "./said-time.ts";

const at = (text: string) => ({ at: Date.parse(text) });

describe("when an origin says that it said something", () => {
  it.each([
    ["2026-05-01T10:00:00Z", "2026-05-01T10:00:00Z"],
    ["2026-05-01t10:00:00z", "2026-05-01T10:00:00Z"],
    ["2026-05-01T12:00:00+02:00", "2026-05-01T10:00:00Z"],
    ["2026-04-30T20:30:00-13:30", "2026-05-01T10:00:00Z"],
    ["2026-05-01T12:00+0200", "2026-05-01T10:00:00Z"],
    ["2026-05-01T10:00:00.2859999Z", "2026-05-01T10:00:00.285Z"],
    ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"],
    ["2026-05-01", "2026-05-01T00:00:00Z"],
    ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"],
    ["0000-01-01T00:00:00Z", "1970-01-01T00:00:00Z"],
    ["1969-12-31", "1970-01-01T00:00:00Z"],
  ])("%s counts as %s", (said, as) => expect(readSaidTime(said)).toEqual(at(as)));

  it("is one value, however JSON-LD writes it", () => {
    const text = "2026-11-19T10:00:00Z";
    const typed = { "@value": text, "@type": "http://www.w3.org/2001/XMLSchema#dateTime" };
    for (const said of [text, typed, [text], [typed]]) expect(readSaidTime(said)).toEqual(at(text));
  });

  it("is not said only where it is absent", () => expect(readSaidTime(undefined)).toBeUndefined());

  it.each([
    ["yesterday"],
    [""],
    ["2026"],
    ["2026-02-30"],
    ["2026-02-30T10:00:00Z"],
    ["2026-05-01T24:00:00Z"],
    ["2026-05-01T10:00:60Z"],
    ["2026-05-01T10:60:00Z"],
    ["2026-05-01T10:00:00+24:00"],
    // A local time may be any of two days.
    ["2026-05-01T10:00:00"],
    [" 2026-05-01T10:00:00Z"],
    [null],
    [0],
    [1_777_629_600_000],
    [true],
    [[]],
    [["2026-05-01", "2026-05-02"]],
    [{ "@value": 5 }],
    [{ "@id": "2026-05-01" }],
    [{ "@list": ["2026-05-01"] }],
  ])("%j is refused: what was expected, and what was found", (said) => {
    expect(readSaidTime(said)).toEqual({ fault: expect.stringMatching(/^expected a date-time with an offset .*, or a date, found /) });
  });

  it("is the same moment whatever the offset, and orders as the moments do", () => {
    const moment = fc.date({ min: new Date("1970-01-02T00:00:00Z"), max: new Date("9999-12-30T00:00:00Z"), noInvalidDate: true });
    const minutes = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 });
    const two = (n: number) => String(n).padStart(2, "0");
    const written = (date: Date, offset: number) =>
      new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1) +
      `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
    fc.assert(
      fc.property(moment, minutes, (date, offset) => {
        expect(readSaidTime(written(date, offset))).toEqual({ at: date.getTime() });
      }),
    );
  });

  it("is never taken for absent where anything is said", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (said) => {
        expect(readSaidTime(said)).toBeDefined();
      }),
    );
  });
});
