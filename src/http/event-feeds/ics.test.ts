import { expect, test } from "vitest";
import { concertState, FEED } from "../../../test/support/event-feeds.ts";
import { encodeIcs } from "./ics.ts";

test("a feed is a calendar that says when to look again", () => {
  const lines = encodeIcs([concertState()], FEED).split("\r\n");
  expect(lines).toContain("REFRESH-INTERVAL;VALUE=DURATION:PT60M");
  expect(lines).toContain(`SOURCE;VALUE=URI:${FEED.selfUrl}`);
  expect(lines.filter((line) => line === "BEGIN:VEVENT")).toHaveLength(1);
});
