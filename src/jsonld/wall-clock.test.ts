import { expect, test } from "vitest";
import { instantOf, localOf, withOffset } from "./wall-clock.ts";

test("a written time is read on the clock of the zone; without a zone, on its own", () => {
  expect(localOf("2026-05-08T23:00:00Z", "America/Toronto")).toBe("2026-05-08T19:00:00");
  expect(localOf("2026-05-08T23:00:00[Europe/London]", "America/Toronto")).toBe("2026-05-08T18:00:00");
  expect(localOf("2026-05-08T19:00:00", "America/Toronto")).toBe("2026-05-08T19:00:00");
  expect(localOf("2026-05-08T19:00:00.5-04:00", undefined)).toBe("2026-05-08T19:00:00");
  expect(localOf("2026-05-08", "America/Toronto")).toBe("2026-05-08");
});

test("a local time is of the zone; a date is the first instant of its day", () => {
  expect(instantOf("2026-05-08T19:00:00", "America/Toronto")).toBe(Date.parse("2026-05-08T23:00:00Z"));
  expect(instantOf("2026-05-08T19:00:00", undefined)).toBe(Date.parse("2026-05-08T19:00:00Z"));
  expect(instantOf("2026-05-08", "America/Toronto")).toBe(Date.parse("2026-05-08T04:00:00Z"));
});

test("a time that the zone's clock skips has no offset, nor has one of a time before minutes were whole", () => {
  expect(withOffset("2026-03-08T01:30:00", "America/Toronto")).toBe("2026-03-08T01:30:00-05:00");
  expect(withOffset("2026-03-08T02:30:00", "America/Toronto")).toBe("2026-03-08T02:30:00");
  expect(withOffset("1890-03-08T02:30:00", "America/Toronto")).toBe("1890-03-08T02:30:00");
  expect(withOffset("2026-05-08", "America/Toronto")).toBe("2026-05-08");
  expect(withOffset("2026-10-04T12:00:00", "Australia/Lord_Howe")).toBe("2026-10-04T12:00:00+11:00");
});
