/** Zones that only a file defines: which zone of the IANA database they are, and how they are read where they are none. */
import { expect, test } from "vitest";
import { readCalendars } from "./components.ts";
import { readContentLines } from "./content-lines.ts";
import { matchZone } from "./match-zone.ts";
import { offsetIn, readDefinition } from "./zones.ts";

interface Observance {
  standard: [onset: string, from: string, to: string, rule?: string];
  daylight?: [onset: string, from: string, to: string, rule?: string];
}

function componentOf({ standard, daylight }: Observance) {
  const lines = (name: string, [onset, from, to, rule]: Observance["standard"]) =>
    [
      `BEGIN:${name}`,
      `DTSTART:${onset}`,
      ...(rule === undefined ? [] : [`RRULE:FREQ=YEARLY;${rule}`]),
      `TZOFFSETFROM:${from}`,
      `TZOFFSETTO:${to}`,
      `END:${name}`,
    ].join("\n");
  const text = `BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Own\n${lines("STANDARD", standard)}\n${daylight ? lines("DAYLIGHT", daylight) : ""}\nEND:VTIMEZONE\nEND:VCALENDAR\n`;
  return readCalendars(readContentLines(Buffer.from(text)))[0]!.parts[0]!;
}

/** As Outlook has them: the rules of today, since 1601. */
const EUROPE: Observance = {
  standard: ["16011028T030000", "+0200", "+0100", "BYDAY=-1SU;BYMONTH=10"],
  daylight: ["16010325T020000", "+0100", "+0200", "BYDAY=-1SU;BYMONTH=3"],
};
const AMERICA: Observance = {
  standard: ["16011104T020000", "-0400", "-0500", "BYDAY=1SU;BYMONTH=11"],
  daylight: ["16010311T020000", "-0500", "-0400", "BYDAY=2SU;BYMONTH=3"],
};
const INDIA: Observance = { standard: ["16010101T000000", "+0530", "+0530"] };
const LORD_HOWE: Observance = {
  standard: ["20080406T020000", "+1100", "+1030", "BYDAY=1SU;BYMONTH=4"],
  daylight: ["20081005T020000", "+1030", "+1100", "BYDAY=1SU;BYMONTH=10"],
};
const NOWHERE: Observance = { ...EUROPE, daylight: ["16010325T020000", "+0100", "+0200", "BYDAY=-1SU;BYMONTH=4"] };

const since = (year: number): number => Date.UTC(year, 4, 8);

test.each([
  ["Europe", EUROPE, 2026, [], "Europe/Berlin"],
  ["America", AMERICA, 2026, [], "America/New_York"],
  ["a zone without changes", INDIA, 2026, [], "Asia/Kolkata"],
  ["half an hour of summer time", LORD_HOWE, 2026, [], "Australia/Lord_Howe"],
  ["the name that the file gives goes before the best known one", AMERICA, 2026, ["America/Toronto"], "America/Toronto"],
  ["a name that contradicts the definition does not", EUROPE, 2026, ["America/Toronto"], "Europe/Berlin"],
  ["rules of today for a start under older ones: the name is believed", AMERICA, 2005, ["America/New_York"], "America/New_York"],
  ["the same without a name is no zone", AMERICA, 2005, [], undefined],
  ["nowhere", NOWHERE, 2026, ["Europe/Berlin"], undefined],
] as const)("%s", (_, definition, year, known, zone) => {
  expect(matchZone(readDefinition(componentOf(definition))!, since(year), known)).toBe(zone);
});

test("what is looked up often is looked up in a table, and is the same", () => {
  for (const zone of [EUROPE, AMERICA, INDIA, LORD_HOWE, NOWHERE]) {
    const often = readDefinition(componentOf(zone))!;
    for (let day = 0; day < 366; day++) {
      for (const time of ["00:30:00", "02:00:00", "02:30:00", "03:00:00", "12:00:00"]) {
        const local = `${new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10)}T${time}`;
        expect(often.offsetBy(local), local).toBe(offsetIn(componentOf(zone), local));
      }
    }
  }
});

test("a definition without a zone, or of more rules than any zone has, is not understood", () => {
  expect(readDefinition({ ...componentOf(EUROPE), parts: [] })).toBeUndefined();
  const [observance] = componentOf(EUROPE).parts;
  expect(readDefinition({ ...componentOf(EUROPE), parts: Array.from({ length: 41 }, () => observance!) })).toBeUndefined();
});
