/** When two events are one. */
import { describe, expect, test } from "vitest";
import { compareEvents, eventKeys, eventProbes, type EventLikeness } from "./duplicates.ts";

const at = (time: string) => Date.parse(`2026-05-08T${time}-04:00`);

const jazz: EventLikeness = {
  id: "1",
  name: "Jazz Night",
  startAt: at("20:00"),
  startIsDate: false,
  endAt: at("22:00"),
  localDate: "2026-05-08",
  venueId: "rex",
  venue: { name: "The Rex", streetAddress: "194 Queen St W", locality: "Toronto", latitude: 43.6506, longitude: -79.3885 },
  organizer: "Rex Productions",
  performers: [],
  records: [{ sourceId: "rex.example", recordKey: "17" }],
  lifecycleState: "published",
};
/** The same as another source tells it, but for `change`. */
const told = (change: Partial<EventLikeness>): EventLikeness => ({ ...jazz, id: "2", records: [{ sourceId: "town.example" }], ...change });
const verdict = (change: Partial<EventLikeness>) => {
  const { verdict: said, rule, contradictions } = compareEvents(jazz, told(change));
  return [said, rule, ...contradictions];
};
const elsewhere = {
  venueId: "hall",
  venue: { name: "Massey Hall", streetAddress: "178 Victoria St", locality: "Toronto", latitude: 43.654, longitude: -79.379 },
};

describe("exact", () => {
  test("equal name, start to five minutes, one place", () => {
    expect(verdict({ name: " JAZZ  night", startAt: at("20:04") })).toEqual(["same", "exact"]);
  });
  test("another organizer or end do not matter then, nor that one source has it cancelled", () => {
    expect(verdict({ organizer: "Town Hall", endAt: at("23:59"), lifecycleState: "cancelled" }).slice(0, 2)).toEqual(["same", "exact"]);
  });
  test("but two ids of one source do: to it they are two", () => {
    expect(verdict({ records: [{ sourceId: "rex.example", recordKey: "18" }] })).toEqual(["candidate", "exact", "source ids"]);
    expect(verdict({ records: [{ sourceId: "rex.example", recordKey: "17" }] })).toEqual(["same", "exact"]);
  });
  test("a virtual address is a place", () => {
    const { venue: _, venueId: __, ...online } = { ...jazz, virtualUrl: "https://live.example/jazz" };
    const same = { ...online, id: "2", virtualUrl: "http://www.live.example/jazz/?utm_source=x" };
    expect(compareEvents(online, same)).toMatchObject({ verdict: "same", rule: "exact" });
    expect(compareEvents(online, { ...same, virtualUrl: "https://other.example/jazz" }).verdict).not.toBe("same");
  });
  test("of a whole town only where the makers agree", () => {
    const inTown = { venueId: "town", venue: { name: "Munich, Germany", locality: "Munich" }, endAt: at("22:00") };
    const market: EventLikeness = { ...jazz, ...inTown, name: "Christmas Market", url: "https://a.example" };
    const other: EventLikeness = { ...market, id: "2", url: "https://b.example", records: [{ sourceId: "town.example" }] };
    expect(compareEvents(market, { ...other, url: "https://a.example" }).verdict).toBe("same");
    expect(compareEvents(market, other)).toMatchObject({ verdict: "candidate", contradictions: ["site"] });
  });
});

describe("strong", () => {
  test.each(["The Jazz Night", "Night of Jazz", "Jazz Nihgt", "RBC presents: Jazz Night", "3rd Annual Jazz Night 2026 @ The Rex"])(
    "%s",
    (name) => {
      expect(verdict({ name, startAt: at("20:15") })).toEqual(["same", "strong"]);
    },
  );
  test("in a venue spelt otherwise", () => {
    const venue = { name: "Rex", streetAddress: "194 Queen Street West", locality: "Toronto" };
    expect(verdict({ name: "The Jazz Night", venueId: "other", venue })).toEqual(["same", "strong"]);
  });
  test.each([
    [{ name: "Jazz Night II" }, "number"],
    [{ name: "Jazz Nights", organizer: "Someone Else Entirely" }, "organizer"],
    [{ name: "Jazz Nights", endAt: at("22:00") + 5 * 3_600_000 }, "end"],
  ])("%j is only a candidate", (change, contradiction) => {
    expect(verdict(change)).toEqual(["candidate", "strong", contradiction]);
  });
  test("other performers contradict", () => {
    const [a, b] = [{ ...jazz, performers: ["Anna Petrov"] }, told({ name: "The Jazz Night", performers: ["Maria Lopez"] })];
    expect(compareEvents(a, b)).toMatchObject({ verdict: "candidate", contradictions: ["performers"] });
  });
  test("a date is taken for a time on it only where name and place are equal", () => {
    const date = { startAt: Date.parse("2026-05-08T04:00:00Z"), startIsDate: true };
    expect(verdict({ ...date, name: "The Jazz Night" })).toEqual(["same", "strong"]);
    expect(verdict({ ...date, name: "Jazz Nights" })[0]).toBe("candidate");
  });
});

describe("weak", () => {
  test.each([
    ["an hour later", { startAt: at("21:00") }],
    ["a clock in another zone", { startAt: at("16:00") }],
    ["next door", { venueId: "new", venue: { name: "Courtyard", latitude: 43.6507, longitude: -79.3886 } }],
    ["another language", { name: "Soirée de jazz" }],
    ["another name by the same maker", { name: "Blues and Soul", performers: [] }],
    ["a part of the name", { name: "Jazz Night: An Evening with the Kim Trio and Friends of the House" }],
  ])("%s: a candidate", (_, change) => {
    expect(verdict(change).slice(0, 2)).toEqual(["candidate", "weak"]);
  });
});

describe("different", () => {
  test.each([
    ["the same series on another day", { startAt: jazz.startAt + 7 * 86_400_000, localDate: "2026-05-15" }],
    ["the same name at another venue", elsewhere],
    ["the same name in another town", { venueId: "x", venue: { name: "The Rex", locality: "Ottawa" } }],
    ["another name at the same venue", { name: "Poetry Slam", organizer: "Slam Society", endAt: at("23:00") }],
    ["the source's own second showing", { startAt: at("21:00"), records: [{ sourceId: "rex.example", recordKey: "18" }] }],
  ])("%s", (_, change) => {
    expect(verdict(change).slice(0, 2)).toEqual(["different", "none"]);
  });
});

describe("keys", () => {
  test("are few, and a look-up asks for more than is stored", () => {
    const one = { ...jazz, url: "https://rex.example/jazz", virtualUrl: "https://live.example/1", name: "Terracotta Sculpting" };
    expect(eventKeys(one)).toHaveLength(8);
    expect(new Set(eventProbes(one)).isSupersetOf(new Set(eventKeys(one)))).toBe(true);
    expect(eventKeys(one).every((key) => BigInt.asIntN(64, key) === key)).toBe(true);
  });
  test("of another day, and of another town and hour, have nothing in common", () => {
    const probes = new Set(eventProbes(jazz));
    const strangers = [
      told({ startAt: jazz.startAt + 86_400_000, localDate: "2026-05-09" }),
      told({ ...elsewhere, name: "Poetry Slam", startAt: at("12:00"), venue: { name: "Hall", locality: "Ottawa" } }),
    ];
    for (const stranger of strangers) expect(probes.isDisjointFrom(new Set(eventKeys(stranger)))).toBe(true);
  });
  test("of one name with none but generic words meet only in one town", () => {
    const openHouse = told({ name: "Open House" });
    const there = told({ name: "Open House", venueId: "x", venue: { name: "Library", locality: "Ottawa" } });
    expect(new Set(eventProbes(openHouse)).isDisjointFrom(new Set(eventKeys(there)))).toBe(true);
  });
});
