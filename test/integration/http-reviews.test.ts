/** Review over HTTP: the queue, decisions, merges and their undoing, pins, withdrawals; who may, and what is refused. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAudit } from "../../src/db/audit-trail.ts";
import { ulidOf } from "../../src/domain/iri.ts";
import { setHarvest } from "../../src/registry/harvests.ts";
import { resettleSource } from "../../src/registry/resettle.ts";
import { changeSource, ensureSource, findNamedSource, type NewSource } from "../../src/registry/sources.ts";
import { ADMIN_KEY, jsonOf, openTestNode, type TestNode } from "../support/http.ts";
import { openDuplicate, opened, submitted } from "../support/review.ts";

const ADMIN = "/api/v1/admin";
const ITEMS = `${ADMIN}/review-items`;
let node: TestNode;
let city: string;
let weekly: string;
beforeAll(async () => {
  node = await openTestNode();
  city = await node.key("agent", { source: "City calendar", name: "city" });
  weekly = await node.key("agent", { source: "Weekly paper", name: "weekly" });
});
afterAll(() => node[Symbol.asyncDispose]());

const ask = (path: string, body?: unknown, more: { method?: string; key?: string; headers?: Record<string, string> } = {}) =>
  node.ask(path, { key: ADMIN_KEY, ...(body !== undefined && { body, type: "application/json" }), ...more });
const eventOf = (id: string) => jsonOf(ask(`/api/v1/events/${ulidOf(id)}`));
const audited = async (id: string) =>
  (await node.database.read((on) => readAudit(on, { entityId: id, limit: 20 }))).map(({ action, actor, reason }) => ({
    action,
    actor,
    reason,
  }));
const decide = (item: string, decision: object) => ask(`${ITEMS}/${ulidOf(item)}/decision`, decision);

const elsewhere = { "@type": "Place", name: "Harbour Hall", geo: { "@type": "GeoCoordinates", latitude: 45.5, longitude: -73.6 } };
let day = 0;

/** Two events so unlike each other that only a person could think them one. */
async function aPair(name: string) {
  const date = `2026-06-${String(++day).padStart(2, "0")}`;
  const left = await submitted(node, city, { name, startDate: `${date}T20:00:00-04:00`, keywords: ["jazz"] });
  const right = await submitted(node, weekly, {
    name: `Evening ${name}`,
    startDate: `${date}T09:00:00-04:00`,
    keywords: ["jazz", "free"],
    location: elsewhere,
  });
  return { left, right };
}

/** One event of which two sources of equal trust give different names for the same instant and place. */
async function aConflict(name: string) {
  const id = await submitted(node, city, {
    name,
    "@id": `https://city.example/${encodeURIComponent(name)}`,
    startDate: "2026-06-03T20:00:00-04:00",
  });
  await submitted(node, weekly, {
    name,
    "@id": `https://weekly.example/${encodeURIComponent(name)}`,
    startDate: "2026-06-03T20:00:00-04:00",
  });
  await submitted(node, weekly, {
    name: `${name}!!! tonight`,
    "@id": `https://weekly.example/${encodeURIComponent(name)}`,
    startDate: "2026-06-03T20:00:00-04:00",
  });
  const { items } = await jsonOf(ask(`${ITEMS}?kind=conflict&entity=${ulidOf(id)}`));
  return { id, item: items[0]?.id as string };
}

const provenanceOf = async (id: string) =>
  (await jsonOf(ask(`/api/v1/events/${ulidOf(id)}?include=provenance`)))["sel:provenance"] as unknown;

/** A source of its own says the event of that title, with texts; the source's name. */
async function saysTexts(title: string, { type, licenseStatus }: Pick<NewSource, "type" | "licenseStatus">): Promise<string> {
  const name = `Source of ${title}`;
  await node.database.transact((tx) => ensureSource(node.registry, tx, { name, type: "api", trustLevel: 3, licenseStatus }));
  const key = await node.key("agent", { source: name, name });
  await submitted(node, key, {
    name: title,
    startDate: "2026-06-03T20:00:00-04:00",
    description: `An evening, says ${name}.`,
    image: "https://images.example/evening.jpg",
    url: "https://evening.example/",
  });
  // Nobody speaks for another node by a key: it is one from now on.
  await node.database.transact((tx) => changeSource(node.registry, { actor: "test", role: "admin" }, tx, name, { type }));
  return name;
}

describe("the queue", () => {
  test("lists what is open, the newest first, by kind, source and entity, page by page", async () => {
    const { left, right } = await aPair("Queue");
    const duplicate = await openDuplicate(node, left, right);
    const source = (await findNamedSource(node.registry, "Weekly paper"))!;
    const details = { state: "silent", expected: "something new every 2 days", actual: "nothing for 9 days" };
    const [silent] = await opened(node, { kind: "silent", topic: `silent ${source.id}`, sourceId: source.id, details });

    const all = await jsonOf(ask(ITEMS));
    expect(all.items.map((item: { id: string }) => item.id)).toEqual(expect.arrayContaining([ulidOf(silent!), ulidOf(duplicate)]));
    expect(all.items.findIndex((item: { id: string }) => item.id === ulidOf(silent!))).toBeLessThan(
      all.items.findIndex((item: { id: string }) => item.id === ulidOf(duplicate)),
    );
    const ofPair = await jsonOf(ask(`${ITEMS}?kind=duplicate&entity=${ulidOf(right)}`));
    expect(ofPair).toEqual({
      items: [
        {
          id: ulidOf(duplicate),
          kind: "duplicate",
          state: "open",
          entity: { kind: "event", id: ulidOf(left), uri: `${node.base}/events/${ulidOf(left)}`, name: "Queue" },
          other: { kind: "event", id: ulidOf(right), uri: `${node.base}/events/${ulidOf(right)}`, name: "Evening Queue" },
          details: { rule: "strong", score: 0.91, features: { name: 0.83, minutes: 10 } },
          createdAt: "2026-05-01T12:00:00.000Z",
        },
      ],
      next_cursor: null,
    });
    expect(await jsonOf(ask(`${ITEMS}?source=Weekly%20paper`))).toMatchObject({
      items: [{ id: ulidOf(silent!), source: "Weekly paper", details }],
    });

    const paged: string[] = [];
    for (let after: string | null = ""; after !== null;) {
      const page: { items: { id: string }[]; next_cursor: string | null } = await jsonOf(
        ask(`${ITEMS}?limit=1${after && `&after=${after}`}`),
      );
      paged.push(...page.items.map((item) => item.id));
      after = page.next_cursor;
    }
    expect(paged).toEqual(all.items.map((item: { id: string }) => item.id));
    expect((await decide(silent!, { action: "accept", reason: "summer break" })).status).toBe(200);
    expect((await jsonOf(ask(`${ITEMS}?kind=silent`))).items).toEqual([]);
    expect((await jsonOf(ask(`${ITEMS}?kind=silent&state=resolved`))).items).toMatchObject([
      { resolution: "accepted", decidedBy: "admin", reason: "summer break", source: "Weekly paper" },
    ]);
  });

  test("an item shows both sides and where they differ, with the sources of each", async () => {
    const { left, right } = await aPair("Compared");
    const item = await jsonOf(ask(`${ITEMS}/${ulidOf(await openDuplicate(node, left, right))}`));
    expect(item.sides.map((side: { name: string }) => side.name)).toEqual(["Compared", "Evening Compared"]);
    const sources = { leftSources: [{ source: "City calendar", trust: 5 }], rightSources: [{ source: "Weekly paper", trust: 5 }] };
    expect(item.differences).toEqual([
      { pointer: "/keywords", left: ["jazz"], right: ["jazz", "free"], ...sources },
      { pointer: "/location/@id", left: expect.stringContaining("/places/"), right: expect.stringContaining("/places/"), ...sources },
      { pointer: "/location/address/@type", left: "PostalAddress", ...sources, rightSources: [] },
      { pointer: "/location/address/addressCountry", left: "CA", ...sources, rightSources: [] },
      { pointer: "/location/address/addressLocality", left: "Toronto", ...sources, rightSources: [] },
      { pointer: "/location/address/addressRegion", left: "ON", ...sources, rightSources: [] },
      { pointer: "/location/geo/latitude", left: 43.66, right: 45.5, ...sources },
      { pointer: "/location/geo/longitude", left: -79.42, right: -73.6, ...sources },
      { pointer: "/location/name", left: "Backroom", right: "Harbour Hall", ...sources },
      { pointer: "/name", left: "Compared", right: "Evening Compared", ...sources },
      { pointer: "/startDate", left: "2026-06-02T20:00:00-04:00", right: "2026-06-02T09:00:00-04:00", ...sources },
    ]);
  });

  test("refuses those who are no admins, unknown items and parameters", async () => {
    for (const path of [ITEMS, `${ADMIN}/merges`, `${ADMIN}/not-duplicates`, `${ADMIN}/conflicts`]) {
      expect((await ask(path, undefined, { key: "" })).status).toBe(401);
      expect((await ask(path, undefined, { key: city })).status).toBe(403);
    }
    expect((await ask(`${ITEMS}/01HYX3KQW7ERTV9XNBM2P8QJZF`)).status).toBe(404);
    expect((await ask(`${ITEMS}/nonsense`)).status).toBe(404);
    expect((await ask(`${ITEMS}?source=Nobody`)).status).toBe(404);
    for (const query of ["?colour=red", "?kind=odd", "?limit=0", "?after=x", "?entity=x", "?state=shut"])
      expect([query, (await ask(ITEMS + query)).status]).toEqual([query, 400]);
  });
});

describe("a decision", () => {
  test("merges a pair; the newer leads on, the item says who and why, and an undo restores both", async () => {
    const { left, right } = await aPair("Decided");
    const before = [await eventOf(left), await eventOf(right)];
    const item = await openDuplicate(node, left, right);
    const decided = await decide(item, { action: "merge", reason: "one concert" });
    expect(decided.status).toBe(200);
    const { merge, ...rest } = await jsonOf(decided);
    expect(rest).toMatchObject({ id: ulidOf(item), state: "resolved", resolution: "merged", decidedBy: "admin", reason: "one concert" });
    expect((await ask(`/api/v1/events/${ulidOf(right)}`)).status).toBe(410);
    expect((await eventOf(left)).keywords).toEqual(["jazz"]);
    expect(await audited(left)).toContainEqual({ action: "review.merged", actor: "admin", reason: "one concert" });
    expect(await audited(right)).toContainEqual({ action: "event.merged_into", actor: "admin", reason: "one concert" });

    const merges = await jsonOf(ask(`${ADMIN}/merges?limit=1`));
    expect(merges.items[0]).toMatchObject({
      id: merge,
      kind: "event",
      kept: { id: ulidOf(left) },
      gone: { id: ulidOf(right) },
      actor: "admin",
      reason: "one concert",
    });
    const undone = await ask(`${ADMIN}/merges/${merge}?reason=two%20sets`, undefined, { method: "DELETE" });
    expect([undone.status, (await jsonOf(undone)).undoneBy]).toEqual([200, "admin"]);
    expect([await eventOf(left), await eventOf(right)]).toEqual(before);
    expect((await ask(`${ADMIN}/merges/${merge}`, undefined, { method: "DELETE" })).status).toBe(409);
    expect((await jsonOf(ask(`${ADMIN}/not-duplicates`))).items[0]).toMatchObject({
      kind: "event",
      entities: [{ id: ulidOf(left) }, { id: ulidOf(right) }],
      actor: "admin",
      reason: "two sets",
    });
  });

  test("is taken once: the second is told 409 and who decided", async () => {
    const { left, right } = await aPair("Once");
    const item = await openDuplicate(node, left, right);
    expect((await decide(item, { action: "dismiss", reason: "later" })).status).toBe(200);
    const again = await decide(item, { action: "merge" });
    expect([again.status, (await jsonOf(again)).detail]).toEqual([409, "This was decided already, by admin: dismissed."]);
    expect((await ask(`/api/v1/events/${ulidOf(right)}`)).status).toBe(200);
    expect(await audited(left)).toContainEqual({ action: "review.dismissed", actor: "admin", reason: "later" });
  });

  test("of two people at once, one is told 409", async () => {
    const { left, right } = await aPair("Race");
    const item = await openDuplicate(node, left, right);
    const both = await Promise.all([decide(item, { action: "merge" }), decide(item, { action: "apart" })]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
  });

  test("keeps a pair apart, for ever", async () => {
    node.pass(1_000);
    const { left, right } = await aPair("Apart");
    const item = await openDuplicate(node, left, right);
    expect(await jsonOf(decide(item, { action: "apart", reason: "matinee and evening" }))).toMatchObject({
      state: "resolved",
      resolution: "apart",
      decidedBy: "admin",
    });
    expect((await jsonOf(ask(`${ADMIN}/not-duplicates`))).items[0]).toMatchObject({ reason: "matinee and evening" });
    expect(await audited(left)).toContainEqual({ action: "event.kept_apart", actor: "admin", reason: "matinee and evening" });
  });

  test("pins the value of a source, which settles the conflict and survives what sources say later", async () => {
    const { id, item } = await aConflict("Pinned");
    const shown = await jsonOf(ask(`${ITEMS}/${item}`));
    expect(shown.conflicts).toMatchObject([{ field: "/name", contested: true, claims: [{ wins: true }, { wins: false }] }]);
    const other = shown.conflicts[0].claims[1];
    const decided = await ask(`${ITEMS}/${item}/decision`, {
      action: "pin",
      field: "name",
      source: other.source,
      reason: "the poster says so",
    });
    expect([decided.status, await jsonOf(decided)]).toMatchObject([200, { state: "resolved", resolution: "pinned", decidedBy: "admin" }]);
    expect((await eventOf(id)).name).toBe(other.value);
    await submitted(node, city, { name: "Pinned again", "@id": "https://city.example/Pinned", startDate: "2026-06-03T20:00:00-04:00" });
    expect((await eventOf(id)).name).toBe(other.value);
    expect(await audited(id)).toContainEqual({ action: "review.pinned", actor: "admin", reason: "the poster says so" });
  });

  test("withdraws a source's claim, so that the other stands", async () => {
    const { id, item } = await aConflict("Withdrawn");
    const [{ claims }] = (await jsonOf(ask(`${ITEMS}/${item}`))).conflicts;
    const decided = await jsonOf(ask(`${ITEMS}/${item}/decision`, { action: "withdraw", field: "name", source: claims[0].source }));
    expect(decided).toMatchObject({ state: "resolved", resolution: "claim_withdrawn" });
    expect((await eventOf(id)).name).toBe(claims[1].value);
    const { items } = await jsonOf(ask(`${ADMIN}/events/${ulidOf(id)}/withdrawals`));
    expect(items).toMatchObject([{ id: decided.withdrawal, source: claims[0].source, field: "name", actor: "admin" }]);
  });

  test("retracts the event", async () => {
    const { id, item } = await aConflict("Retracted");
    expect(await jsonOf(ask(`${ITEMS}/${item}/decision`, { action: "retract", reason: "a hoax" }))).toMatchObject({
      resolution: "retracted",
    });
    expect((await ask(`/api/v1/events/${ulidOf(id)}`)).status).toBe(410);
    expect(await audited(id)).toContainEqual({ action: "event.deleted", actor: "admin", reason: "a hoax" });
  });

  test("that the item does not have, or that lacks what it needs, is refused by name and changes nothing", async () => {
    const { left, right } = await aPair("Refused");
    const item = await openDuplicate(node, left, right);
    const { item: conflict } = await aConflict("Refused too");
    for (const [path, decision, pointer] of [
      [ulidOf(item), { action: "pin" }, "/action"],
      [ulidOf(item), { action: "explode" }, "/action"],
      [ulidOf(item), { action: "merge", because: "x" }, ""],
      [ulidOf(item), { action: "merge", reason: "" }, "/reason"],
      [conflict, { action: "pin", value: "x" }, "/field"],
      [conflict, { action: "pin", field: "name" }, "/value"],
      [conflict, { action: "pin", field: "name", value: "x", source: "City calendar" }, "/value"],
      [conflict, { action: "pin", field: "name", value: 7 }, "/value"],
      [conflict, { action: "withdraw", field: "name" }, "/source"],
    ] as const) {
      const refused = await ask(`${ITEMS}/${path}/decision`, decision);
      expect([decision, refused.status, (await jsonOf(refused)).errors?.[0]?.pointer]).toEqual([decision, 422, pointer]);
    }
    expect((await ask(`${ITEMS}/${conflict}/decision`, { action: "withdraw", field: "name", source: "Nobody" })).status).toBe(404);
    expect((await jsonOf(ask(`${ITEMS}/${ulidOf(item)}`))).state).toBe("open");
  });

  test("is given again for its Idempotency-Key", async () => {
    const { left, right } = await aPair("Idempotent");
    const path = `${ITEMS}/${ulidOf(await openDuplicate(node, left, right))}/decision`;
    const headers = { "idempotency-key": "decide-1" };
    const [first, second] = [await ask(path, { action: "merge" }, { headers }), await ask(path, { action: "merge" }, { headers })];
    expect([second.status, second.headers.get("idempotency-replayed"), await second.text()]).toEqual([200, "true", await first.text()]);
  });
});

describe("an alarm of a source", () => {
  test("that is suddenly empty is accepted: what is missing counts from then on", async () => {
    const { id } = (await findNamedSource(node.registry, "City calendar"))!;
    const visited = { name: "City calendar", format: "json-ld", url: "https://city.example/events.json" } as const;
    const [unvisited] = await opened(node, { kind: "empty", topic: `empty ${id}`, sourceId: id, details: { actual: "0 events" } });
    expect((await decide(unvisited!, { action: "accept" })).status).toBe(404);
    await node.database.transact((tx) =>
      setHarvest(node.registry, { actor: "test", role: "admin" }, tx, visited, { whyNotTarget: () => undefined }),
    );
    expect(await jsonOf(decide(unvisited!, { action: "accept", reason: "the season is over" }))).toMatchObject({
      state: "resolved",
      resolution: "accepted",
      decidedBy: "admin",
      source: "City calendar",
    });
    expect(await audited(id)).toContainEqual({ action: "source.missing-accepted", actor: "admin", reason: "the season is over" });
  });
});

describe("merges", () => {
  test("are made by ids or by addresses of this node, of one kind", async () => {
    const { left, right } = await aPair("By address");
    const urls = [`${node.base}/events/${ulidOf(right)}`, `${node.base}/events/${ulidOf(left)}`];
    const made = await ask(`${ADMIN}/merges`, { kind: "event", urls, reason: "the same" });
    expect([made.status, await jsonOf(made)]).toMatchObject([
      201,
      { kept: { id: ulidOf(left) }, gone: { id: ulidOf(right), name: "Evening By address" } },
    ]);
    expect((await ask(`${ADMIN}/merges`, { kind: "event", urls, reason: "again" })).status).toBe(409);
    const refusals: [object, number][] = [
      [{ kind: "event", urls }, 422],
      [{ kind: "event", reason: "x" }, 422],
      [{ kind: "event", ids: [ulidOf(left)], reason: "x" }, 422],
      [{ kind: "event", ids: [ulidOf(left), "x"], reason: "x" }, 422],
      [{ kind: "event", ids: [ulidOf(left), ulidOf(left)], reason: "x" }, 409],
      [{ kind: "place", urls, reason: "x" }, 422],
      [{ kind: "event", urls: [urls[0], "https://elsewhere.example/events/1"], reason: "x" }, 422],
      [{ kind: "event", ids: [ulidOf(left), "01HYX3KQW7ERTV9XNBM2P8QJZF"], reason: "x" }, 404],
    ];
    for (const [body, status] of refusals) expect([body, (await ask(`${ADMIN}/merges`, body)).status]).toEqual([body, status]);
    expect((await ask(`${ADMIN}/merges/01HYX3KQW7ERTV9XNBM2P8QJZF`, undefined, { method: "DELETE" })).status).toBe(404);
  });

  test("of places: what points at the newer points at the older, and back after the undo", async () => {
    const at = (name: string, latitude: number) => ({
      "@type": "Place",
      name,
      geo: { "@type": "GeoCoordinates", latitude, longitude: -79.4 },
    });
    const first = await submitted(node, city, { name: "At the hall", location: at("Grand Hall", 43.1) });
    const second = await submitted(node, city, { name: "At the other hall", location: at("The Grand Hall", 43.1001) });
    const placeOf = async (id: string) => (await eventOf(id)).location["@id"] as string;
    const [hall, other] = [await placeOf(first), await placeOf(second)];
    expect(hall).not.toBe(other);
    const { id } = await jsonOf(ask(`${ADMIN}/merges`, { kind: "place", urls: [hall, other], reason: "one hall" }));
    expect(await placeOf(second)).toBe(hall);
    expect((await ask(`${ADMIN}/merges/${id}`, undefined, { method: "DELETE" })).status).toBe(200);
    expect(await placeOf(second)).toBe(other);
  });

  test("pairs are remembered as two by hand, too; merged ones are not", async () => {
    const { left, right } = await aPair("Remembered");
    const ids = [ulidOf(left), ulidOf(right)];
    expect((await ask(`${ADMIN}/not-duplicates`, { kind: "event", ids, reason: "two evenings" })).status).toBe(204);
    expect((await ask(`${ADMIN}/merges`, { kind: "event", ids, reason: "yet one" })).status).toBe(201);
    expect((await ask(`${ADMIN}/not-duplicates`, { kind: "event", ids, reason: "no" })).status).toBe(409);
    expect(
      (await ask(`${ADMIN}/not-duplicates`, { kind: "event", ids: [ids[0], "01HYX3KQW7ERTV9XNBM2P8QJZF"], reason: "no" })).status,
    ).toBe(404);
  });
});

describe("claims", () => {
  test("conflicts are listed by event with who says what, bounded and paged", async () => {
    const { id } = await aConflict("Listed");
    const { items, next_cursor } = await jsonOf(ask(`${ADMIN}/conflicts?limit=200`));
    expect(next_cursor).toBeNull();
    const item = items.find((one: { entity: { id: string } }) => one.entity.id === ulidOf(id));
    expect(item.fields).toMatchObject([{ field: "/name", contested: true }]);
    expect(item.fields[0].claims.map(({ source }: { source: string }) => source).toSorted()).toEqual(["City calendar", "Weekly paper"]);
    const paged = [];
    for (let after: string | null = ""; after !== null;) {
      const page: { items: unknown[]; next_cursor: string | null } = await jsonOf(
        ask(`${ADMIN}/conflicts?limit=1${after && `&after=${after}`}`),
      );
      paged.push(...page.items);
      after = page.next_cursor;
    }
    expect(paged).toEqual(items);
  });

  test("a pin by value, and the way back: the curator's claim is taken back", async () => {
    const id = await submitted(node, city, { name: "To be pinned", "@id": "https://city.example/pin" });
    const pins = `${ADMIN}/events/${ulidOf(id)}/pins`;
    const pinned = await ask(pins, { field: "name", value: "A better name", reason: "typing error" });
    expect([pinned.status, pinned.headers.get("calends-outcome"), (await jsonOf(pinned)).name]).toEqual([200, "pinned", "A better name"]);
    const back = await ask(`/api/v1/events/${ulidOf(id)}/withdrawals`, { field: "name", reason: "it was right" });
    expect(back.status).toBe(201);
    expect((await eventOf(id)).name).toBe("To be pinned");
    expect((await ask(pins, { field: "name" })).status).toBe(422);
    expect((await ask(pins, { field: "colour", value: "red" })).status).toBe(422);
    expect((await ask(pins, { field: "name", fromSource: "Nobody" })).status).toBe(404);
    expect((await ask(pins, { field: "description", fromSource: "City calendar" })).status).toBe(404);
    expect((await ask(pins.replace(ulidOf(id), "01HYX3KQW7ERTV9XNBM2P8QJZF"), { field: "name", value: "x" })).status).toBe(404);
    expect((await ask(pins, { field: "name", value: "x" }, { key: city })).status).toBe(403);
  });

  test.each([
    ["another node's, whatever its license", "Peer", "federation", "cc0"],
    ["under cc-by", "Credit", "api", "cc-by"],
    ["kept back by its license", "Closed", "api", "proprietary"],
  ] as const)("a text or image that is %s, is not pinned as ours, by either way", async (_which, title, type, licenseStatus) => {
    const source = await saysTexts(title, { type, licenseStatus });
    const { id, item } = await aConflict(title);
    const pins = `${ADMIN}/events/${ulidOf(id)}/pins`;
    const before = await provenanceOf(id);
    for (const field of ["description", "image"]) {
      for (const refused of [
        await ask(pins, { field, fromSource: source }),
        await ask(`${ITEMS}/${item}/decision`, { action: "pin", field, source }),
      ]) {
        const { code, detail } = await jsonOf(refused);
        expect([refused.status, code]).toEqual([409, "conflict"]);
        for (const told of [field, source, licenseStatus, "trust", "value"]) expect(detail).toContain(told);
      }
    }
    expect(await provenanceOf(id)).toEqual(before);
    expect((await jsonOf(ask(`${ITEMS}/${item}`))).state).toBe("open");
    // A fact is anybody's, and so are the curator's own words.
    expect((await ask(pins, { field: "url", fromSource: source })).status).toBe(200);
    expect((await jsonOf(ask(pins, { field: "description", value: "In our own words." }))).description).toBe("In our own words.");
  });

  test("a text that is anybody's is pinned", async () => {
    const fromSource = await saysTexts("Anybody's", { type: "api", licenseStatus: "cc0" });
    const { id } = await aConflict("Anybody's");
    const pinned = await ask(`${ADMIN}/events/${ulidOf(id)}/pins`, { field: "description", fromSource });
    expect([pinned.status, (await jsonOf(pinned)).description]).toEqual([200, `An evening, says ${fromSource}.`]);
  });

  test("an admin takes back any source's claim, and lets it count again", async () => {
    const { id } = await aConflict("Taken back");
    const path = `${ADMIN}/events/${ulidOf(id)}/withdrawals`;
    const before = (await eventOf(id)).name;
    const claims = (await jsonOf(ask(`/api/v1/events/${ulidOf(id)}?include=provenance`)))["sel:provenance"].fields.find(
      ({ field }: { field: string }) => field === "/name",
    );
    const taken = await ask(path, { source: claims.winner.source, field: "name", reason: "wrong" });
    expect([taken.status, await jsonOf(taken)]).toMatchObject([
      201,
      { source: claims.winner.source, field: "name", actor: "admin", reason: "wrong" },
    ]);
    expect((await eventOf(id)).name).toBe(claims.losers[0].value);
    const { items } = await jsonOf(ask(path));
    const lifted = await ask(`${path}/${items[0].id}`, undefined, { method: "DELETE" });
    expect([lifted.status, (await jsonOf(lifted)).name]).toEqual([200, before]);
    expect((await ask(`${path}/${items[0].id}`, undefined, { method: "DELETE" })).status).toBe(404);
    expect((await ask(path, { source: "Nobody", field: "name" })).status).toBe(404);
  });

  test("a source takes back its own claim and no other's", async () => {
    const { id } = await aConflict("Own");
    const path = `/api/v1/events/${ulidOf(id)}/withdrawals`;
    const taken = await ask(path, { field: "name", reason: "our mistake" }, { key: weekly });
    expect([taken.status, await jsonOf(taken)]).toMatchObject([201, { source: "Weekly paper", actor: "key:weekly" }]);
    expect((await eventOf(id)).name).toBe("Own");
    expect((await ask(path, { field: "name" }, { key: city })).status).toBe(409);
    expect((await ask(path, { field: "image" }, { key: city })).status).toBe(404);
    expect((await ask(path, { field: "colour" }, { key: city })).status).toBe(422);
    expect((await ask(path, { field: "name", source: "City calendar" }, { key: weekly })).status).toBe(422);
    expect((await ask(path, { field: "name" }, { key: "" })).status).toBe(401);
  });

  test("a whole source is withdrawn, with a reason, and reinstated; its events follow by a job", async () => {
    const key = await node.key("agent", { source: "Flyers / walls", name: "flyers" });
    const id = await submitted(node, key, { name: "On a flyer" });
    const path = `${ADMIN}/sources/${encodeURIComponent("Flyers / walls")}/withdrawal`;
    const source = (await findNamedSource(node.registry, "Flyers / walls"))!;
    const withdrawn = await ask(path, { reason: "made up" });
    expect([withdrawn.status, await jsonOf(withdrawn)]).toMatchObject([200, { name: "Flyers / walls", withdrawnReason: "made up" }]);
    await resettleSource(node.registry, source.id);
    expect((await ask(`/api/v1/events/${ulidOf(id)}`, undefined, { key: "" })).status).toBe(404);
    expect((await ask(path, { reason: "again" })).status).toBe(409);
    const back = await ask(path, undefined, { method: "DELETE" });
    expect([back.status, (await jsonOf(back)).withdrawnAt]).toEqual([200, undefined]);
    await resettleSource(node.registry, source.id);
    expect((await ask(`/api/v1/events/${ulidOf(id)}`, undefined, { key: "" })).status).toBe(200);
    expect((await ask(path, {})).status).toBe(422);
    expect((await ask(`${ADMIN}/sources/Nobody/withdrawal`, { reason: "x" })).status).toBe(404);
    expect((await audited(source.id)).map(({ action, reason }) => [action, reason])).toEqual(
      expect.arrayContaining([
        ["source.withdrawn", "made up"],
        ["source.reinstated", null],
      ]),
    );
  });
});
