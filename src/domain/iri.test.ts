/** One identity, two spellings. */
import { describe, expect, test } from "vitest";
import { createMint, occurrenceUri, parseOwnUri, ulidOf, uriOf, uuidOf } from "./iri.ts";

const BASE = "https://node.example";
const ID = "018f6f1e-5a00-7000-8000-0123456789ab";

test("a uuid and a ULID are the same 128 bits, in both directions", () => {
  expect(ulidOf(ID)).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  expect(uuidOf(ulidOf(ID))).toBe(ID);
  expect(uuidOf(ulidOf(ID).toLowerCase())).toBe(ID);
});

test.each(["", "018F", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "0".repeat(25), "0".repeat(27), "I".repeat(26), ID])("%j is no ULID", (text) => {
  expect(uuidOf(text)).toBeUndefined();
});

test("minted ids never repeat and sort by the time of their making", () => {
  const mint = createMint();
  const ids = [...Array(1_000).keys()].map((n) => mint(1_700_000_000_000 + Math.floor(n / 100)));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
});

describe("the @id of an entity", () => {
  test("is ours, by kind and ULID; a peer's keeps the one it came with", () => {
    expect(uriOf(BASE, "person", { id: ID })).toBe(`${BASE}/persons/${ulidOf(ID)}`);
    expect(uriOf(BASE, "event", { id: ID, federationUri: "https://peer.example/events/1" })).toBe("https://peer.example/events/1");
  });

  test("is known again, and nothing else is taken for it", () => {
    const ulid = ulidOf(ID);
    expect(parseOwnUri(BASE, `${BASE}/events/${ulid}`)).toEqual({ kind: "event", id: ID });
    expect(parseOwnUri(BASE, `${BASE}/places/${ulid.toLowerCase()}`)).toEqual({ kind: "place", id: ID });
    for (const uri of [
      `${BASE}/events`,
      `${BASE}/events/`,
      `${BASE}/events/x`,
      `${BASE}/events/${ulid}/more`,
      `${BASE}/toString/${ulid}`,
      `${BASE}.evil.example/events/${ulid}`,
      `https://peer.example/events/${ulid}`,
    ]) {
      expect(parseOwnUri(BASE, uri), uri).toBeUndefined();
    }
  });
});

describe("the @id of an occurrence", () => {
  const occurrences = (event: { federationUri?: string }) => occurrenceUri(BASE, { id: ID, ...event }, "20260508T190000");
  const local = `${BASE}/events/${ulidOf(ID)}/occurrences/20260508T190000`;

  test("lies under its series', which may be a peer's", () => {
    const series = "https://peer.example/node/events/01HYX3KQW7ERTV9XNBM2P8QJZF";
    expect(occurrences({})).toBe(local);
    expect(occurrences({ federationUri: series })).toBe(`${series}/occurrences/20260508T190000`);
  });

  test.each([
    "https://peer.example/events/1",
    "https://peer.example/e?id=01HYX3KQW7ERTV9XNBM2P8QJZF",
    "https://peer.example/events/01HYX3KQW7ERTV9XNBM2P8QJZF#x",
  ])("is ours where the origin has names of its own making, as %s: nothing is coined in its name", (federationUri) =>
    expect(occurrences({ federationUri })).toBe(local),
  );
});
