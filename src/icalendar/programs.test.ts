/**
 * Calendars as programs write them: test/fixtures/calendars/programs/{valid,invalid}/NAME.ics, each beside what becomes of it, NAME.json:
 * its submissions, and the problem of what is refused, with where it stands; or the problem of the whole file.
 */
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { RegistryError } from "../domain/errors.ts";
import type { EventSubmission } from "../domain/submission.ts";
import { decodeCalendar, decodeVevent } from "./decode.ts";

const PROGRAMS = new URL("../../test/fixtures/calendars/programs/", import.meta.url);
const read = (file: string): Buffer => readFileSync(new URL(file, PROGRAMS));
const namesIn = (folder: string): string[] =>
  readdirSync(new URL(folder, PROGRAMS)).flatMap((file) => (file.endsWith(".ics") ? file.slice(0, -4) : []));

interface Refused {
  pointer?: string;
  problem: string;
}

function readingOf(calendar: Buffer): (EventSubmission | Refused)[] | Refused {
  const events = orRefused(() => decodeCalendar(calendar).events);
  if (!Array.isArray(events)) return events;
  return events.map((item) => {
    if ("problem" in item) return { pointer: item.pointer, problem: item.problem.detail };
    const submission = orRefused(() => decodeVevent(item.payload));
    return "problem" in submission ? { pointer: item.pointer, ...submission } : submission;
  });
}

function orRefused<T>(decode: () => T): T | Refused {
  try {
    return decode();
  } catch (error) {
    if (error instanceof RegistryError) return { problem: error.message };
    throw error;
  }
}

describe.each(["valid", "invalid"])("%s", (folder) => {
  test.each(namesIn(folder))("%s", (name) => {
    expect(readingOf(read(`${folder}/${name}.ics`))).toEqual(JSON.parse(read(`${folder}/${name}.json`).toString()));
  });

  test("each of these says what its folder promises", () => {
    for (const name of namesIn(folder)) {
      const reading = readingOf(read(`${folder}/${name}.ics`));
      const isRefused = !Array.isArray(reading) || reading.some((one) => "problem" in one);
      expect(isRefused, name).toBe(folder === "invalid");
    }
  });

  test("the payload of each event, cut again, is the same one event", () => {
    for (const name of namesIn(folder)) {
      const file = orRefused(() => decodeCalendar(read(`${folder}/${name}.ics`)).events);
      for (const item of Array.isArray(file) ? file : []) {
        if ("problem" in item) continue;
        const again = decodeCalendar(item.payload).events;
        expect(
          again.map((one) => ("payload" in one ? one.payload.toString() : one.problem.detail)),
          name,
        ).toEqual([item.payload.toString()]);
      }
    }
  });
});

test("there are enough of them", () => {
  expect(namesIn("valid").length).toBeGreaterThanOrEqual(25);
});
