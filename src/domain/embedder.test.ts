/** The text that stands for an event when vectors are made. */
import { expect, test } from "vitest";
import { embeddingText, sourceHash } from "./embedder.ts";
import type { EventState } from "./state.ts";

const CONCERT = {
  kind: "event",
  name: "Free Jazz\n at the Rex",
  keywords: ["jazz", "improvised music"],
  performer: [{ id: "1", kind: "person", name: "Ornette" }],
  location: { id: "2", name: "The Rex", address: { addressLocality: "Toronto", streetAddress: "194 Queen St W" } },
  organizer: { id: "3", kind: "organization", name: "The Rex Hotel" },
  description: "An evening\n\nof music.",
} as EventState;

test("name, what it is about, where it is, and the description: a line each", () => {
  expect(embeddingText(CONCERT)).toBe(
    "Free Jazz at the Rex\njazz, improvised music, Ornette\nThe Rex, Toronto, The Rex Hotel\nAn evening of music.",
  );
});

test("what an event lacks leaves its line empty, so that the others keep their places", () => {
  const { keywords: _k, performer: _p, organizer: _o, location: _l, ...bare } = CONCERT;
  expect(embeddingText(bare as EventState)).toBe("Free Jazz at the Rex\n\n\nAn evening of music.");
  expect(embeddingText({ kind: "event", name: "Gig" } as EventState)).toBe("Gig");
});

test("a venue that organizes its own events is said once", () => {
  const same = { ...CONCERT, organizer: { id: "3", kind: "organization", name: "The Rex" } } as EventState;
  expect(embeddingText(same).split("\n")[2]).toBe("The Rex, Toronto");
});

test("a long description is cut at 2,000 characters, never through one", () => {
  const text = embeddingText({ kind: "event", name: "Gig", description: `${"x".repeat(1_999)}🎷🎷` } as EventState);
  expect(text).toBe(`Gig\n\n\n${"x".repeat(1_999)}`);
  expect(text.isWellFormed()).toBe(true);
});

test("another text has another hash", () => {
  const text = embeddingText(CONCERT);
  expect(sourceHash(text)).toEqual(sourceHash(embeddingText({ ...CONCERT })));
  expect(sourceHash(text)).not.toEqual(sourceHash(`${text}!`));
  expect(sourceHash(text)).toHaveLength(32);
});
