/**
 * Visits to sites that misbehave in every way we could think of. Whatever one does: nothing forbidden is dialled, what it said
 * before stays, the visit stands in the books with its trouble, and a healthy source visited at the same time is well.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openHarvester, programmeOf, type HarvestedSource, type Harvester } from "../support/harvest.ts";
import { openHostileSite, type HostileSite } from "../support/hostile-site.ts";
import { HOSTILE_VISITS, type HostileVisit } from "../support/hostile-visits.ts";

const HOUR = 60 * 60_000;
const NORTH = programmeOf("Healthy");
let site: HostileSite;
let node: Harvester;
let healthy: HarvestedSource;
let season = 0;

beforeAll(async () => {
  site = await openHostileSite();
  node = await openHarvester(site);
  for (const name of ["localhost", "metadata.google.internal"])
    site.resolves(name, [name === "localhost" ? "127.0.0.1" : "169.254.169.254"]);
  site.serve("closed.example", "/robots.txt", (_request, response) => void response.end("User-agent: *\nDisallow: /"));
  const url = site.serve(
    "healthy.example",
    "/events",
    (_request, response) => void response.end(JSON.stringify([NORTH(1), NORTH(2), NORTH(season)])),
  );
  healthy = await node.visited("Healthy", url);
});
afterAll(async () => {
  await node[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

const presentRecords = async ({ sourceId }: HarvestedSource) =>
  (await node.rows("select id, missed_visits from event_sources where source_id = $1 and superseded_at is null order by id", [
    sourceId,
  ])) as {
    id: string;
    missed_visits: number;
  }[];

/** A host of its own with a good calendar of two concerts, visited once unless the case says that it is new. */
async function arrange(one: HostileVisit, n: number): Promise<HarvestedSource> {
  const host = `h${n}.example`;
  const nth = programmeOf(`${one.name.replace(/[^a-z]+/gi, " ")} ${n}`);
  const good = [nth(1), nth(2)];
  const calendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//EN\r\nEND:VCALENDAR\r\n";
  const page = (events: object[]) => `<script type="application/ld+json">${JSON.stringify(events)}</script>`;
  const body = one.format === "ics" ? calendar : one.format === "html" ? page(good) : JSON.stringify(good);
  const answer = (text: string | Buffer) =>
    site.serve(host, "/events", (_request, response) => void response.writeHead(200, { etag: '"good"' }).end(text));
  const url = answer(body);
  const source = await node.visited(`${n} ${one.name}`, url, { format: one.format ?? "json-ld" });
  if (one.fresh === undefined) {
    await node.visit(source);
    // Its robots.txt is to be asked for again.
    if (one.robots !== undefined) node.later(25 * HOUR);
  }
  if (one.robots) site.serve(host, "/robots.txt", one.robots);
  for (const [path, behaviour] of Object.entries(one.paths ?? {})) site.serve(host, path, behaviour);
  if (one.shows) answer(one.shows(good));
  else if (one.answer) site.serve(host, "/events", one.answer);
  if (one.resolves) site.resolves(host, ...one.resolves.map((answers) => [...answers]));
  if (one.url)
    await node.visited(source.name, one.url.replace("HOST", host).replace("PORT", String(site.port)), { format: one.format ?? "json-ld" });
  return source;
}

describe("a site that", () => {
  test("is in one of more than sixty cases, and the trap is sharp", async () => {
    expect(new Set(HOSTILE_VISITS.map(({ name }) => name)).size).toBe(HOSTILE_VISITS.length);
    expect(HOSTILE_VISITS.length).toBeGreaterThan(60);
    await fetch(`http://127.0.0.1:${site.port}/`);
    expect(site.sprung.splice(0)).toEqual(["127.0.0.1"]);
  });

  test.each(HOSTILE_VISITS.map((one, n) => ({ ...one, n })))("$name", async ({ n, ...one }) => {
    const source = await arrange(one, n);
    const before = await presentRecords(source);
    season = 10 + (n % 300);
    // The healthy source's visits begin one after the other, however the two of a test take turns in moving the clock: what was seen at the
    // very time at which the next one begins would not count as missing from it, and more would be missing later.
    node.later(1_000);
    const began = performance.now();
    const [result, beside] = await Promise.all([node.visit(source, { limits: one.limits ?? {} }), node.visit(healthy)]);

    expect(site.sprung).toEqual([]);
    expect(beside.outcome).toMatch(/^(taken|unchanged)$/);
    // No visit waits for the time limit of every day, a minute.
    expect(performance.now() - began).toBeLessThan(30_000);
    const shown = { outcome: result.outcome, trouble: "trouble" in result ? result.trouble : undefined };
    expect(shown).toEqual({ outcome: one.outcome, trouble: one.trouble ? expect.stringMatching(one.trouble) : undefined });
    if (one.outcome === "waiting") return;

    const visit = await node.lastVisit(source);
    expect(visit).toMatchObject({ outcome: one.outcome, finished_at: expect.any(Date), trouble: shown.trouble ?? null });
    expect(visit["trouble"] ?? "").not.toMatch(/\n|secret/);
    if (one.status !== undefined) expect(visit["http_status"]).toBe(one.status);
    if (one.counts) expect(result).toMatchObject({ counts: one.counts });
    if (one.hours !== undefined) expect(await node.dueIn(source)).toBeCloseTo(one.hours, 1);
    // What it said before stays, and nothing of it was missed that is there.
    const after = await presentRecords(source);
    if (one.outcome !== "taken") expect(after).toEqual(before);
    else expect(after.filter(({ missed_visits }) => missed_visits > 0)).toHaveLength(Number(visit["missing"]));
  });
});

test("all of them stand in the books of their sources", async () => {
  const rows = await node.rows(
    "select outcome, count(*)::int as n, count(trouble)::int as troubled from harvest_visits group by outcome order by outcome",
  );
  const of = Object.fromEntries(rows.map(({ outcome, n, troubled }) => [outcome, { n, troubled }]));
  const expected = (outcome: string) => HOSTILE_VISITS.filter((one) => one.outcome === outcome).length;
  for (const outcome of ["failed", "disallowed", "postponed"])
    expect(of[outcome]).toEqual({ n: expected(outcome), troubled: expected(outcome) });
  expect(await node.rows("select 1 from harvest_visits where finished_at is null")).toEqual([]);
});

test("failures in a row are visited ever later, up to a day, and one success makes it good", async () => {
  const url = site.serve("backoff.example", "/", (_request, response) => void response.writeHead(500).end());
  const source = await node.visited("Backoff", url, { everyMinutes: 120 });
  const hours: number[] = [];
  for (let n = 0; n < 6; n++) {
    await node.visit(source);
    hours.push(Math.round(await node.dueIn(source)));
  }
  expect(hours).toEqual([2, 4, 8, 16, 24, 24]);
  site.serve("backoff.example", "/", (_request, response) => void response.end(JSON.stringify([programmeOf("Backoff")(1)])));
  expect((await node.visit(source)).outcome).toBe("taken");
  expect(await node.dueIn(source)).toBeCloseTo(2, 2);
});

test("a host that asked for patience is left alone by all who visit it", async () => {
  const busy = await node.visited(
    "Busy",
    site.serve("shared.example", "/busy", (_request, response) => void response.writeHead(429, { "retry-after": "7200" }).end()),
  );
  const other = await node.visited(
    "Beside",
    site.serve("shared.example", "/beside", (_request, response) => void response.end("[]")),
  );
  expect((await node.visit(busy)).outcome).toBe("postponed");
  const asked = site.heard.length;
  expect(await node.visit(other)).toMatchObject({ outcome: "waiting" });
  expect(site.heard.length).toBe(asked);
  expect(await node.dueIn(other)).toBeCloseTo(2, 1);
});

test("requests to one host lie two seconds apart, whoever makes them", async () => {
  const times: number[] = [];
  const urls = [1, 2, 3].map((n) =>
    site.serve("paced.example", `/${n}`, (_request, response) => {
      times.push(node.registry.clock().getTime());
      response.end(JSON.stringify([programmeOf(`Paced ${n}`)(n)]));
    }),
  );
  for (const [n, url] of urls.entries()) expect((await node.visit(await node.visited(`Paced ${n}`, url))).outcome).toBe("taken");
  const gaps = times.slice(1).map((at, n) => at - times[n]!);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2_000);
});
