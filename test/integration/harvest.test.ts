/** A source that the node visits: what it shows is taken in, what it shows no more is noticed, and what comes back is the same event. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { acceptEmpty, listHarvests, planHarvests, removeHarvest, setHarvest } from "../../src/registry/harvests.ts";
import { listReviews } from "../../src/db/reviews.ts";
import { ADMIN, openHarvester, programmeOf, type HarvestedSource, type Harvester } from "../support/harvest.ts";
import { openHostileSite, type HostileSite } from "../support/hostile-site.ts";

const HOUR = 60 * 60_000;
let site: HostileSite;
let node: Harvester;
beforeAll(async () => {
  site = await openHostileSite();
  node = await openHarvester(site);
});
afterAll(async () => {
  await node[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

/** A calendar on a host of its own, whose content the test changes. `etag` makes it answer 304. */
async function calendar(name: string, count: number, settings: object = {}) {
  const nth = programmeOf(name);
  const upTo = (n: number) => Array.from({ length: n }, (_, i) => nth(i));
  const shown = { events: upTo(count) as object[], etag: undefined as string | undefined };
  const url = site.serve(`${name}.example`, "/events.json", (request, response) => {
    const headers = { "content-type": "application/ld+json", ...(shown.etag && { etag: shown.etag }) };
    if (shown.etag !== undefined && request.headers["if-none-match"] === shown.etag) response.writeHead(304, headers).end();
    else response.writeHead(200, headers).end(JSON.stringify(shown.events));
  });
  const source = await node.visited(name, url, settings);
  return { source, shown, nth, upTo };
}

/** Ids of the source's n-th concerts' events. */
const eventsOf = async ({ sourceId }: HarvestedSource): Promise<Map<string, { id: string; state: string }>> => {
  const rows = await node.rows(
    "select distinct e.name, e.id, e.lifecycle_state from event_sources r join events e on e.id = r.event_id where r.source_id = $1",
    [sourceId],
  );
  return new Map(rows.map((row) => [row["name"], { id: row["id"], state: row["lifecycle_state"] }]));
};
const openItems = ({ sourceId }: HarvestedSource, kind: "empty" | "withdrawn") =>
  node.registry.database.read(async (on) =>
    (await listReviews(on, { state: "open", kind, limit: 100 })).filter(
      (item) => item.sourceId === sourceId || item.details["sourceId"] === sourceId,
    ),
  );

describe("what a source shows", () => {
  test("is taken in, updated, and left alone while it is the same", async () => {
    const { source, shown, nth } = await calendar("rhythm", 3);
    expect(await node.visit(source, { early: false })).toMatchObject({ outcome: "taken", counts: { found: 3, created: 3 } });
    expect(site.last).toMatchObject({ "user-agent": "Calends/0.1 (+https://node.example)" });
    expect(site.heard.filter((line) => line.startsWith("rhythm"))).toEqual(["rhythm.example /robots.txt", "rhythm.example /events.json"]);

    node.later(6 * HOUR);
    expect(await node.visit(source, { early: false })).toMatchObject({ outcome: "unchanged", counts: { found: 0 } });
    shown.events[1] = nth(1, { name: "Concert No. 1, sold to the last seat" });
    node.later(6 * HOUR);
    expect(await node.visit(source, { early: false })).toMatchObject({
      outcome: "taken",
      counts: { found: 3, created: 0, updated: 1, unchanged: 2, missing: 0 },
    });
    expect(await node.lastVisit(source)).toMatchObject({ outcome: "taken", http_status: 200, trouble: null, found: 3, updated: 1 });
  });

  test("is not fetched before its time, nor by two at once", async () => {
    const { source, shown } = await calendar("patient", 1, { everyMinutes: 60 });
    expect((await node.visit(source, { early: false })).outcome).toBe("taken");
    expect(await node.dueIn(source)).toBeCloseTo(1, 2);
    expect(await node.visit(source, { early: false })).toEqual({ outcome: "idle" });
    const both = [node.visit(source), node.visit(source)];
    site.serve("patient.example", "/events.json", (_request, response) => {
      // Whoever asks is answered when the other visit is over, however late that one begins; the test awaits both.
      void Promise.race(both).then(() => response.end(JSON.stringify(shown.events)));
    });
    expect((await Promise.all(both)).map(({ outcome }) => outcome).toSorted()).toEqual(["idle", "unchanged"]);
  });

  test("costs no body where the server knows 304, and a newly set address is read anew", async () => {
    const { source, shown, upTo } = await calendar("etag", 2);
    shown.etag = '"v1"';
    await node.visit(source);
    expect(await node.visit(source)).toMatchObject({ outcome: "unchanged", httpStatus: 304, bytes: 0 });
    expect(site.last["if-none-match"]).toBe('"v1"');
    const url = site.serve(
      "etag.example",
      "/moved.json",
      (_request, response) => void response.writeHead(200).end(JSON.stringify(upTo(2))),
    );
    await node.visited("etag", url);
    expect(await node.visit(source)).toMatchObject({ outcome: "taken", counts: { unchanged: 2 } });
    expect(site.last["if-none-match"]).toBeUndefined();
  });

  test("under one id twice is the last of the two, and stays that from visit to visit", async () => {
    const { source, shown, nth } = await calendar("twice", 0);
    shown.events = [nth(1), nth(1, { name: "Concert No. 1, corrected" })];
    expect(await node.visit(source)).toMatchObject({ counts: { found: 2, created: 1, rejected: 1 } });
    expect([...(await eventsOf(source)).keys()]).toEqual(["Concert No. 1, corrected"]);
    shown.events.push(nth(2));
    expect(await node.visit(source)).toMatchObject({ counts: { created: 1, updated: 0, unchanged: 1, rejected: 1 } });
  });
});

describe("what a source shows no more", () => {
  test("is withdrawn after so many visits, with something to look at, and comes back under its URI", async () => {
    const { source, shown, nth, upTo } = await calendar("gone", 6, { missingAfter: 2 });
    await node.visit(source);
    const before = await eventsOf(source);
    const lost = before.get("Concert No. 5")!;

    shown.events = upTo(5);
    expect(await node.visit(source)).toMatchObject({ outcome: "taken", counts: { missing: 1, withdrawn: 0 } });
    expect((await node.event(lost.id)).public).toBe(true);
    // The same bytes again: what was missing is missing once more.
    expect(await node.visit(source)).toMatchObject({ outcome: "unchanged", counts: { missing: 1, withdrawn: 1 } });
    expect(await node.event(lost.id)).toMatchObject({ lifecycleState: "withdrawn", public: false });
    expect(await openItems(source, "withdrawn")).toMatchObject([
      { topic: `withdrawn event ${lost.id}`, entityId: lost.id, details: { source: "gone", name: "Concert No. 5", missedVisits: 2 } },
    ]);
    expect(await node.visit(source)).toMatchObject({ counts: { missing: 0, withdrawn: 0 } });

    // It comes back with another start: the source's id says that it is the same.
    shown.events = [...upTo(5), nth(5, { startDate: "2030-01-06T21:00:00-05:00" })];
    expect(await node.visit(source)).toMatchObject({ outcome: "taken", counts: { created: 0, returned: 1, missing: 0 } });
    expect(await node.event(lost.id)).toMatchObject({ lifecycleState: "published", public: true, startDate: "2030-01-06T21:00:00-05:00" });
    expect((await eventsOf(source)).size).toBe(6);
    expect(await openItems(source, "withdrawn")).toEqual([]);
  });

  test("is counted anew once it was seen again in between", async () => {
    const { source, shown, upTo } = await calendar("flicker", 6, { missingAfter: 2 });
    for (const events of [upTo(6), upTo(5), upTo(6), upTo(5)]) {
      shown.events = events;
      expect((await node.visit(source)).outcome).toBe("taken");
    }
    expect((await eventsOf(source)).get("Concert No. 5")!.state).toBe("published");
  });

  test("without an id of its own comes back by what it is", async () => {
    const { source, shown, nth } = await calendar("plain", 0, { missingAfter: 1 });
    const plain = (n: number) => nth(n, { "@id": undefined });
    shown.events = [0, 1, 2, 3, 4, 5].map(plain);
    await node.visit(source);
    const { id } = (await eventsOf(source)).get("Concert No. 5")!;
    shown.events = [0, 1, 2, 3, 4].map(plain);
    expect(await node.visit(source)).toMatchObject({ counts: { withdrawn: 1 } });
    shown.events = [0, 1, 2, 3, 4, 5].map(plain);
    expect(await node.visit(source)).toMatchObject({ counts: { returned: 1 } });
    expect((await node.event(id)).public).toBe(true);
  });

  test("lives on where another source speaks for it", async () => {
    const { source, shown, nth, upTo } = await calendar("first", 6, { missingAfter: 1 });
    await node.visit(source);
    const { id } = (await eventsOf(source)).get("Concert No. 5")!;
    const other = await node.source("Box office");
    const { "@id": _, ...fifth } = nth(5);
    await node.submit(other, fifth);
    shown.events = upTo(5);
    expect(await node.visit(source)).toMatchObject({ counts: { missing: 1, withdrawn: 0 } });
    expect((await node.event(id)).public).toBe(true);
    expect(await openItems(source, "withdrawn")).toEqual([]);
  });

  test("does not count once it is over", async () => {
    const { source, shown, nth, upTo } = await calendar("over", 2, { missingAfter: 1 });
    shown.events.push(nth(9, { startDate: "2026-02-01T20:00:00-05:00", endDate: "2026-02-01T22:00:00-05:00" }));
    await node.visit(source);
    shown.events = upTo(2);
    expect(await node.visit(source)).toMatchObject({ outcome: "taken", counts: { missing: 0, withdrawn: 0 } });
    expect((await eventsOf(source)).get("Concert No. 9")!.state).not.toBe("withdrawn");
  });

  test("does not count where its item is there but cannot be read", async () => {
    const { source, shown, nth, upTo } = await calendar("broken", 6, { missingAfter: 1 });
    await node.visit(source);
    shown.events = [...upTo(5), nth(5, { startDate: "next friday" })];
    expect(await node.visit(source)).toMatchObject({ outcome: "taken", counts: { rejected: 1, missing: 0, withdrawn: 0 } });
  });
});

describe("a source that is empty all of a sudden", () => {
  test("is not believed, however often, until a person says so", async () => {
    const { source, shown, upTo } = await calendar("emptied", 8, { missingAfter: 1 });
    await node.visit(source);
    shown.events = upTo(2);
    for (const _ of [1, 2, 3]) {
      expect(await node.visit(source)).toMatchObject({ outcome: "suspicious", counts: { missing: 6, withdrawn: 0 } });
      expect((await eventsOf(source)).get("Concert No. 7")!.state).toBe("published");
    }
    expect(await openItems(source, "empty")).toMatchObject([{ details: { guard: true, upcoming: 8, missing: 6 } }]);
    expect((await node.lastVisit(source))["trouble"]).toBe("6 of 8 upcoming events are missing at once");

    await node.registry.database.transact((tx) =>
      acceptEmpty(node.registry, ADMIN, tx, { sourceId: source.sourceId, reason: "The hall burnt down" }),
    );
    expect(await openItems(source, "empty")).toEqual([]);
    expect(await node.visit(source)).toMatchObject({ outcome: "unchanged", counts: { missing: 6, withdrawn: 6 } });
    expect((await eventsOf(source)).get("Concert No. 7")!.state).toBe("withdrawn");
    expect(await node.rows("select actor, reason from audit_log where action = 'source.missing-accepted'")).toEqual([
      { actor: "cli:test", reason: "The hall burnt down" },
    ]);
  });

  test("is believed again when it is whole again", async () => {
    const { source, shown, nth } = await calendar("blinked", 3, { missingAfter: 1 });
    await node.visit(source);
    shown.events = [];
    expect((await node.visit(source)).outcome).toMatch(/^(suspicious|failed)$/);
    shown.events = [nth(20)];
    expect(await node.visit(source)).toMatchObject({ outcome: "taken", counts: { missing: 3, withdrawn: 3 } });
    expect(await openItems(source, "empty")).toEqual([]);
  });
});

describe("the settings", () => {
  const set = (change: Parameters<typeof setHarvest>[3]) =>
    node.registry.database.transact((tx) =>
      setHarvest(node.registry, ADMIN, tx, change, {
        whyNotTarget: (url) => (url.startsWith("http") ? undefined : "it is no URL of the web"),
      }),
    );

  test("name what is wrong with them", async () => {
    await node.source("Set");
    const url = "https://set.example/events.ics";
    await expect(set({ name: "Nobody", format: "ics", url })).rejects.toThrow("There is no source named Nobody.");
    await expect(set({ name: "Set", url })).rejects.toThrow("format: is missing; expected one of ics, json-ld, html, export.");
    await expect(set({ name: "Set", format: "ics" })).rejects.toThrow("url: is missing");
    await expect(set({ name: "Set", format: "ics", url: "file:///etc/passwd" })).rejects.toThrow("url: it is no URL of the web.");
    await expect(set({ name: "Set", format: "ics", url, everyMinutes: 4 })).rejects.toThrow(
      "everyMinutes: 4 is not a whole number from 5 to 43200.",
    );
    await expect(set({ name: "Set", format: "ics", url, missingAfter: 0 })).rejects.toThrow("missingAfter: 0");
    expect(await set({ name: "Set", format: "ics", url, everyMinutes: 60 })).toEqual({
      format: "ics",
      url,
      everyMinutes: 60,
      missingAfter: 3,
      enabled: true,
    });
    expect(await set({ name: "Set", enabled: false })).toMatchObject({ everyMinutes: 60, enabled: false });
    const { registry } = node;
    const listedOnes = await registry.database.read(listHarvests);
    expect(listedOnes.find(({ source }) => source === "Set")).toMatchObject({ url, enabled: false, lastOutcome: null });
    await registry.database.transact((tx) => removeHarvest(registry, ADMIN, tx, { name: "Set" }));
    await expect(registry.database.transact((tx) => removeHarvest(registry, ADMIN, tx, { name: "Set" }))).rejects.toThrow("is not visited");
  });
});

describe("the plan", () => {
  test("queues what is due, one host's sources one after the other", async () => {
    await node.rows("update source_harvests set enabled = false");
    const url = (n: number) => site.serve("many.example", `/${n}`, (_request, response) => void response.writeHead(200).end("[]"));
    const many = await Promise.all([1, 2, 3].map((n) => node.visited(`many ${n}`, url(n))));
    const alone = await node.visited(
      "alone",
      site.serve("alone.example", "/", (_request, response) => void response.end("[]")),
    );
    node.jobs.length = 0;
    expect(await planHarvests(node.registry, { pauseMs: 2_000 })).toEqual({ planned: 4 });
    const now = node.registry.clock().getTime();
    const after = Object.fromEntries(node.jobs.map((job) => [(job as any).sourceId, ((job as any).startAfter?.getTime() ?? now) - now]));
    expect(many.map(({ sourceId }) => after[sourceId]).toSorted((a, b) => a! - b!)).toEqual([0, 2_000, 4_000]);
    expect(after[alone.sourceId]).toBe(0);
  });

  test("one whose turn comes late is put off and holds nobody up; a withdrawn one is left alone", async () => {
    const { source } = await calendar("crowded", 1);
    await node.rows("insert into harvest_hosts (host, next_request_at) values ($1, $2)", [
      `crowded.example:${site.port}`,
      new Date(node.registry.clock().getTime() + HOUR),
    ]);
    expect(await node.visit(source, { early: false })).toMatchObject({ outcome: "waiting" });
    expect(await node.rows("select * from harvest_visits where source_id = $1", [source.sourceId])).toEqual([]);
    expect(await node.dueIn(source)).toBeCloseTo(1, 3);
    node.later(HOUR);
    expect((await node.visit(source, { early: false })).outcome).toBe("taken");
    await node.rows("update sources set withdrawn_at = now() where id = $1", [source.sourceId]);
    expect(await node.visit(source)).toEqual({ outcome: "idle" });
  });
});

test("a visit that was cut off goes on where it stopped, and another in its place gives its run up", async () => {
  const { source } = await calendar("cut", 4);
  const stop = new AbortController();
  stop.abort(new Error("the node stops"));
  await expect(node.visit(source, { signal: stop.signal })).rejects.toThrow("the node stops");
  expect(await node.rows("select * from harvest_visits where source_id = $1", [source.sourceId])).toEqual([]);
  expect(await node.visit(source, { early: false })).toMatchObject({ outcome: "taken", counts: { created: 4 } });

  // As a crash leaves it: staged, not applied, and still held.
  await node.rows("update ingest_runs set state = 'applying', finished_at = null where source_id = $1", [source.sourceId]);
  await node.rows("update source_harvests set body_hash = null, visiting_until = $2 where source_id = $1", [
    source.sourceId,
    new Date(node.registry.clock().getTime() + HOUR),
  ]);
  await node.rows("update harvest_visits set finished_at = null, outcome = null where source_id = $1", [source.sourceId]);
  expect(await node.visit(source)).toEqual({ outcome: "idle" });
  node.later(2 * HOUR);
  expect(await node.visit(source)).toMatchObject({ outcome: "taken", counts: { found: 4, created: 4 } });
  expect(await node.rows("select outcome, trouble from harvest_visits where source_id = $1 order by id", [source.sourceId])).toEqual([
    { outcome: "failed", trouble: "the visit was cut off" },
    { outcome: "taken", trouble: null },
  ]);
  expect(await node.rows("select state from ingest_runs where source_id = $1", [source.sourceId])).toEqual([{ state: "done" }]);
});
