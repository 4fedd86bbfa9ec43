/** The admin pages without a browser: signing in, forms and what protects them, the queue, one item, merges, sources. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAudit } from "../../src/db/audit-trail.ts";
import { listKeys } from "../../src/db/api-keys.ts";
import { ulidOf } from "../../src/domain/iri.ts";
import { adminHomePage } from "../../src/http/pages/admin-queue.ts";
import { faultsOf } from "../../src/http/pages/page-faults.ts";
import { findNamedSource } from "../../src/registry/sources.ts";
import { adminVisitor, type AdminVisitor } from "../support/admin-visitor.ts";
import { ADMIN_KEY, jsonOf, openTestNode, type TestNode } from "../support/http.ts";
import { openDuplicate, opened, submitted } from "../support/review.ts";

let node: TestNode;
let city: string;
let weekly: string;
let keeper: string;
beforeAll(async () => {
  node = await openTestNode();
  city = await node.key("agent", { source: "City calendar", name: "city" });
  weekly = await node.key("agent", { source: "Weekly paper", name: "weekly" });
  keeper = await node.key("admin", { name: "Ada" });
});
afterAll(() => node[Symbol.asyncDispose]());

const signedIn = async (key = keeper): Promise<AdminVisitor> => {
  const visitor = adminVisitor(node);
  expect((await visitor.signIn(key)).status).toBe(200);
  return visitor;
};
const eventOf = (id: string) => node.ask(`/api/v1/events/${ulidOf(id)}`, { key: ADMIN_KEY });
const audited = async (id: string) =>
  (await node.database.read((on) => readAudit(on, { entityId: id, limit: 20 }))).map(({ action, actor, reason }) => ({
    action,
    actor,
    reason,
  }));
const elsewhere = { "@type": "Place", name: "Harbour Hall", geo: { "@type": "GeoCoordinates", latitude: 45.5, longitude: -73.6 } };
let day = 0;

/** Two events so unlike each other that only a person could think them one, and the item that asks. */
async function aPair(name: string) {
  const date = `2026-06-${String(++day).padStart(2, "0")}`;
  const left = await submitted(node, city, { name, startDate: `${date}T20:00:00-04:00` });
  const right = await submitted(node, weekly, { name: `Evening ${name}`, startDate: `${date}T09:00:00-04:00`, location: elsewhere });
  const item = `/admin/review/${ulidOf(await openDuplicate(node, left, right))}`;
  return { left, right, item };
}

/** One event, two names of equal rank. */
async function aConflict(name: string) {
  const times = { startDate: `2026-07-${String(++day).padStart(2, "0")}T20:00:00-04:00` };
  const own = (site: string) => ({ "@id": `https://${site}.example/${encodeURIComponent(name)}` });
  const id = await submitted(node, city, { name, ...times, ...own("city") });
  await submitted(node, weekly, { name, ...times, ...own("weekly") });
  await submitted(node, weekly, { name: `${name}!!! tonight`, ...times, ...own("weekly") });
  const { items } = await jsonOf(node.ask(`/api/v1/admin/review-items?kind=conflict&entity=${ulidOf(id)}`, { key: ADMIN_KEY }));
  return { id, item: `/admin/review/${items[0].id as string}` };
}

describe("signing in", () => {
  test("the first page asks for a key; the others say 401 and come back to where one wanted to go", async () => {
    const visitor = adminVisitor(node);
    const first = await visitor.go("/admin");
    expect([first.status, first.text.includes("Admin key")]).toEqual([200, true]);
    const other = await visitor.go("/admin/review?kind=duplicate");
    expect([other.status, other.html.includes('value="/admin/review?kind=duplicate"')]).toEqual([401, true]);
    expect(other.text).not.toContain("Possible duplicates");
    const inside = await visitor.signIn(keeper, "/admin/review?kind=duplicate");
    expect([inside.status, inside.at]).toEqual([200, "/admin/review?kind=duplicate"]);
  });

  test("the cookie is for these pages of this site alone, and no script's", async () => {
    const visitor = await signedIn();
    expect(visitor.setCookie).toMatch(/^calends-admin=[\w-]{43}; Path=\/admin; HttpOnly; SameSite=Strict; Max-Age=28800$/);
    await using safe = await openTestNode({ base: "https://calendar.example/sub", database: node.database });
    const there = adminVisitor(safe);
    await there.signIn(ADMIN_KEY);
    expect(there.setCookie).toMatch(
      /^__Secure-calends-admin=[\w-]{43}; Path=\/sub\/admin; HttpOnly; SameSite=Strict; Secure; Max-Age=28800$/,
    );
  });

  test("a wrong key, an agent's and none are refused with the form, and leave no cookie", async () => {
    for (const [key, status, says] of [
      ["cal_admin_nonsense", 401, "This key is not valid here"],
      ["", 401, "This key is not valid here"],
      [city, 403, "This needs an admin's key"],
    ] as const) {
      const visitor = adminVisitor(node);
      const refused = await visitor.signIn(key, "/admin/merges");
      expect([refused.status, refused.text.includes(says), visitor.cookie]).toEqual([status, true, undefined]);
      expect(refused.html).toContain('value="/admin/merges"');
      expect(refused.html).not.toContain(key || "cal_");
      expect(faultsOf(refused.html)).toEqual([]);
    }
  });

  test("leads nowhere but to these pages", async () => {
    for (const next of ["https://evil.example/", "//evil.example", "/\\evil.example", "/events", "/administrator", "/admin\r\nx: y"]) {
      const visitor = adminVisitor(node);
      expect([next, (await visitor.signIn(keeper, next)).at]).toEqual([next, "/admin"]);
    }
  });

  test("names the one who is signed in, to the pages and to the audit log", async () => {
    expect((await (await signedIn()).go("/admin")).text).toContain("key:Ada");
    expect((await (await signedIn(ADMIN_KEY)).go("/admin")).text).toContain("adminSign out");
    const [begun] = await node.database.read((on) => readAudit(on, { action: "session.begun", limit: 1 }));
    expect(begun).toMatchObject({ actor: "admin" });
  });

  test("too many tries from one address are refused", async () => {
    await using busy = await openTestNode({ database: node.database, limits: { rates: { public: 3, agent: 3, peer: 3, admin: null } } });
    const visitor = adminVisitor(busy);
    const statuses = [];
    for (let n = 0; n < 5; n++) statuses.push((await visitor.signIn("wrong")).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
  });
});

describe("a session ends", () => {
  test("by signing out: the old cookie opens nothing any more", async () => {
    const visitor = await signedIn();
    const { cookie } = visitor;
    expect((await visitor.send("/admin/sign-out", {})).text).toContain("Admin key");
    expect(visitor.cookie).toBeUndefined();
    visitor.cookie = cookie;
    expect((await visitor.go("/admin/merges")).status).toBe(401);
  });

  test("when its key is revoked, at once", async () => {
    const key = await node.key("admin", { name: "Leaver" });
    const visitor = await signedIn(key);
    const { id } = (await node.database.read(listKeys)).find(({ name }) => name === "Leaver")!;
    expect((await node.ask(`/api/v1/admin/keys/${ulidOf(id)}`, { key: ADMIN_KEY, method: "DELETE" })).status).toBe(204);
    expect((await visitor.go("/admin/merges")).status).toBe(401);
  });

  test("when the node's own key is changed", async () => {
    const visitor = await signedIn(ADMIN_KEY);
    await using restarted = await openTestNode({ database: node.database, parts: { secrets: { adminKey: "another-admin-key" } } });
    const there = adminVisitor(restarted);
    there.cookie = visitor.cookie;
    expect((await there.go("/admin/merges")).status).toBe(401);
    await using second = await openTestNode({ database: node.database });
    const beside = adminVisitor(second);
    beside.cookie = visitor.cookie;
    expect((await beside.go("/admin/merges")).status).toBe(200);
  });

  test("after eight hours", async () => {
    await using late = await openTestNode({ database: node.database });
    const visitor = adminVisitor(late);
    await visitor.signIn(keeper);
    late.pass(8 * 3_600_000 - 1_000);
    expect((await visitor.go("/admin/merges")).status).toBe(200);
    late.pass(2_000);
    expect((await visitor.go("/admin/merges")).status).toBe(401);
  });

  test("a cookie opens the pages, never the API; a key in the header opens the API, never the pages", async () => {
    const { cookie } = await signedIn();
    expect((await node.ask("/api/v1/admin/merges", { headers: { cookie: cookie! } })).status).toBe(401);
    expect((await node.ask("/admin/merges", { key: keeper })).status).toBe(401);
    expect((await node.ask("/admin/merges", { key: keeper, headers: { cookie: cookie! } })).status).toBe(401);
    for (const forged of ["calends-admin=x", `calends-admin=${"A".repeat(43)}`, "calends-admin=", `calends-admin=${"A".repeat(5_000)}`])
      expect((await node.ask("/admin/merges", { headers: { cookie: forged } })).status).toBe(401);
  });
});

describe("a form", () => {
  test("without its token, with another's or from another site changes nothing and says 403", async () => {
    const { right, item } = await aPair("Forged");
    const visitor = await signedIn();
    const stranger = await signedIn(ADMIN_KEY);
    await visitor.go(item);
    const others = /name="token" value="([\w-]+)"/.exec((await stranger.go(item)).html)![1]!;
    const merge = { action: "merge" };
    const refused = [
      await visitor.send(item, { ...merge, token: "" }),
      await visitor.send(item, { ...merge, token: "x".repeat(43) }),
      await visitor.send(item, { ...merge, token: others }),
      await visitor.send(item, merge, { origin: "https://evil.example" }),
      await visitor.send(item, merge, { origin: "null" }),
      await visitor.send(item, merge, { "sec-fetch-site": "cross-site" }),
      await visitor.send(item, merge, { "sec-fetch-site": "same-site" }),
      await visitor.send(item, merge, { origin: undefined, "sec-fetch-site": undefined }),
      await visitor.send("/admin/sign-out", {}, { origin: "https://evil.example" }),
    ];
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 403));
    for (const { html } of refused) expect(faultsOf(html)).toEqual([]);
    expect((await eventOf(right)).status).toBe(200);
    // The same form, unspoilt, is taken: it was not refused for another reason.
    await visitor.go(item);
    expect((await visitor.send(item, merge)).text).toContain("Merged by key:Ada");
    expect((await eventOf(right)).status).toBe(410);
  });

  test("to sign in, sent by another site, is refused", async () => {
    const visitor = adminVisitor(node);
    expect(
      (await visitor.send("/admin/sign-in", { key: keeper }, { origin: "https://evil.example", "sec-fetch-site": undefined })).status,
    ).toBe(403);
    expect(visitor.cookie).toBeUndefined();
  });

  test("that is no form, or has fields that it should not have, is refused", async () => {
    const { item } = await aPair("Odd forms");
    const visitor = await signedIn();
    await visitor.go(item);
    expect((await visitor.send(item, { action: "merge", force: "1" })).status).toBe(400);
    expect((await visitor.send(item, { action: "explode" })).status).toBe(400);
    expect((await visitor.send(item, { action: "merge", reason: "x".repeat(501) })).status).toBe(400);
    expect((await visitor.send(item, { action: "merge", reason: "x".repeat(20_000) })).status).toBe(413);
    expect((await visitor.send(item, { action: "merge" }, { "content-type": "application/json" })).status).toBe(415);
    expect((await visitor.go(item)).text).toContain("Decide");
  });
});

describe("every page", () => {
  test("is sound, kept by nobody and framed by nobody", async () => {
    const { item } = await aPair("Sound");
    const { item: conflict } = await aConflict("Sound conflict");
    const visitor = await signedIn();
    for (const path of [
      "/admin",
      "/admin/review",
      "/admin/review?kind=conflict&state=resolved",
      item,
      conflict,
      "/admin/merges",
      "/admin/sources",
      "/admin/sources/City%20calendar",
    ]) {
      const { status, html, headers } = await visitor.go(path);
      expect([path, status, faultsOf(html)]).toEqual([path, 200, []]);
      expect([headers.get("cache-control"), headers.get("vary"), headers.get("content-security-policy")]).toEqual([
        "no-store",
        "Cookie",
        expect.stringMatching(/frame-ancestors 'none'/),
      ]);
      expect(html).toContain('<meta name="robots" content="noindex" />');
    }
    expect((await visitor.go("/admin/review/01HYX3KQW7ERTV9XNBM2P8QJZF")).status).toBe(404);
    expect((await visitor.go("/admin/sources/Nobody")).status).toBe(404);
    expect((await visitor.go("/admin/review?colour=red")).status).toBe(400);
  });

  test("shows what sources say as text, whatever it looks like", async () => {
    const evil = `"'></td></script><hostile onclick=alert(1)>{{x}}`;
    const key = await node.key("agent", { source: `Evil ${evil}`, name: `key ${evil}` });
    const left = await submitted(node, key, { name: evil, startDate: "2026-08-01T20:00:00-04:00", keywords: [evil] });
    const right = await submitted(node, weekly, {
      name: `${evil} two`,
      startDate: "2026-08-03T20:00:00-04:00",
      location: { ...elsewhere, name: evil },
    });
    const pair = await openDuplicate(node, left, right);
    const source = (await findNamedSource(node.registry, `Evil ${evil}`))!;
    const [alarm] = await opened(node, {
      kind: "rejects",
      topic: `rejects ${source.id}`,
      sourceId: source.id,
      details: { actual: evil, [evil]: { [evil]: evil } },
    });
    const visitor = await signedIn();
    for (const path of [
      "/admin/review",
      `/admin/review/${ulidOf(pair)}`,
      `/admin/review/${ulidOf(alarm!)}`,
      "/admin/sources",
      `/admin/sources/${encodeURIComponent(source.name)}`,
    ]) {
      const { status, html, text } = await visitor.go(path);
      expect([path, status, faultsOf(html)]).toEqual([path, 200, []]);
      expect(text).toContain("<hostile onclick=alert(1)>");
    }
    await visitor.go(`/admin/review/${ulidOf(pair)}`);
    const merged = await visitor.send(`/admin/review/${ulidOf(pair)}`, { action: "merge", reason: evil });
    expect([merged.status, faultsOf(merged.html), merged.text.includes(`Reason: ${evil.replace(/\s+/g, " ")}`)]).toEqual([200, [], true]);
    expect(faultsOf((await visitor.go("/admin/merges")).html)).toEqual([]);
    const odd = await visitor.go(`/admin/review?source=${encodeURIComponent(evil)}`);
    expect([odd.status, faultsOf(odd.html)]).toEqual([404, []]);
  });
});

describe("the queue", () => {
  test("is counted on the first page and listed by kind and source, page by page", async () => {
    const visitor = await signedIn();
    const silent = async () => Number(/Silent or failing sources (\d+)/.exec((await visitor.go("/admin")).text)?.[1]);
    const before = await silent();
    await node.key("agent", { source: "Radio guide", name: "radio" });
    const { id: sourceId } = (await findNamedSource(node.registry, "Radio guide"))!;
    const item = (n: number) => ({ kind: "silent", topic: `silent radio ${n}`, sourceId, details: { actual: `silence ${n}` } }) as const;
    await opened(node, ...Array.from({ length: 55 }, (_, n) => item(n)));
    expect(await silent()).toBe(before + 55);
    const first = await visitor.go("/admin/review?kind=silent&source=Radio+guide");
    expect([...first.text.matchAll(/silence \d+/g)]).toHaveLength(50);
    const more = /href="([^"]+)" rel="next"/.exec(first.html)![1]!.replaceAll("&amp;", "&");
    expect([...(await visitor.go(more)).text.matchAll(/silence \d+/g)].map(([found]) => found)).toEqual(
      [4, 3, 2, 1, 0].map((n) => `silence ${n}`),
    );
    expect((await visitor.go("/admin/review?kind=empty&source=Radio+guide")).text).toContain("There is nothing of this here");
    expect((await visitor.go("/admin/sources")).text).toMatch(/Radio guide ?5 ?api ?sends ?none ?55/);
    await aPair("Counted");
    expect((await visitor.go("/admin/review?kind=duplicate")).text).toMatch(
      /Counted \/ Evening Counted Possible duplicates · event · rule strong · score 0\.91/,
    );
  });

  test("says so when nothing waits", () => {
    const view = { base: node.base, nodeName: "Test node", now: node.registry.clock(), session: { actor: "admin", formToken: "t" } };
    const page = adminHomePage({ ...view, counts: {} });
    expect(faultsOf(page)).toEqual([]);
    expect(page).toContain("Nothing waits for you");
    expect(adminHomePage({ ...view, counts: { empty: 1 } })).toContain("One thing to look at");
  });
});

describe("a pair", () => {
  test("is shown side by side with what differs marked, merged with a reason, and parted again by the button", async () => {
    const { left, right, item } = await aPair("Two names");
    const visitor = await signedIn();
    const shown = await visitor.go(item);
    expect(shown.html).toContain("<mark>Evening</mark> Two names");
    expect(shown.text).toMatch(/City calendar \(trust 5\).*Weekly paper \(trust 5\)/);
    const merged = await visitor.send(item, { action: "merge", reason: "the poster" });
    expect([merged.at, merged.text]).toEqual([item, expect.stringMatching(/Merged by key:Ada.*Reason: the poster.*Undo the merge/)]);
    expect((await eventOf(right)).status).toBe(410);
    expect(await audited(right)).toContainEqual({ action: "event.merged_into", actor: "key:Ada", reason: "the poster" });

    const [, undo] = /action="(\/admin\/merges\/\w+\/undo)"/.exec(merged.html)!;
    expect((await visitor.go("/admin/merges")).html).toContain(undo);
    const parted = await visitor.send(undo!, { action: "undo", reason: "no", item: item.slice(-26) });
    expect([parted.at, parted.text]).toEqual([item, expect.stringMatching(/Undone by key:Ada/)]);
    expect((await eventOf(right)).status).toBe(200);
    expect(await audited(right)).toContainEqual({ action: "event.unmerged", actor: "key:Ada", reason: "no" });
    const again = await visitor.send(undo!, { action: "undo" });
    expect([again.status, again.text.includes("undone already")]).toEqual([409, true]);
    expect((await eventOf(left)).status).toBe(200);
  });

  test("that somebody else has decided meanwhile is not decided twice, and the page says who was first", async () => {
    const { item, right } = await aPair("Meanwhile");
    const [ada, boss] = [await signedIn(), await signedIn(ADMIN_KEY)];
    await Promise.all([ada.go(item), boss.go(item)]);
    expect((await boss.send(item, { action: "apart", reason: "two" })).status).toBe(200);
    const late = await ada.send(item, { action: "merge" });
    expect([late.status, late.text.includes("This was decided already, by admin: apart.")]).toEqual([409, true]);
    expect((await eventOf(right)).status).toBe(200);
  });

  test("is dismissed", async () => {
    const { item, left } = await aPair("Dismissed");
    const visitor = await signedIn();
    await visitor.go(item);
    expect((await visitor.send(item, { action: "dismiss", reason: "later" })).text).toMatch(/Dismissed by key:Ada/);
    expect(await audited(left)).toContainEqual({ action: "review.dismissed", actor: "key:Ada", reason: "later" });
  });
});

describe("a conflict", () => {
  test("is settled by pinning one of its claims; without a choice the page asks for one", async () => {
    const { id, item } = await aConflict("Contested");
    const visitor = await signedIn();
    expect((await visitor.go(item)).text).toMatch(/name undecided/);
    const unchosen = await visitor.send(item, { action: "pin" });
    expect([unchosen.status, unchosen.text.includes("Choose the claim first")]).toEqual([422, true]);
    for (const claim of ["nonsense", "[1,2]", '["name"]']) expect((await visitor.send(item, { action: "pin", claim })).status).toBe(422);
    const pinned = await visitor.send(item, { action: "pin", claim: JSON.stringify(["name", "Weekly paper"]), reason: "asked them" });
    expect(pinned.text).toMatch(/Pinned by key:Ada/);
    expect((await jsonOf(eventOf(id))).name).toBe("Contested!!! tonight");
    expect(await audited(id)).toEqual(
      expect.arrayContaining([
        { action: "claim.pinned", actor: "key:Ada", reason: "asked them" },
        { action: "review.pinned", actor: "key:Ada", reason: "asked them" },
      ]),
    );
  });

  test("is settled by taking a claim back, or by retracting the event", async () => {
    const visitor = await signedIn();
    const taken = await aConflict("Taken");
    await visitor.go(taken.item);
    expect((await visitor.send(taken.item, { action: "withdraw", claim: JSON.stringify(["name", "Weekly paper"]) })).text).toMatch(
      /Claim withdrawn by key:Ada/,
    );
    expect((await jsonOf(eventOf(taken.id))).name).toBe("Taken");
    const hoax = await aConflict("Hoax");
    await visitor.go(hoax.item);
    expect((await visitor.send(hoax.item, { action: "retract", reason: "a hoax" })).text).toMatch(/Retracted by key:Ada/);
    expect((await eventOf(hoax.id)).status).toBe(410);
  });
});

describe("an alarm of a source", () => {
  test("tells what was expected, what came, how the last visits went and why items were rejected", async () => {
    await node.key("agent", { source: "Museum feed", name: "museum" });
    const { id } = (await findNamedSource(node.registry, "Museum feed"))!;
    const run = node.registry.mint(0);
    const { jobs } = node.database;
    await jobs.executeSql(
      `insert into ingest_runs (id, kind, source_id, input_hash, actor, observed_at) values ('${run}', 'import', '${id}', '\\x00', 'test', now())`,
    );
    await jobs.executeSql(
      `insert into ingest_items (run_id, position, media_type, payload_hash, outcome, problem) values
       ('${run}', 0, 'application/ld+json', '\\x00', 'created', null),
       ('${run}', 1, 'application/ld+json', '\\x01', 'rejected', '{"detail": "startDate: expected a date, found <soon>."}')`,
    );
    await jobs.executeSql(
      `insert into harvest_visits (id, source_id, started_at, finished_at, outcome, http_status, trouble, found, rejected) values
       ('${node.registry.mint(1)}', '${id}', '2026-04-30T10:00:00Z', '2026-04-30T10:00:01Z', 'failed', 503, 'the server <b>failed</b>', 0, 0),
       ('${node.registry.mint(2)}', '${id}', '2026-04-29T10:00:00Z', '2026-04-29T10:00:01Z', 'taken', 200, null, 12, 1)`,
    );
    const details = { state: "rejecting", expected: "3 % rejected", actual: "8 % rejected", numbers: { found: 12, rejected: 1 } };
    const [alarm] = await opened(node, { kind: "rejects", topic: `rejects ${id}`, sourceId: id, details });
    const visitor = await signedIn();
    const path = `/admin/review/${ulidOf(alarm!)}`;
    const { text, html } = await visitor.go(path);
    expect(faultsOf(html)).toEqual([]);
    expect(text).toMatch(/Item 2: startDate: expected a date, found <soon>\./);
    expect(text).toMatch(/Thu 30 April 2026, 10:00 am UTC failed \(503\) 00000 the server <b>failed<\/b> Wed 29 April 2026/);
    expect(text).toMatch(/state rejecting expected 3 % rejected actual 8 % rejected numbers found 12, rejected 1/);
    expect((await visitor.go("/admin/sources")).text).toMatch(/Museum feed 5 ?api ?sends Thu 30 April 2026, 10:00 am UTC, failed 1/);
    expect((await visitor.go("/admin/sources/Museum%20feed")).text).toContain("the server <b>failed</b>");
    await visitor.go(path);
    expect((await visitor.send(path, { action: "accept" })).text).toMatch(/Accepted by key:Ada/);
  });
});

describe("a source", () => {
  test("is withdrawn with a reason and reinstated", async () => {
    await node.key("agent", { source: "Flyers / walls", name: "flyers" });
    const path = `/admin/sources/${encodeURIComponent("Flyers / walls")}`;
    const visitor = await signedIn();
    expect((await visitor.go(path)).text).toContain("Withdraw the source");
    const refused = await visitor.send(path, { action: "withdraw" });
    expect([refused.status, refused.text.includes("please say why")]).toEqual([422, true]);
    expect((await visitor.send(path, { action: "withdraw", reason: "made up" })).text).toMatch(/Withdrawn .*: made up/);
    expect((await visitor.go("/admin/sources")).text).toMatch(/Flyers \/ walls ?5 ?api ?withdrawn/);
    expect((await visitor.send(path, { action: "withdraw", reason: "again" })).status).toBe(409);
    expect((await visitor.send(path, { action: "reinstate" })).text).toContain("Withdraw the source");
    const { id } = (await findNamedSource(node.registry, "Flyers / walls"))!;
    expect((await audited(id)).map(({ action, actor }) => [action, actor])).toEqual(
      expect.arrayContaining([
        ["source.withdrawn", "key:Ada"],
        ["source.reinstated", "key:Ada"],
      ]),
    );
  });
});
