import { describe, expect, test } from "vitest";
import { IMPORT_TABLE, importFault } from "./house-rules.ts";

const ROOMS = ["domain", "jsonld", "icalendar", "db", "registry", "feed", "search", "federation", "jobs", "http", "cli"];

/** The table of docs/architecture.md, written out a second time on purpose. */
const LAYERS: Record<string, string> = {
  domain: "",
  jsonld: "domain",
  icalendar: "domain jsonld",
  db: "domain",
  registry: "domain jsonld icalendar db",
  feed: "domain jsonld db",
  search: "domain jsonld db",
  federation: "domain jsonld icalendar db registry feed search",
  jobs: "domain jsonld icalendar db registry feed search federation",
  http: "domain jsonld icalendar db registry feed search federation",
  cli: "domain jsonld icalendar db registry feed search federation",
};

describe("who may import whom", () => {
  test.each(ROOMS.flatMap((from) => ROOMS.filter((to) => to !== from).map((to) => [from, to] as const)))("%s -> %s", (from, to) => {
    const fault = importFault(`src/${from}/a.ts`, `../${to}/b.ts`);
    if (LAYERS[from]?.split(" ").includes(to)) expect(fault).toBeUndefined();
    else expect(fault).toContain(`${from} may not import ${to}`);
  });

  test("every row of the table is a room, and every room has a row", () => {
    expect(Object.keys(IMPORT_TABLE).toSorted()).toEqual([...ROOMS, "config.ts", "main.ts", "node.ts"].toSorted());
  });

  test("a room that the table does not know is refused until it has a row", () => {
    expect(importFault("src/attic/a.ts", "../domain/iri.ts")).toMatch(/no row in the import table/);
  });

  test("within a room, at any depth", () => {
    expect(importFault("src/http/pages/list.ts", "../routes/events.ts")).toBeUndefined();
    expect(importFault("src/http/pages/list.ts", "../../domain/iri.ts")).toBeUndefined();
    expect(importFault("src/http/pages/list.ts", "../../jobs/queues.ts")).toMatch(/http may not import jobs/);
  });

  test("node.ts is for main.ts, cli and tests", () => {
    expect(importFault("src/main.ts", "./node.ts")).toBeUndefined();
    expect(importFault("src/cli/serve.ts", "../node.ts")).toBeUndefined();
    expect(importFault("test/e2e/a.test.ts", "../../src/node.ts")).toBeUndefined();
    for (const room of ROOMS.filter((name) => name !== "cli"))
      expect(importFault(`src/${room}/a.ts`, "../node.ts")).toMatch(/may not import node.ts/);
  });

  test("nothing in src imports test or scripts; a unit test may use test/support", () => {
    expect(importFault("src/db/places.ts", "../../test/support/db.ts")).toMatch(/may not import test/);
    expect(importFault("src/db/places.ts", "../../scripts/gen.ts")).toMatch(/may not import scripts/);
    expect(importFault("src/db/places.test.ts", "../../test/support/db.ts")).toBeUndefined();
  });

  test("packages", () => {
    for (const name of ["zod", "ulid", "rrule", "temporal-polyfill", "temporal-polyfill/global", "node:crypto"]) {
      expect(importFault("src/domain/a.ts", name)).toBeUndefined();
    }
    for (const name of ["hono", "kysely", "jsonld", "zodiac", "node:fs", "node:fs/promises"]) {
      expect(importFault("src/domain/a.ts", name)).toMatch(/its rules are pure/);
    }
    for (const name of ["kysely", "kysely/migration", "pg", "@electric-sql/pglite", "pgvector/kysely", "@pgtyped/runtime"]) {
      expect(importFault("src/db/a.ts", name)).toBeUndefined();
      expect(importFault("src/registry/a.ts", name)).toMatch(/only db/);
      expect(importFault("src/node.ts", name)).toMatch(/only db/);
    }
    expect(importFault("src/jobs/a.ts", "pg-boss")).toBeUndefined();
    expect(importFault("src/registry/a.ts", "pg-boss")).toMatch(/only jobs/);
    expect(importFault("src/registry/a.ts", "@hono/zod-openapi")).toMatch(/only http/);
    expect(importFault("src/registry/a.ts", "node:process")).toMatch(/only config.ts/);
  });
});
