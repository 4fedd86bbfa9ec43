/** What costs most to read: each event is decided soon, whatever it says, and a large file lets others go on meanwhile. */
import { describe, expect, test } from "vitest";
import { processorTime } from "../../test/support/processor-time.ts";
import { calendar, FRIDAYS, vevent, WEEKLY } from "../../test/support/vevents.ts";
import { RegistryError } from "../domain/errors.ts";
import { decodeCalendar, decodeCalendarInSteps, decodeVevent } from "./decode.ts";

describe("is decided within 100 ms an event, whatever it says", () => {
  const day = (n: number) => new Date(Date.UTC(2026, 4, 8 + n)).toISOString().slice(0, 10).replaceAll("-", "");
  const many = <T>(count: number, line: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => line(n));
  const observance = (year: number) => [
    "BEGIN:STANDARD",
    `DTSTART:${year}1028T030000`,
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
    "TZOFFSETFROM:+0217",
    "TZOFFSETTO:+0110",
    "END:STANDARD",
  ];
  const ownZone = (rules: number) => ["BEGIN:VTIMEZONE", "TZID:Own", ...many(rules, (n) => observance(1601 + n)).flat(), "END:VTIMEZONE"];
  const IN_OWN_ZONE = ["DTSTART;TZID=Own:20260508T190000"];
  const overriding = (zone: string) => (n: number) => [
    "BEGIN:VEVENT",
    "UID:1@lanterns.example",
    `RECURRENCE-ID;TZID=${zone}:${day(n)}T190000`,
    `DTSTART;TZID=${zone}:${day(n)}T200000`,
    "END:VEVENT",
  ];

  test.each<[string, string[], RegExp | undefined]>([
    [
      "1,000 exceptions",
      vevent(...FRIDAYS, "RRULE:FREQ=DAILY", ...many(1_000, (n) => `EXDATE;TZID=Europe/Berlin:${day(n + 1)}T010000`)),
      undefined,
    ],
    [
      "20,000 exceptions",
      vevent(...FRIDAYS, "RRULE:FREQ=DAILY", `EXDATE:${many(20_000, (n) => `${day(n)}T230000Z`).join(",")}`),
      /^EXDATE: expected at most 1000/,
    ],
    ["100 rules", vevent(...FRIDAYS, ...many(100, () => "RRULE:FREQ=DAILY")), /^RRULE: expected one, at most 20, found 100/],
    ["every second", vevent(...FRIDAYS, "RRULE:FREQ=SECONDLY"), /^RRULE: /],
    ["a rule of 100 kB", vevent(...FRIDAYS, `RRULE:FREQ=DAILY;BYHOUR=${many(30_000, (n) => n % 24).join(",")}`), /^RRULE: /],
    [
      "a length of a thousand years",
      vevent("DTSTART:20260508T190000Z", "DTEND:99990508T190000Z", "RRULE:FREQ=DAILY"),
      /^(DURATION|RRULE|DTEND): /,
    ],
    ["a zone of 40 rules that nobody knows", [...ownZone(40), ...vevent(...IN_OWN_ZONE, "RRULE:FREQ=DAILY")], undefined],
    ["a zone of 41 rules", [...ownZone(41), ...vevent(...IN_OWN_ZONE, "RRULE:FREQ=DAILY")], /^DTSTART: expected a TZID/],
    [
      "500 occurrences in such a zone",
      [...ownZone(40), ...vevent(...IN_OWN_ZONE, "RRULE:FREQ=DAILY"), ...many(500, overriding("Own")).flat()],
      undefined,
    ],
    [
      "500 occurrences of their own",
      [...vevent(...FRIDAYS, "RRULE:FREQ=DAILY"), ...many(500, overriding("America/Toronto")).flat()],
      undefined,
    ],
  ])("%s", (_, lines, refusal) => {
    const bytes = calendar(...lines);
    const decode = () => {
      const [item] = decodeCalendar(bytes).events;
      if (item === undefined || "problem" in item) throw new Error("expected an event");
      const spent = processorTime();
      const message = refusalOf(() => decodeVevent(item.payload));
      return { message, milliseconds: spent() };
    };
    const readings = many(5, decode);
    for (const { message } of readings) expect(message).toEqual(refusal === undefined ? undefined : expect.stringMatching(refusal));
    // Time on the processor, and the best of five: other tests run beside this one, and the first run compiles.
    // 500 occurrences are not one event's rule: they may take two and a half times as long.
    expect(Math.min(...readings.map(({ milliseconds }) => milliseconds))).toBeLessThan(lines.length > 2_000 ? 250 : 100);
  });

  test("a file of 300 series in a zone that it defines itself reads that zone once, and lets others go on meanwhile", async () => {
    const part = (name: string, onset: string, rule: string, from: string, to: string) => [
      `BEGIN:${name}`,
      `DTSTART:${onset}`,
      `RRULE:FREQ=YEARLY;${rule}`,
      `TZOFFSETFROM:${from}`,
      `TZOFFSETTO:${to}`,
      `END:${name}`,
    ];
    const toronto = [
      "BEGIN:VTIMEZONE",
      "TZID:Own",
      ...part("STANDARD", "20071104T020000", "BYMONTH=11;BYDAY=1SU", "-0400", "-0500"),
      ...part("DAYLIGHT", "20070311T020000", "BYMONTH=3;BYDAY=2SU", "-0500", "-0400"),
      "END:VTIMEZONE",
    ];
    const series = (n: number) =>
      [...vevent(`DTSTART;TZID=Own:${day(n)}T190000`, WEEKLY), ...overriding("Own")(n)].map((line) => line.replace("UID:1@", `UID:${n}@`));
    const bytes = calendar(...toronto, ...many(300, series).flat());
    const spent = processorTime();
    let turns = 0;
    const reading = decodeCalendarInSteps(bytes);
    const count = () => {
      turns += 1;
      others = setImmediate(count);
    };
    let others = setImmediate(count);
    const { events } = await reading;
    clearImmediate(others);
    const milliseconds = spent();
    expect(events.filter((item) => "payload" in item)).toHaveLength(300);
    expect(turns).toBeGreaterThan(100);
    // It took 20 ms for each of them.
    expect(milliseconds).toBeLessThan(2_000);
  });

  test("more occurrences of their own than 500 are each refused by name", () => {
    const lines = [...vevent(...FRIDAYS, "RRULE:FREQ=DAILY"), ...many(502, overriding("America/Toronto")).flat()];
    const [series, ...refused] = decodeCalendar(calendar(...lines)).events;
    expect(series).toHaveProperty("payload");
    expect(refused).toMatchObject(many(2, () => ({ problem: { detail: expect.stringContaining("at most 500 occurrences") } })));
  });
});

function refusalOf(decode: () => unknown): string | undefined {
  try {
    decode();
    return undefined;
  } catch (error) {
    if (error instanceof RegistryError) return error.message;
    throw error;
  }
}
