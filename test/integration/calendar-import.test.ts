/** `calends import FILE.ics`: a calendar's events are taken in, corrected and cancelled by later files, and refused by name. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openTestCommands, type TestCommands } from "../support/commands.ts";

let commands: TestCommands;
beforeAll(async () => {
  commands = await openTestCommands();
}, 180_000);
vi.setConfig({ testTimeout: 120_000 });
afterAll(() => commands?.[Symbol.asyncDispose]());

const calends = (...words: string[]) => commands.calends(words);
const inFolder = (name: string) => join(commands.folder, name);

/** Imports these VEVENTs as the calendar of one source; gives the counts. */
async function importCalendar(...events: string[]): Promise<Record<string, number>> {
  const file = inFolder("lanterns.ics");
  await writeFile(file, ["BEGIN:VCALENDAR", "VERSION:2.0", "X-WR-TIMEZONE:America/Toronto", ...events, "END:VCALENDAR", ""].join("\r\n"));
  const { out } = await calends("import", file, "--source", "lanterns", "--json", "--report", inFolder("report.jsonl"));
  return (JSON.parse(out) as { files: { counts: Record<string, number> }[] }).files[0]!.counts;
}
const vevent = (uid: string, ...lines: string[]) =>
  ["BEGIN:VEVENT", `UID:${uid}@lanterns.example`, "LOCATION:Harbour Hall\\, 235 Queens Quay W", ...lines, "END:VEVENT"].join("\r\n");

async function exported(): Promise<Record<string, unknown>[]> {
  const { out } = await calends("export");
  return out
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("a calendar is taken in; what it says later of the same UIDs changes the same events", async () => {
  const night = vevent("1", "SUMMARY:Lantern Night", "DTSTART:20260508T200000", "DURATION:PT2H");
  const days = vevent("2", "SUMMARY:Lantern Days", "DTSTART;VALUE=DATE:20260601", "DTEND;VALUE=DATE:20260604");
  expect(await importCalendar(night, days)).toMatchObject({ total: 2, created: 2, rejected: 0 });
  const first = await exported();
  expect(first).toMatchObject([
    {
      name: "Lantern Night",
      startDate: "2026-05-08T20:00:00-04:00",
      endDate: "2026-05-08T22:00:00-04:00",
      location: { name: "Harbour Hall", address: { streetAddress: "235 Queens Quay W" } },
    },
    { name: "Lantern Days", startDate: "2026-06-01", endDate: "2026-06-03" },
  ]);

  // A stamp of the time of writing is no change; another time and a cancellation are.
  expect(await importCalendar(vevent("1", "SUMMARY:Lantern Night", "DTSTART:20260508T200000", "DURATION:PT2H"), days)).toMatchObject({
    unchanged: 2,
  });
  const later = vevent("1", "DTSTAMP:20260101T000000Z", "SUMMARY:Lantern Night", "DTSTART:20260508T210000", "DURATION:PT2H");
  expect(await importCalendar(later, `${days.replace("END:VEVENT", "STATUS:CANCELLED\r\nEND:VEVENT")}`)).toMatchObject({
    updated: 2,
    created: 0,
  });
  const second = await exported();
  expect(second.map((event) => event["@id"])).toEqual(first.map((event) => event["@id"]));
  expect(second).toMatchObject([
    { startDate: "2026-05-08T21:00:00-04:00" },
    { name: "Lantern Days", eventStatus: expect.stringContaining("EventCancelled") },
  ]);
});

test("a series is one event, whose occurrences are corrected, cancelled and brought back by later files", async () => {
  const series = (...lines: string[]) =>
    vevent("5", "SUMMARY:Lantern Fridays", "DTSTART:20260508T190000", "DURATION:PT2H", "RRULE:FREQ=WEEKLY;COUNT=4", ...lines);
  const one = (...lines: string[]) =>
    ["BEGIN:VEVENT", "UID:5@lanterns.example", "RECURRENCE-ID:20260515T190000", ...lines, "END:VEVENT"].join("\r\n");
  /** The first start, and what single occurrences have of their own. */
  const shown = async () => {
    const { startDate, subEvent } = (await exported()).find(({ name }) => name === "Lantern Fridays")!;
    return { startDate, own: [subEvent ?? []].flat() as Record<string, unknown>[] };
  };

  expect(await importCalendar(series("SEQUENCE:1"), one("STATUS:CANCELLED"))).toMatchObject({ total: 1, created: 1, rejected: 0 });
  expect(await shown()).toMatchObject({
    startDate: "2026-05-08T19:00:00-04:00",
    own: [{ "sel:recurrenceId": "20260515T190000", eventStatus: "https://schema.org/EventCancelled" }],
  });

  // An hour later from now on; and the second Friday takes place after all, another hour later.
  const later = series("SEQUENCE:2").replace("T190000", "T200000");
  const moved = one("DTSTART:20260515T210000").replace("T190000", "T200000");
  expect(await importCalendar(later, moved)).toMatchObject({ updated: 1, created: 0 });
  const corrected = {
    startDate: "2026-05-08T20:00:00-04:00",
    own: [{ "sel:recurrenceId": "20260515T200000", startDate: "2026-05-15T21:00:00-04:00" }],
  };
  const second = await shown();
  expect(second).toMatchObject(corrected);
  expect(second.own[0]!["eventStatus"] ?? "").not.toContain("Cancelled");

  // An older edition changes nothing, however late it comes.
  await importCalendar(series("SEQUENCE:1", "DESCRIPTION:An older edition"));
  expect(await shown()).toMatchObject(corrected);
  await importCalendar(series("SEQUENCE:3"));
  expect(await shown()).toEqual({ startDate: "2026-05-08T19:00:00-04:00", own: [] });
});

test("of a series without a zone the calendar's source says it, also for an end that is given in UTC", async () => {
  const file = inFolder("floating.ics");
  const lines = ["BEGIN:VEVENT", "UID:6@lanterns.example", "SUMMARY:Floating lanterns", "LOCATION:Pier 4"];
  const times = ["DTSTART:20260508T190000", "RRULE:FREQ=WEEKLY;UNTIL=20260522T230000Z", "END:VEVENT"];
  await writeFile(file, ["BEGIN:VCALENDAR", "VERSION:2.0", ...lines, ...times, "END:VCALENDAR", ""].join("\r\n"));
  await commands.calends(["import", file, "--source", "piers", "--json"], { env: { DEFAULT_TIMEZONE: "America/Toronto" } });
  const event = (await exported()).find(({ name }) => name === "Floating lanterns");
  expect(event).toMatchObject({
    startDate: "2026-05-08T19:00:00-04:00",
    eventSchedule: { scheduleTimezone: "America/Toronto", repeatFrequency: "P1W", endDate: "2026-05-22T19:00:00-04:00" },
  });
});

test("what is refused is reported with its name, its property and the reason", async () => {
  const counts = await importCalendar(
    vevent("7", "SUMMARY:Timeless\\, and free"),
    vevent("8", "SUMMARY:Broken", "this is no line", "DTSTART:20260508"),
    vevent("9", "SUMMARY:Fine", "DTSTART:20260508"),
  );
  expect(counts).toMatchObject({ total: 3, created: 1, rejected: 2 });
  const rejects = (await readFile(inFolder("report.jsonl"), "utf8")).trim().split("\n");
  expect(rejects.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { position: 1, name: "Timeless, and free", pointer: "/DTSTART", reason: expect.stringContaining("found nothing") },
    {
      position: 2,
      name: "Broken",
      pointer: "VEVENT 2 (UID 8@lanterns.example)",
      reason: expect.stringContaining('found "this is no line"'),
    },
  ]);
});

test("--dry-run says the same of a calendar; one that was cut off is refused in one line", async () => {
  const file = inFolder("lanterns.ics");
  const { out } = await calends("import", "--dry-run", "--json", file, "--report", inFolder("dry.jsonl"));
  expect(JSON.parse(out)).toMatchObject({ files: [{ counts: { total: 3, created: 1, rejected: 2 } }] });
  expect(await readFile(inFolder("dry.jsonl"), "utf8")).toBe(await readFile(inFolder("report.jsonl"), "utf8"));
  await writeFile(inFolder("cut.ics"), (await readFile(file)).subarray(0, 300));
  const { code, err } = await calends("import", inFolder("cut.ics"));
  expect(code).toBe(1);
  expect(err).toMatch(/cut\.ics cannot be read as a calendar\. The calendar ends on line \d+ without END:VCALENDAR: it was cut off\.\n$/);
});

test("an occurrence that comes without its series is an exception of it, where the series is known", async () => {
  const series = vevent(
    "weekly",
    "SUMMARY:Lantern making",
    "DTSTART;TZID=America/Toronto:20310103T180000",
    "DURATION:PT2H",
    "RRULE:FREQ=WEEKLY;COUNT=6",
  );
  const lone = (id: string, ...lines: string[]) => vevent("weekly", `RECURRENCE-ID:${id}`, "SUMMARY:Lantern making", ...lines);
  expect(await importCalendar(series)).toMatchObject({ created: 1 });
  expect(
    await importCalendar(
      lone("20310110T230000Z", "DTSTART:20310110T230000Z", "DURATION:PT2H", "STATUS:CANCELLED"),
      lone("20310117T230000Z", "DTSTART:20310118T000000Z", "DURATION:PT2H"),
      lone("20310601T230000Z", "DTSTART:20310601T230000Z", "DURATION:PT2H"),
    ),
  ).toMatchObject({ merged: 2, created: 1, rejected: 0 });
  const made = (await exported()).filter(({ name }) => name === "Lantern making");
  expect(made).toHaveLength(2);
  const [recurring] = made.filter((event) => "eventSchedule" in event);
  expect(recurring!["subEvent"]).toMatchObject([
    { "sel:recurrenceId": "20310110T180000", eventStatus: "https://schema.org/EventCancelled" },
    { "sel:recurrenceId": "20310117T180000", startDate: "2031-01-17T19:00:00-05:00" },
  ]);
  // A later word on the same occurrence replaces the one before; the series stays as it is.
  await importCalendar(lone("20310110T230000Z", "DTSTART:20310110T230000Z", "DURATION:PT2H", "SEQUENCE:1"));
  const [again] = (await exported()).filter((event) => event["name"] === "Lantern making" && "eventSchedule" in event);
  expect(again!["subEvent"]).toMatchObject([{ "sel:recurrenceId": "20310117T180000" }]);
});

test("an occurrence that comes before its series is an event by itself, and stays one when it is sent again", async () => {
  const lone = (summary: string) =>
    vevent("early", "RECURRENCE-ID:20320109T180000", `SUMMARY:${summary}`, "DTSTART:20320109T190000", "DURATION:PT2H");
  expect(await importCalendar(lone("Kite night"))).toMatchObject({ created: 1 });
  const series = vevent("early", "SUMMARY:Kite club", "DTSTART:20320102T180000", "DURATION:PT2H", "RRULE:FREQ=WEEKLY;COUNT=4");
  expect(await importCalendar(series)).toMatchObject({ created: 1 });
  expect(await importCalendar(lone("Kite night, outdoors"))).toMatchObject({ updated: 1, rejected: 0 });
  const made = (await exported()).filter(({ name }) => String(name).startsWith("Kite"));
  expect(made.map(({ name, startDate }) => [name, startDate])).toEqual([
    ["Kite night, outdoors", "2032-01-09T19:00:00-05:00"],
    ["Kite club", "2032-01-02T18:00:00-05:00"],
  ]);
});
