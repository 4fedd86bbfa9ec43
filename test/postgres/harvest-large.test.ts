/** A source with very many events: taken in as a whole, in chunks, beside another that is visited at the same time. */
import { expect, test } from "vitest";
import { openHarvester, programmeOf } from "../support/harvest.ts";
import { openHostileSite } from "../support/hostile-site.ts";

test("ten thousand events are taken in", { timeout: 240_000 }, async () => {
  const halls = Array.from({ length: 25 }, (_, n) => programmeOf(`${String.fromCharCode(65 + n)} Quarter`));
  const many = Array.from({ length: 10_000 }, (_, n) => {
    const hour = String(n % 24).padStart(2, "0");
    return halls[n % 25]!(Math.floor(n / 25), {
      name: `Evening ${n}`,
      startDate: `2031-${day(n)}T${hour}:00:00-05:00`,
      endDate: undefined,
    });
  });
  await using site = await openHostileSite();
  await using node = await openHarvester(site);
  const healthy = await node.visited(
    "Healthy",
    site.serve("healthy.example", "/", (_request, response) => void response.end(JSON.stringify([programmeOf("Healthy")(1)]))),
  );
  const source = await node.visited(
    "Many",
    site.serve("many.example", "/events", (_request, response) => void response.end(JSON.stringify(many))),
  );
  const [result, beside] = await Promise.all([node.visit(source), node.visit(healthy)]);
  expect(result).toMatchObject({ outcome: "taken", counts: { found: 10_000, rejected: 0, missing: 0 } });
  expect(beside.outcome).toMatch(/^(taken|unchanged)$/);
});

/** "05-17": another day for each twenty-five events. */
const day = (n: number) => {
  const nth = Math.floor(n / 25) % 336;
  return `${String(1 + Math.floor(nth / 28)).padStart(2, "0")}-${String(1 + (nth % 28)).padStart(2, "0")}`;
};
