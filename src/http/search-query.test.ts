/** A query string -> what the engine is asked. */
import { describe, expect, test } from "vitest";
import { RegistryError } from "../domain/errors.ts";
import type { Role } from "../domain/vocabulary.ts";
import type { HttpContext } from "./parts.ts";
import { readQuery } from "./query.ts";
import { searchQuery, suggestQuery } from "./search-fields.ts";
import { searchRequest } from "./search-query.ts";

const base = "https://node.example";
function read(text: string, { role = "public" as Role, timezone }: { role?: Role; timezone?: string } = {}) {
  const url = `${base}/api/v1/events/search?${text}`;
  const query = readQuery({ req: { url } } as HttpContext, searchQuery);
  return searchRequest(query, Object.fromEntries(new URL(url).searchParams), { base, role, timezone });
}
const filtersOf = (text: string) => {
  const { states: _, ...filters } = read(text).filters;
  return filters;
};
function faultOf(text: string): RegistryError {
  try {
    read(text);
  } catch (error) {
    if (error instanceof RegistryError) return error;
    throw error;
  }
  throw new Error(`${text} was taken`);
}

describe("a search", () => {
  test("for nothing is for every public event, soonest first", () => {
    expect(read("")).toEqual({
      filters: { states: ["published", "postponed", "rescheduled", "sold_out", "cancelled", "completed"] },
      mode: "auto",
      sort: "relevance",
      limit: 20,
      bound: {},
      facets: [],
      explain: false,
      highlight: true,
      timezone: "UTC",
    });
  });

  test("has its words on one line", () => {
    expect(read("q=%20free%09jazz%0D%0Afor+kids%20").q).toBe("free jazz for kids");
    expect("q" in read("q=%20+")).toBe(false);
    expect(read(`q=${encodeURIComponent("🎷".repeat(1_000))}`).q).toHaveLength(2_000);
  });

  test("tells the zone of today: the request's, else the node's", () => {
    expect(read("q=today&tz=Europe/Paris", { timezone: "America/Toronto" }).timezone).toBe("Europe/Paris");
    expect(read("q=today", { timezone: "America/Toronto" }).timezone).toBe("America/Toronto");
  });

  test("belongs to its cursor by what finds and orders, not by what is told besides", () => {
    expect(read("q=jazz&city=&sort=start&facets=city&explain=true&highlight=false&limit=3&after=x")).toMatchObject({
      bound: { q: "jazz", sort: "start" },
      after: "x",
      limit: 3,
      facets: ["city"],
      explain: true,
      highlight: false,
    });
  });

  test("may be strict", () => expect([read("q=jazz&strict=true").strict, read("strict=false").strict]).toEqual([true, false]));
});

describe("a filter", () => {
  test.each([
    ["dayOfWeek=Friday", { days: [5] }],
    ["dayOfWeek=Friday-Sunday,MO", { days: [1, 5, 6, 7] }],
    ["dayOfWeek=sa-mo", { days: [1, 6, 7] }],
    ["dayOfWeek=7,1,7", { days: [1, 7] }],
    ["dayOfWeek=https://schema.org/Tuesday", { days: [2] }],
    ["hours=18:00-23:00", { hours: { from: 1_080, until: 1_380 } }],
    ["hours=18-23", { hours: { from: 1_080, until: 1_380 } }],
    ["hours=22:30–2:15", { hours: { from: 1_350, until: 135 } }],
    ["hours=0-24:00", { hours: { from: 0, until: 1_439 } }],
    ["minPrice=5&maxPrice=20.5&currency=cad", { price: { least: 5, most: 20.5, currency: "CAD" } }],
    ["maxPrice=0", { price: { most: 0 } }],
    ["free=false", { free: false }],
    ["accessibility=wheelchair,%20hearing%20loop,wheelchair", { accessibility: ["wheelchair", "hearing loop"] }],
    ["language=FR", { language: "fr" }],
    ["origin=https://peer.example/", { origin: "https://peer.example" }],
    ["origin=local", { origin: "local" }],
    [`origin=${base}/`, { origin: "local" }],
    ["near=43.65,-79.38", { near: { latitude: 43.65, longitude: -79.38, radius: 5_000 } }],
    [
      "polygon=0,0;1,0;1,1",
      {
        polygon: [
          [0, 0],
          [1, 0],
          [1, 1],
        ],
      },
    ],
    ["city=Toronto&keywords=jazz,blues", { city: "Toronto", keywords: ["jazz", "blues"] }],
  ])("%s", (text, expected) => expect(filtersOf(text)).toEqual(expected));
});

describe("a search is refused, naming the parameter and what was expected, for", () => {
  test.each([
    [`q=${"x".repeat(1_001)}`, "q", "1000 characters"],
    ["q=a%00b", "q", "control characters"],
    ["q=%ED%A0%80", "q", "UTF-8"],
    ["q=a&q=b", "q", "once"],
    ["polygon=0,0;1,1;1,0;0,1", "polygon", "cross"],
    ["dayOfWeek=Caturday", "dayOfWeek", "Friday"],
    ["dayOfWeek=8", "dayOfWeek", "Friday"],
    ["dayOfWeek=MO-WE-FR", "dayOfWeek", "range"],
    ["dayOfWeek=,", "dayOfWeek", "Friday"],
    ["hours=25-26", "hours", "0 to 24"],
    ["hours=24:00-02:00", "hours", "0 to 24"],
    ["hours=18:60-19:00", "hours", "18:00-23:00"],
    ["hours=18", "hours", "18:00-23:00"],
    ["minPrice=-1", "minPrice", "from 0"],
    ["maxPrice=free", "maxPrice", "a number"],
    ["minPrice=10&maxPrice=5", "maxPrice", "less than minPrice"],
    ["currency=CAD", "currency", "minPrice"],
    ["currency=dollars&maxPrice=1", "currency", "3 characters"],
    ["currency=C%24&maxPrice=1", "currency", "ISO 4217"],
    ["free=yes", "free", "true or false"],
    ["accessibility=,", "accessibility", "features"],
    ["language=fr-CA", "language", "fr"],
    ["origin=peer", "origin", "base URL"],
    ["origin=https://a.example/?x=1", "origin", "base URL"],
    ["mode=psychic", "mode", "semantic"],
    ["mode=semantic", "mode", "q"],
    ["mode=semantic&q=%20", "mode", "q"],
    ["sort=distance", "sort", "near"],
    ["sort=price", "sort", "relevance"],
    ["facets=domain,colour", "facets", "domain"],
    ["limit=0", "limit", "1 to 100"],
    ["limit=101", "limit", "1 to 100"],
    ["explain=1", "explain", "true or false"],
    ["near=1,1&radius=200001", "radius", "200000"],
    ["colour=red", "colour", "no such parameter"],
  ])("%s", (text, name, expected) => {
    const { code, errors, message } = faultOf(text);
    expect([code, errors[0]!.pointer]).toEqual(["invalid_query", `/${name}`]);
    expect(message).toContain(`${name}: `);
    expect(message).toContain(expected);
  });

  test("a state that only an admin may see", () => {
    expect(faultOf("state=draft").code).toBe("forbidden");
    expect(read("state=draft", { role: "admin" }).filters.states).toEqual(["draft"]);
  });
});

test("completion needs a beginning", () => {
  expect(suggestQuery.safeParse({ q: " " }).success).toBe(false);
  expect(suggestQuery.safeParse({}).success).toBe(false);
  expect(suggestQuery.parse({ q: "ja " })).toEqual({ q: "ja" });
});
