/** How a source does, as its keeper reads it: over the API, and from /metrics. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { DAY, HOUR } from "../../src/domain/tally.ts";
import { sourceHealthSchema } from "../../src/http/routes/source-health.ts";
import { checkHealth, rollUpVisits } from "../../src/registry/source-health.ts";
import { ADMIN_KEY, jsonOf, openTestNode, type TestNode } from "../support/http.ts";
import { visit, visitedSource, type Visit } from "../support/visits.ts";

let node: TestNode;
beforeEach(async () => void (node = await openTestNode({ start: "2026-03-01T12:00:00Z" })));
afterEach(() => node[Symbol.asyncDispose]());

const ago = (milliseconds: number) => new Date(node.registry.clock().getTime() - milliseconds);
const goodDays = (days: number): Visit[] =>
  Array.from({ length: days }, (_, index) => ({ at: ago((days - index) * DAY), found: 40, created: 1, updated: 1, unchanged: 38 }));
const check = async () => {
  await rollUpVisits(node.registry);
  return checkHealth(node.registry);
};

test("an admin reads how a source does; nobody else may", async () => {
  const source = await visitedSource(node.registry, "Opera & Ballet");
  await visit(node.registry, source, goodDays(25));
  await visit(node.registry, source, [
    { at: ago(2 * HOUR) },
    { at: ago(HOUR), outcome: "suspicious", missing: 40, httpStatus: 200, trouble: "Nothing is there any more." },
  ]);
  await visit(node.registry, source, [{ at: ago(0), outcome: null }]);
  await check();

  const path = `/api/v1/admin/sources/${encodeURIComponent("Opera & Ballet")}/health`;
  const response = await node.ask(path, { key: ADMIN_KEY });
  expect(response.status).toBe(200);
  const health = sourceHealthSchema.parse(await response.json());
  expect(health).toMatchObject({
    source: { name: "Opera & Ballet" },
    judgement: { state: "empty", since: "2026-03-01T10:00:00.000Z", expected: { found: 40, rejectedShare: 0 }, actual: { found: 0 } },
    reviews: [{ kind: "empty", details: { expected: "about 40 events a visit" } }],
  });
  expect(health.visits).toHaveLength(20);
  expect(health.visits.slice(0, 2)).toMatchObject([
    { finishedAt: null, outcome: null },
    { outcome: "suspicious", httpStatus: 200, trouble: "Nothing is there any more." },
  ]);
  expect(health.hours.map(({ startsAt }) => startsAt)).toEqual([
    "2026-03-01T11:00:00.000Z",
    "2026-03-01T10:00:00.000Z",
    "2026-02-28T12:00:00.000Z",
  ]);
  expect(health.days).toHaveLength(26);

  expect((await node.ask(path)).status).toBe(401);
  expect((await node.ask(path, { key: await node.key("agent") })).status).toBe(403);
  expect((await node.ask("/api/v1/admin/sources/Nobody/health", { key: ADMIN_KEY })).status).toBe(404);
  expect(await jsonOf(node.ask(`${path}?days=3`, { key: ADMIN_KEY }))).toMatchObject({ code: "invalid_query" });
});

test("/metrics tells each source's state and the day's visits, and forgets what is no longer so", async () => {
  const [opera, zoo] = [await visitedSource(node.registry, "Opera"), await visitedSource(node.registry, "Zoo")];
  for (const source of [opera, zoo]) await visit(node.registry, source, goodDays(20));
  await visit(
    node.registry,
    opera,
    [1, 7, 13].map((hours) => ({ at: ago(hours * HOUR), outcome: "failed" })),
  );
  await check();
  const told = async () =>
    (await (await node.ask("/metrics")).text())
      .split("\n")
      .filter((line) => /^calends_(source_state|harvest_visits)/.test(line))
      .toSorted();
  expect(await told()).toEqual([
    'calends_harvest_visits{outcome="failed"} 3',
    'calends_source_state{source="Opera",state="failing"} 1',
    'calends_source_state{source="Zoo",state="well"} 1',
  ]);
  await visit(node.registry, opera, [{ at: ago(0), outcome: "unchanged" }]);
  await check();
  expect(await told()).toEqual([
    'calends_harvest_visits{outcome="failed"} 3',
    'calends_harvest_visits{outcome="unchanged"} 1',
    'calends_source_state{source="Opera",state="well"} 1',
    'calends_source_state{source="Zoo",state="well"} 1',
  ]);
});
