/** When two texts name the same thing. */
import { describe, expect, test } from "vitest";
import { agentKey, identityKey, keyOf, normalizeName, placeKey, startKey, uriKey, whereKey } from "./similarity.ts";

const hex = (key: Buffer): string => key.toString("hex");
const rex = {
  name: "The Rex",
  address: { streetAddress: "194 Queen St W", addressLocality: "Toronto", postalCode: "M5V 1Z1", addressCountry: "CA" },
};

describe("names", () => {
  test.each([
    ["  The JAZZ   Café\n", "the jazz café"],
    ["Cafe\u0301 ﬁn", "café fin"], // composed, and the ligature undone
    ["ＪＡＺＺ　Ｎｉｇｈｔ", "jazz night"],
  ])("%j is %j", (name, normal) => {
    expect(normalizeName(name)).toBe(normal);
  });

  test("an accent makes another name", () => {
    expect(normalizeName("Rosé")).not.toBe(normalizeName("Rose"));
  });
});

test("no two lists of parts share a key", () => {
  const lists: (string | undefined)[][] = [["a", "b"], ["ab"], ["a", "b", undefined], ["a;1:b"], ["", "ab"], ["a"], [undefined, "a", "b"]];
  expect(new Set(lists.map((parts) => hex(keyOf(...parts)))).size).toBe(lists.length);
});

describe("places", () => {
  test("are the same by name and address, however spelt; a point beside an address does not matter", () => {
    const same = {
      name: "THE REX",
      address: { ...rex.address, streetAddress: "194  queen st w", postalCode: "m5v1z1" },
      geo: { latitude: 43.65, longitude: -79.38 },
    };
    expect(hex(placeKey(same))).toBe(hex(placeKey(rex)));
  });

  test("are different in another street, or with nothing but the name", () => {
    expect(hex(placeKey({ ...rex, address: { ...rex.address, streetAddress: "195 Queen St W" } }))).not.toBe(hex(placeKey(rex)));
    expect(hex(placeKey({ name: "The Rex" }))).not.toBe(hex(placeKey(rex)));
  });

  test("without an address are the same when they are about as near as a street is wide", () => {
    const at = (latitude: number) => hex(placeKey({ name: "Stage", geo: { latitude, longitude: -79.4 } }));
    expect(at(43.65012)).toBe(at(43.65031));
    expect(at(43.65012)).not.toBe(at(43.66));
  });
});

test("a person and an organization of one name are two; so are two of one name with two addresses on the web", () => {
  const keys = [{ kind: "person" }, { kind: "organization" }, { kind: "organization", url: "https://rex.example" }] as const;
  expect(new Set(keys.map((one) => hex(agentKey({ name: "Rex", ...one })))).size).toBe(3);
});

describe("exact identity", () => {
  const key = (name: string, startDate: string, where = "place") => hex(identityKey({ name, startDate }, where));

  test("is the name, the start as an instant to five minutes, and the place", () => {
    expect(key("JAZZ  night", "2026-05-09T02:01:00Z[America/Toronto]")).toBe(key("Jazz Night", "2026-05-09T02:00:00Z[UTC]"));
    expect(key("Jazz Night", "2026-05-09T02:00:00Z")).not.toBe(key("Jazz Night", "2026-05-09T02:05:00Z"));
    expect(key("Jazz Night", "2026-05-09T02:00:00Z")).not.toBe(key("Jazz Night", "2026-05-09T02:00:00Z", "elsewhere"));
  });

  test("a date is itself and no midnight", () => {
    expect(startKey("2026-05-08")).toBe("2026-05-08");
    expect(startKey("2026-05-08T00:00:00Z")).not.toBe(startKey("2026-05-08"));
  });

  test("without a place it is the virtual address", () => {
    const fields = { type: "Event", name: "Jazz", startDate: "2026-05-08", virtualLocation: { url: "https://live.example/1" } } as const;
    expect(whereKey(fields, undefined)).toBe("virtual:https://live.example/1");
    expect(whereKey(fields, "a place")).toBe("a place");
  });
});

test("what a peer names is the peer's: by its URI, else by the peer and what it is like; never one of ours", () => {
  const [peer, other] = ["018bcfe5-0000-0000-0000-000000000001", "018bcfe5-0000-0000-0000-000000000002"];
  const rex = { name: "The Rex" };
  const federationUri = "https://peer.example/places/1";
  const keys = [rex, { ...rex, originNodeId: peer }, { ...rex, originNodeId: other }, { ...rex, originNodeId: peer, federationUri }];
  expect(new Set(keys.map((one) => placeKey(one).toString("hex"))).size).toBe(4);
  const renamed = { name: "The Rex Hotel", originNodeId: peer, federationUri };
  expect(placeKey(renamed)).toEqual(uriKey(federationUri));
  expect(agentKey({ kind: "person", ...renamed })).toEqual(uriKey(federationUri));
});
