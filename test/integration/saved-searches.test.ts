/** Saved searches: who may keep one, who may see what of it, and which events it is told of. */
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RegistryError } from "../../src/domain/errors.ts";
import { ulidOf } from "../../src/domain/iri.ts";
import type { EventState } from "../../src/domain/state.ts";
import { EVENT_FEED_FORMATS, EVENT_FEEDS } from "../../src/http/event-feeds/formats.ts";
import { canonicalQuery } from "../../src/registry/canonical-query.ts";
import type { Caller } from "../../src/registry/context.ts";
import {
  listSavedSearches,
  readSavedSearch,
  removeSavedSearch,
  reviseSavedSearch,
  rotateWebhookSecret,
  type SearchCaller,
} from "../../src/registry/saved-searches.ts";
import { tellMatches, type MatchesSince } from "../../src/registry/tell-matches.ts";
import { FEED } from "../support/event-feeds.ts";
import { BASE } from "../support/registry.ts";
import { ADMIN, openSavedSearches, RULES, type SavedSearchesTest } from "../support/saved-searches.ts";

const PUBLIC: SearchCaller = { actor: "public", role: "public" };
const HOOK = "https://hooks.example/calends";

let on: SavedSearchesTest;
let rex: SearchCaller;
let ann: SearchCaller;
let ben: SearchCaller;
beforeAll(async () => {
  on = await openSavedSearches();
  rex = await on.key("rex");
  ann = await on.key("ann");
  ben = await on.key("ben");
});
afterAll(() => on[Symbol.asyncDispose]());

const faultOf = (work: Promise<unknown>) =>
  work.then(
    () => "nothing",
    (error: unknown) => (error instanceof RegistryError ? error.code : String(error)),
  );
const read = (caller: SearchCaller, id: string) => on.registry.database.read((reader) => readSavedSearch(reader, caller, id));
const list = (caller: SearchCaller, page: { after?: string; limit: number } = { limit: 200 }) =>
  on.registry.database.read((reader) => listSavedSearches(reader, caller, page));
const remove = (caller: SearchCaller, id: string) => on.registry.database.transact((tx) => removeSavedSearch(on.registry, caller, tx, id));
const revise = (caller: SearchCaller, id: string, revision: Parameters<typeof reviseSavedSearch>[4]) =>
  on.registry.database.transact((tx) => reviseSavedSearch(on.registry, caller, tx, id, revision, RULES));

/** What a search's webhook is to be told, in order: per delivery, the names. */
async function told(id: string): Promise<string[][]> {
  const rows = await on.rows<{ body: string }>(sql`select body from webhook_deliveries where search_id = ${id}::uuid order by id`);
  return rows.map(({ body }) => (JSON.parse(body) as { data: { events: { name: string }[] } }).data.events.map(({ name }) => name));
}

describe("the query of a search", () => {
  test.each([
    ["?city=Toronto&after=x&q=free+jazz&domain=&limit=5&format=ics&explain=true&facets=city", "city=Toronto&q=free+jazz"],
    ["q=a%20b", "q=a+b"],
    ["keywords=b&q=x&keywords=a", "keywords=b&keywords=a&q=x"],
    ["q=%E2%9C%93", "q=%E2%9C%93"],
    ["", ""],
  ])("%j is kept as %j, and once kept it stays", (query, kept) => {
    expect(canonicalQuery(query).toString()).toBe(kept);
    expect(canonicalQuery(kept).toString()).toBe(kept);
  });

  test("a text without an end, or with a NUL, is refused", () => {
    expect(() => canonicalQuery(`q=${"x".repeat(8_000)}`)).toThrow("longer than 8000 characters");
    expect(() => canonicalQuery("q=a%00b")).toThrow("NUL");
  });
});

describe("keeping a search", () => {
  test("needs a key; its secret is told once, and only to the one who made it", async () => {
    const { search, secret } = await on.save(ann, { name: "Jazz", query: "?q=Jazz&limit=3", webhookUrl: HOOK });
    expect(search).toMatchObject({ name: "Jazz", query: "q=Jazz", webhook: { url: HOOK, status: "active", failures: 0 } });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(JSON.stringify(await read(ann, search.id))).not.toContain("whsec");
    expect(await on.save(ann, { name: "Feed only", query: "q=x" })).not.toHaveProperty("secret");
    expect(await faultOf(on.save(PUBLIC, { name: "Mine", query: "q=x" }))).toBe("forbidden");
    expect(await faultOf(on.save({ ...ann, role: "peer" }, { name: "Mine", query: "q=x" }))).toBe("forbidden");
    expect(await faultOf(on.save({ actor: "key:none", role: "agent" }, { name: "Mine", query: "q=x" }))).toBe("forbidden");
  });

  test.each([
    ["no name", { name: " ", query: "q=x" }, "invalid_body"],
    ["two lines of name", { name: "a\nb", query: "q=x" }, "invalid_body"],
    ["a name without an end", { name: "x".repeat(201), query: "q=x" }, "invalid_body"],
    ["a parameter that is none", { name: "a", query: "qq=x" }, "invalid_query"],
    ["a webhook that is not dialled", { name: "a", query: "q=x", webhookUrl: "ftp://a.example" }, "invalid_body"],
    ["a webhook without an end", { name: "a", query: "q=x", webhookUrl: `https://a.example/${"x".repeat(2_000)}` }, "invalid_body"],
  ])("refuses %s", async (_name, request, code) => {
    expect(await faultOf(on.save(ann, request))).toBe(code);
  });

  test("nobody can guess an id from another one", async () => {
    const { search: one } = await on.save(ann, { name: "One", query: "q=x" });
    const { search: two } = await on.save(ann, { name: "Two", query: "q=x" });
    const random = ({ id }: { id: string }) => BigInt(`0x${id.replaceAll("-", "").slice(12)}`);
    expect(ulidOf(one.id).slice(0, 10)).toBe(ulidOf(two.id).slice(0, 10));
    expect(random(one) - random(two)).not.toBe(1n);
    expect(random(two) - random(one)).not.toBe(1n);
  });

  test("a key may keep a hundred", async () => {
    const cat = await on.key("cat");
    for (let n = 0; n < 100; n++) await on.save(cat, { name: `Search ${n}`, query: "q=x" });
    expect(await faultOf(on.save(cat, { name: "One more", query: "q=x" }))).toBe("conflict");
    const first = await list(cat, { limit: 60 });
    const rest = await list(cat, { limit: 60, after: first.at(-1)!.id });
    expect([first.length, rest.length, new Set([...first, ...rest].map(({ id }) => id)).size]).toEqual([60, 40, 100]);
    await remove(cat, first[0]!.id);
    await on.save(cat, { name: "One more", query: "q=x" });
  });
});

describe("who sees what", () => {
  test("whoever has the id reads the search; its webhook is its owner's and the admins'", async () => {
    const { search } = await on.save(ann, { name: "Hers", query: "q=Hers", webhookUrl: HOOK });
    expect(Object.keys(await read(PUBLIC, search.id)).toSorted()).toEqual(["createdAt", "id", "name", "query", "updatedAt"]);
    expect(await read(ben, search.id)).not.toHaveProperty("webhook");
    expect(await read(ADMIN, search.id)).toMatchObject({ webhook: { url: HOOK } });
    expect((await list(ben)).map(({ id }) => id)).not.toContain(search.id);
    expect((await list(ADMIN)).map(({ id }) => id)).toContain(search.id);
    expect(await faultOf(list(PUBLIC))).toBe("forbidden");
    for (const other of [PUBLIC, ben]) {
      expect(await faultOf(remove(other, search.id))).toBe("not_found");
      expect(await faultOf(revise(other, search.id, { status: "paused" }))).toBe("not_found");
    }
  });

  test("what an admin without a key of the table made is no agent's", async () => {
    const { search } = await on.save(ADMIN, { name: "The node's", query: "q=x", webhookUrl: HOOK });
    expect(await read({ actor: "key:?", role: "agent" }, search.id)).not.toHaveProperty("webhook");
    expect(await faultOf(remove({ actor: "key:?", role: "agent" }, search.id))).toBe("not_found");
  });

  test("what was removed is nowhere, and its secret is forgotten", async () => {
    const { search } = await on.save(ann, { name: "Short-lived", query: "q=Short", webhookUrl: HOOK });
    await on.publish(rex, "Short film", 1);
    expect(await on.look()).toBe(1);
    await remove(ann, search.id);
    expect([await faultOf(read(ann, search.id)), await faultOf(remove(ann, search.id)), await told(search.id)]).toEqual([
      "not_found",
      "not_found",
      [],
    ]);
    expect(await on.rows(sql`select webhook_url, webhook_secret from saved_searches where id = ${search.id}::uuid`)).toEqual([
      { webhook_url: null, webhook_secret: null },
    ]);
  });

  test("each of these acts is in the audit log, no secret with it", async () => {
    const { search } = await on.save(ann, { name: "Noted", query: "q=x", webhookUrl: HOOK });
    await revise(ann, search.id, { name: "Noted again" });
    await on.registry.database.transact((tx) => rotateWebhookSecret(on.registry, ann, tx, search.id));
    await remove(ann, search.id);
    const rows = await on.rows<{ action: string; actor: string }>(
      sql`select action, actor, details from audit_log where entity_id = ${search.id}::uuid order by id`,
    );
    expect(rows.map(({ action }) => action)).toEqual(["search.saved", "search.revised", "search.secret-rotated", "search.removed"]);
    expect(JSON.stringify(rows)).not.toContain("whsec");
  });
});

describe("what a webhook is told", () => {
  test("an event that comes to match, once, however often it changes", async () => {
    await on.publish(rex, "Waltz before", 2);
    await on.number();
    const { search } = await on.save(ann, { name: "Waltzes", query: "q=Waltz", webhookUrl: HOOK });
    expect([await on.look(), await told(search.id)]).toEqual([0, []]);

    await on.publish(rex, "Waltz after", 3);
    await on.publish(rex, "Polka", 4);
    expect([await on.look(), await told(search.id)]).toEqual([1, [["Waltz after"]]]);
    expect(await on.look()).toBe(0);

    on.later();
    await on.publish(rex, "Waltz after", 3, { description: "More of it." });
    await on.publish(rex, "Polka", 4, { name: "Polka and Waltz" });
    expect([await on.look(), await told(search.id)]).toEqual([1, [["Waltz after"], ["Polka and Waltz"]]]);
  });

  test("the payload says what, when and where to read on, and no text that might be licensed", async () => {
    const { search } = await on.save(ann, { name: "Operas", query: "q=Opera", webhookUrl: HOOK });
    const id = await on.publish(rex, "Opera", 5);
    await on.look();
    const [row] = await on.rows<{ body: string; event_ids: string[] }>(
      sql`select body, event_ids from webhook_deliveries where search_id = ${search.id}::uuid`,
    );
    expect(JSON.parse(row!.body)).toEqual({
      type: "search.matched",
      timestamp: on.registry.clock().toISOString(),
      data: {
        search: { "@id": `${BASE}/searches/${ulidOf(search.id)}`, name: "Operas", query: "q=Opera" },
        events: [
          {
            "@id": `${BASE}/events/${ulidOf(id)}`,
            name: "Opera",
            startDate: "2026-06-05T20:00:00-04:00",
            url: `${BASE}/events/${ulidOf(id)}`,
          },
        ],
      },
    });
    expect(row!.event_ids).toEqual([id]);
  });

  test("many events are several deliveries", async () => {
    const { search } = await on.save(ann, { name: "Choirs", query: "q=Choir", webhookUrl: HOOK });
    for (let n = 1; n <= 60; n++) await on.publish(rex, `Choir ${n}`, (n % 28) + 1);
    expect(await on.look()).toBe(2);
    expect((await told(search.id)).map(({ length }) => length)).toEqual([50, 10]);
    expect(new Set((await told(search.id)).flat()).size).toBe(60);
  });

  test("two workers at once tell it once", async () => {
    const { search } = await on.save(ann, { name: "Duets", query: "q=Duet", webhookUrl: HOOK });
    await on.publish(rex, "Duet", 6);
    await on.number();
    const both = await Promise.all([tellMatches(on.registry, on.matchesSince), tellMatches(on.registry, on.matchesSince)]);
    expect([both.toSorted(), await told(search.id)]).toEqual([[0, 1], [["Duet"]]]);
  });

  test("a look that another overtook counts for nothing, and moves no watermark back", async () => {
    const { search } = await on.save(ann, { name: "Nonets", query: "q=Nonet", webhookUrl: HOOK });
    await on.publish(rex, "Nonet", 12);
    await on.number();
    let looks = 0;
    const slow: MatchesSince = async (query, since) => {
      const look = await on.matchesSince(query, since);
      if (query === "q=Nonet" && looks++ === 0) {
        await on.publish(rex, "Another Nonet", 13);
        await on.look();
      }
      return look;
    };
    await tellMatches(on.registry, slow);
    expect([looks, await told(search.id)]).toEqual([1, [["Nonet", "Another Nonet"]]]);
  });

  test("a paused search waits, and then goes on where it stopped", async () => {
    const { search } = await on.save(ann, { name: "Trios", query: "q=Trio", webhookUrl: HOOK });
    await revise(ann, search.id, { status: "paused" });
    await on.publish(rex, "Trio", 7);
    expect(await on.look()).toBe(0);
    expect((await revise(ann, search.id, { status: "active" })).search.webhook?.status).toBe("active");
    expect([await on.look(), await told(search.id)]).toEqual([1, [["Trio"]]]);
  });

  test("a search without a webhook is told nothing", async () => {
    const { search } = await on.save(ann, { name: "Quartets", query: "q=Quartet" });
    await on.publish(rex, "Quartet", 8);
    expect([await on.look(), await told(search.id)]).toEqual([0, []]);
  });

  test("another URL comes with another secret, the same one with none", async () => {
    const { search, secret } = await on.save(ann, { name: "Moves", query: "q=Move", webhookUrl: HOOK });
    const moved = await revise(ann, search.id, { webhookUrl: "https://hooks.example/elsewhere" });
    expect(moved.secret).toMatch(/^whsec_/);
    expect(moved.secret).not.toBe(secret);
    expect(await revise(ann, search.id, { webhookUrl: "https://hooks.example/elsewhere" })).not.toHaveProperty("secret");
    expect((await revise(ann, search.id, { webhookUrl: null })).search).not.toHaveProperty("webhook");
    expect(await faultOf(on.registry.database.transact((tx) => rotateWebhookSecret(on.registry, ann, tx, search.id)))).toBe("conflict");
  });

  test("one search's trouble is told at the end, after the others' matches; a query that became wrong ends its search", async () => {
    const { search: broken } = await on.save(ann, { name: "Broken", query: "q=Fado", webhookUrl: HOOK });
    const { search: outdated } = await on.save(ann, { name: "Outdated", query: "q=Fado&city=x", webhookUrl: HOOK });
    const { search: sound } = await on.save(ann, { name: "Sound", query: "q=Fado&city=y", webhookUrl: HOOK });
    await on.publish(rex, "Fado", 9);
    await on.number();
    const engine: MatchesSince = (query, since) => {
      if (query === "q=Fado") return Promise.reject(new Error("the index is away"));
      if (query === "city=x&q=Fado")
        return Promise.reject(new RegistryError("invalid_query", { detail: "city: there is no such parameter." }));
      return on.matchesSince(query, since);
    };
    await expect(tellMatches(on.registry, engine)).rejects.toThrow("1 saved searches could not be matched");
    expect([await told(broken.id), await told(sound.id)]).toEqual([[], [["Fado"]]]);
    expect((await read(ann, outdated.id)).webhook).toMatchObject({ status: "failed", lastError: "city: there is no such parameter." });
    await tellMatches(on.registry, on.matchesSince);
    expect([await told(broken.id), await told(sound.id)]).toEqual([[["Fado"]], [["Fado"]]]);
  });
});

describe("what a license keeps back", () => {
  const described = { description: "A text that somebody wrote.", image: "https://rex.example/photo.jpg" };
  const feedsOf = async (caller: Caller, name: string, day: number) => {
    const event: EventState = await on.event(await on.publish(caller, name, day, described));
    return EVENT_FEED_FORMATS.map((format) => EVENT_FEEDS[format].encode([event], { ...FEED, base: BASE }));
  };

  test("is in no feed, and what it lets out is in all", async () => {
    for (const feed of await feedsOf(await on.source("open", { license: "cc-by" }), "Open air", 10)) {
      expect(feed).toMatch(/A text that somebody wrote/);
      expect(feed.replaceAll("\r\n ", "")).toContain("https://rex.example/photo.jpg");
    }
    for (const feed of await feedsOf(await on.source("closed", { license: "proprietary" }), "Closed doors", 11)) {
      expect(feed).toContain("Closed doors");
      expect(feed).not.toMatch(/somebody|photo\.jpg/);
    }
  });
});
