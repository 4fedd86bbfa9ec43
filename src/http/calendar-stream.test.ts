import { describe, expect, test } from "vitest";
import { concertState, FEED } from "../../test/support/event-feeds.ts";
import type { EventState } from "../domain/state.ts";
import { encodeCalendar } from "../icalendar/encode.ts";
import { calendarStream } from "./calendar-stream.ts";

const HEAD = { ...FEED, refreshMinutes: 60 };
const event = (name: string) => concertState({ name });

/** Pages that note when they are read, and whether they were let go. */
function noted(pages: readonly (readonly EventState[])[], fault?: Error) {
  const notes: string[] = [];
  async function* read() {
    try {
      for (const [index, page] of pages.entries()) {
        notes.push(`page ${index}`);
        yield page;
      }
      if (fault !== undefined) throw fault;
    } finally {
      notes.push("over");
    }
  }
  const leftOut: string[] = [];
  const options = { base: FEED.base, leftOut: ({ name }: EventState) => void leftOut.push(name) };
  return { notes, leftOut, stream: calendarStream(read(), HEAD, options) };
}
const textOf = (stream: ReadableStream<Uint8Array>) => new Response(stream).text();

describe("a calendar as a stream", () => {
  test("is the one that is written at once, but for how far back its zones are told", async () => {
    const events = [event("One"), event("Two"), event("Three")];
    const { stream } = noted([events.slice(0, 2), [], events.slice(2), []]);
    const withoutZones = (text: string) => text.replace(/BEGIN:VTIMEZONE.*END:VTIMEZONE\r\n/s, "");
    expect(withoutZones(await textOf(stream))).toBe(withoutZones(encodeCalendar(events, HEAD)));
  });

  test("of nothing is a whole calendar", async () => {
    expect(await textOf(noted([]).stream)).toMatch(/BEGIN:VTIMEZONE.*END:VCALENDAR\r\n$/s);
  });

  test("reads nothing before it is asked, and one page ahead of what is taken", async () => {
    const { notes, stream } = noted([[event("One")], [event("Two")], [event("Three")], [event("Four")]]);
    expect(notes).toEqual([]);
    const reader = stream.getReader();
    await reader.read();
    expect(notes).toEqual(["page 0"]);
    await reader.read();
    await Promise.resolve();
    expect(notes).toEqual(["page 0", "page 1"]);
    await reader.cancel();
    expect(notes).toEqual(["page 0", "page 1", "over"]);
  });

  test("of a large page comes in pieces, and others have their turn between them", async () => {
    const page = Array.from({ length: 20 }, (_, index) => concertState({ name: `No. ${index}`, description: "d".repeat(10_000) }));
    const { stream } = noted([page]);
    let turns = 0;
    const others = setImmediate(() => (turns += 1));
    const sizes: number[] = [];
    for await (const piece of stream) sizes.push(piece.length);
    clearImmediate(others);
    expect(turns).toBe(1);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(200_000);
    expect(Math.max(...sizes)).toBeLessThan(100_000);
  });

  test("leaves out what no calendar can say, tells of it, and goes on", async () => {
    const { stream, leftOut } = noted([
      [event("One"), concertState({ name: "Far", startDate: "10000-01-01T08:59:59+09:00" }), event("Two")],
    ]);
    const text = await textOf(stream);
    expect(text).toMatch(/SUMMARY:One.*SUMMARY:Two.*END:VCALENDAR\r\n$/s);
    expect(text).not.toContain("SUMMARY:Far");
    expect(leftOut).toEqual(["Far"]);
  });

  test("breaks off where its events cannot be read: no reader takes a part for the whole", async () => {
    const { stream } = noted([[event("One")]], new Error("the database went away"));
    const parts: string[] = [];
    const reading = (async () => {
      for await (const part of stream) parts.push(new TextDecoder().decode(part));
    })();
    await expect(reading).rejects.toThrow("the database went away");
    expect(parts.join("")).toContain("SUMMARY:One");
    expect(parts.join("")).not.toContain("END:VCALENDAR");
  });
});
