/** Batches and imports: many items in one run, each answered for itself, and a run that is cut off goes on. */
import { createHash } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../../src/db/database.ts";
import { kyselyOf } from "../../src/db/handle.ts";
import { readSpeaker } from "../../src/db/speaker.ts";
import { decodeEvent } from "../../src/jsonld/decode.ts";
import { applyItems } from "../../src/registry/apply-items.ts";
import { prepare } from "../../src/registry/prepare.ts";
import { RegistryError } from "../../src/domain/errors.ts";
import type { Caller, Registry } from "../../src/registry/context.ts";
import { applyRun, readRejects, stageItems, startImport, type IncomingItem } from "../../src/registry/import.ts";
import { readRun, submitBatch, type RunReport } from "../../src/registry/submit-batch.ts";
import { BASE, concert, openTestRegistry, type TestRegistry } from "../support/registry.ts";

const OPERATOR: Caller = { actor: "cli:operator", role: "admin" };

let on: TestRegistry;
beforeAll(async () => {
  on = await openTestRegistry();
});
afterAll(() => on[Symbol.asyncDispose]());

const itemsOf = (documents: readonly (object | string)[], from = 0): IncomingItem[] =>
  documents.map((document, n) => ({
    position: from + n,
    mediaType: "application/ld+json",
    payload: Buffer.from(typeof document === "string" ? document : JSON.stringify(document)),
  }));
const query = async <T>(statement: ReturnType<typeof sql>) =>
  on.registry.database.read(async (reader) => (await statement.execute(kyselyOf(reader))).rows as T[]);
const newest = async () => (await query<{ seq: number }>(sql`select coalesce(max(seq), 0) as seq from change_outbox`))[0]!.seq;

async function begin(sourceName: string, documents: readonly (object | string)[], trust?: number) {
  const inputHash = createHash("sha256").update(JSON.stringify(documents)).digest();
  return startImport(on.registry, OPERATOR, { sourceName, inputName: `${sourceName}.jsonl`, inputHash, trust });
}
/** One visit: staged and applied. `added` is what reached the outbox. */
async function visit(sourceName: string, documents: readonly (object | string)[]) {
  on.later();
  const before = await newest();
  const { runId } = await begin(sourceName, documents);
  await stageItems(on.registry, runId, itemsOf(documents));
  const { total: _total, done: _done, ...counts } = await applyRun(on.registry, runId);
  return { runId, counts, items: (await report(runId)).items, added: (await newest()) - before };
}
const report = (runId: string) => on.registry.database.read(async (reader) => (await readRun(reader, runId)) as RunReport);
const batch = (caller: Caller, documents: readonly (object | string)[]) =>
  on.registry.database.transact((tx) =>
    submitBatch(on.registry, caller, tx, { payload: Buffer.from(JSON.stringify(documents)), items: itemsOf(documents) }),
  );
const some = (counts: object) => ({ created: 0, updated: 0, merged: 0, unchanged: 0, rejected: 0, ...counts });
/** A concert that is told from the others of this file by its name. */
const named = (name: string, changes: object = {}) => concert({ name, ...changes });

describe("a batch", () => {
  test("answers each item; a bad one never spoils the rest", async () => {
    const rex = await on.source("batch");
    const known = await on.submit(rex, named("Known before", { identifier: "known" }));
    const other = await on.submit(await on.source("batch other"), named("Another's"));
    on.later();
    const { runId } = await batch(rex, [
      named("New"),
      named("Known before", { identifier: "known", description: "Changed." }),
      named("Another's"),
      named("New"),
      named("Known before", { identifier: "known", description: "Changed." }),
      "{",
      '"Jazz"',
      { "@context": "https://schema.org", "@type": "Event", startDate: "2026-05-08" },
      named("Backwards", { endDate: "2026-05-07" }),
      named("After all that"),
    ]);
    expect(on.jobs.at(-1)).toEqual({ queue: "apply-run", runId });
    expect((await report(runId)).counts).toMatchObject({ waiting: 6, rejected: 4 });
    await applyRun(on.registry, runId);

    const { items, counts, state } = await report(runId);
    expect(state).toBe("done");
    expect(items.map((item) => item.outcome)).toEqual([
      "created",
      "updated",
      "merged",
      "unchanged",
      "unchanged",
      "rejected",
      "rejected",
      "rejected",
      "rejected",
      "created",
    ]);
    expect(counts).toEqual({ accepted: 2, updated: 1, duplicate: 3, rejected: 4, waiting: 0 });
    expect([items[1]!.eventId, items[2]!.eventId, items[3]!.eventId]).toEqual([known.eventId, other.eventId, items[0]!.eventId]);
    for (const item of items.filter((one) => one.status === "rejected"))
      expect(item.problem).toMatchObject({ status: expect.any(Number), detail: expect.any(String) });
    expect(items[7]!.problem!.errors).toMatchObject([{ pointer: "/name" }, { pointer: "/location" }]);
    expect(await on.event(known.eventId)).toMatchObject({ description: "Changed." });
  });

  test("an item that the database cannot keep is refused alone, and says why", async () => {
    const rex = await on.source("poison");
    const { runId } = await batch(rex, [
      named("Before"),
      named("With a \u0000 in it"),
      named("Far away", { startDate: "+200000-01-01T00:00:00Z", endDate: null }),
      named("After"),
    ]);
    await applyRun(on.registry, runId);
    const { items } = await report(runId);
    expect([items[0]!.outcome, items[3]!.outcome]).toEqual(["created", "created"]);
    expect(items[1]!.outcome === "rejected" || (await on.event(items[1]!.eventId!)).name === "With a in it").toBe(true);
    expect(items[2]).toMatchObject({ outcome: "rejected", problem: { detail: expect.any(String) } });
  });

  test("an item that the lifecycle refuses leaves its event as it was, and the others go through", async () => {
    const rex = await on.source("refused");
    const { eventId } = await on.submit(rex, named("Postponed", { identifier: "p", eventStatus: "EventPostponed" }));
    on.later();
    const { runId } = await batch(rex, [named("Postponed", { identifier: "p", eventStatus: "EventScheduled" }), named("Beside it")]);
    await applyRun(on.registry, runId);
    expect((await report(runId)).items).toMatchObject([
      { outcome: "rejected", problem: { code: "invalid_transition", status: 409 } },
      { outcome: "created" },
    ]);
    expect(await on.event(eventId)).toMatchObject({ lifecycleState: "postponed", version: 1 });
  });

  test("two items of one batch under one id are one event; the later one stands", async () => {
    const rex = await on.source("twice");
    const { runId } = await batch(rex, [named("First thought", { identifier: "t" }), named("Second thought", { identifier: "t" })]);
    await applyRun(on.registry, runId);
    const { items } = await report(runId);
    const events = new Set(items.map((item) => item.eventId));
    expect(events.size).toBe(1);
    expect((await on.event([...events][0]!)).name).toBe("Second thought");
  });

  test("is not the whole of a source: a moved start without an id is a new event", async () => {
    const rex = await on.source("no visit");
    const url = "https://rex.example/moved";
    const { eventId } = await on.submit(rex, named("Moving in a batch", { url }));
    on.later();
    const { runId } = await batch(rex, [named("Moving in a batch", { url, startDate: "2026-05-09T21:00:00-04:00", endDate: null })]);
    await applyRun(on.registry, runId);
    const { items } = await report(runId);
    expect(items[0]).toMatchObject({ outcome: "created" });
    expect(items[0]!.eventId).not.toBe(eventId);
  });
});

describe("an import, visit after visit", () => {
  const url = (n: number) => `https://fest.example/${n}`;

  test("finds what has not changed, what has, and what has moved; the rest is new", async () => {
    const first = await visit("fest", [
      named("Same", { url: url(1) }),
      named("Told anew", { url: url(2) }),
      named("Moved", { url: url(3) }),
      named("Gone next time"),
    ]);
    expect(first.counts).toEqual(some({ created: 4 }));
    const second = await visit("fest", [
      named("Moved", { url: url(3), startDate: "2026-05-15T21:00:00-04:00", endDate: null }),
      named("Brand new"),
      named("Told anew", { url: url(2), description: "More." }),
      named("Same", { url: url(1) }),
    ]);
    expect(second.counts).toEqual(some({ created: 1, updated: 2, unchanged: 1 }));
    expect(second.items.map((item) => item.eventId)).toEqual([
      first.items[2]!.eventId,
      expect.any(String),
      first.items[1]!.eventId,
      first.items[0]!.eventId,
    ]);
    expect(await on.event(first.items[2]!.eventId!)).toMatchObject({
      startDate: "2026-05-15T21:00:00-04:00",
      lifecycleState: "published",
      version: 2,
    });
  });

  test("of the same bytes adds nothing to the outbox; of one change, one row", async () => {
    const documents = [named("Still A"), named("Still B"), named("Still C")];
    expect((await visit("still", documents)).added).toBeGreaterThan(0);
    expect(await visit("still", documents)).toMatchObject({ counts: some({ unchanged: 3 }), added: 0 });
    expect(await visit("still", [...documents.slice(1), named("Still A", { keywords: ["blues"] })])).toMatchObject({
      counts: some({ updated: 1, unchanged: 2 }),
      added: 1,
    });
  });

  test("of other bytes that say the same adds nothing either", async () => {
    await visit("retold", [named("Retold")]);
    const reordered = Object.fromEntries(Object.entries(named("Retold")).toReversed());
    expect(await visit("retold", [reordered])).toMatchObject({ counts: some({ unchanged: 1 }), added: 0 });
  });

  test("a conference listed under two topics is one event with both, and stays so", async () => {
    const topic = (keywords: string[]) => ({
      "@context": "https://schema.org",
      "@type": "Event",
      name: "WebConf",
      startDate: "2026-05-08",
      endDate: "2026-05-09",
      location: { "@type": "Place", name: "Lisbon, Portugal" },
      url: "https://webconf.example",
      keywords,
    });
    const first = await visit("conferences", [topic(["css", "conference"]), topic(["javascript", "conference"])]);
    expect(first.counts).toEqual(some({ created: 1, merged: 1 }));
    const [event] = [...new Set(first.items.map((item) => item.eventId!))];
    const keywords = ["conference", "css", "javascript"];
    expect(await on.event(event!)).toMatchObject({ keywords, startDate: "2026-05-08", endDate: "2026-05-09" });

    expect(await visit("conferences", [topic(["javascript", "conference"]), topic(["css", "conference"])])).toMatchObject({
      counts: some({ unchanged: 2 }),
      added: 0,
    });
    const changed = await visit("conferences", [topic(["javascript", "conference"]), topic(["css", "design", "conference"])]);
    expect(changed.counts).toEqual(some({ updated: 1, unchanged: 1 }));
    expect(await on.event(event!)).toMatchObject({ keywords: ["conference", "css", "design", "javascript"] });
  });

  test("several items of the same bytes are one record, this time and the next", async () => {
    const first = await visit("doubled", [named("Doubled"), named("Doubled"), named("Doubled")]);
    expect(first.counts).toEqual(some({ created: 1, unchanged: 2 }));
    expect(
      await query(sql`select count(*) as n from event_sources where event_id = ${first.items[0]!.eventId} and superseded_at is null`),
    ).toEqual([{ n: 1 }]);
    expect(await visit("doubled", [named("Doubled"), named("Doubled")])).toMatchObject({ counts: some({ unchanged: 2 }), added: 0 });
  });

  test("what is said better of a place is the place's, though the event is as it was", async () => {
    const at = (more: object) =>
      named("At a place", {
        location: { "@type": "Place", name: "Quay", address: { "@type": "PostalAddress", addressLocality: "Toronto" }, ...more },
      });
    const first = await visit("place", [at({})]);
    expect((await on.event(first.items[0]!.eventId!)).location).not.toHaveProperty("url");
    const second = await visit("place", [at({ url: "https://quay.example/" })]);
    expect(second).toMatchObject({ counts: some({ unchanged: 1 }), added: 2 });
    const event = await on.event(second.items[0]!.eventId!);
    expect(event.location).toMatchObject({ url: "https://quay.example/" });
    expect((await visit("place", [at({})])).added).toBe(0); // less is not better
    expect((await on.event(event.id)).location).toMatchObject({ url: "https://quay.example/" });
  });
});

test("two sources trusted alike describe one place: whoever comes first, the better description stands", async () => {
  const at = (name: string, more: object) =>
    named(name, {
      location: { "@type": "Place", name: `${name} Hall`, address: { "@type": "PostalAddress", addressLocality: "Toronto" }, ...more },
    });
  const [bare, full] = [await on.source("bare"), await on.source("full")];
  const described = { url: "https://hall.example/", geo: { latitude: 43.64, longitude: -79.38 } };
  // `bare` speaks later in both, and so decides on the location; `full` has described the hall better.
  const say = async (name: string, order: readonly (readonly [Caller, number, object])[]) => {
    const ids = new Set<string>();
    for (const [caller, observedAt, more] of order) {
      const document = at(name, more);
      const submission = await decodeEvent(document, { base: BASE });
      const item = prepare(submission, { payload: Buffer.from(JSON.stringify(document)), mediaType: "application/ld+json" }, {}, BASE);
      const [result] = await on.registry.database.transact(async (tx) =>
        applyItems(on.registry, caller, tx, await readSpeaker(tx, caller.sourceId!), [item], { observedAt }),
      );
      ids.add((result as { eventId: string }).eventId);
    }
    expect(ids.size).toBe(1);
    return (await on.event([...ids][0]!)).location;
  };
  const [early, late] = [
    [full, 1_000, described],
    [bare, 2_000, {}],
  ] as const;
  expect(await say("Described first", [early, late])).toMatchObject(described);
  expect(await say("Described last", [late, early])).toMatchObject(described);
});

describe("what is refused in an import", () => {
  test("is told with its position, its reason and the beginning of its bytes", async () => {
    const { runId, counts } = await visit("refusing", [named("Good"), "{ not json", named("Bad end", { endDate: "2026-05-01" })]);
    expect(counts).toEqual(some({ created: 1, rejected: 2 }));
    const rejects = await Array.fromAsync(readRejects(on.registry, runId));
    expect(rejects).toMatchObject([
      { position: 1, problem: { code: "malformed_json" }, payloadExcerpt: "{ not json" },
      { position: 2, problem: { code: "invalid_body", errors: [{ pointer: expect.stringContaining("endDate") }] } },
    ]);
  });
});

describe("a run that is cut off", { timeout: 120_000 }, () => {
  const documents = (prefix: string) =>
    [...Array(510).keys()].map((n) => ({
      "@context": "https://schema.org",
      "@type": "Event",
      name: `${prefix} ${n}`,
      startDate: "2026-05-08",
      location: { "@type": "Place", name: "Square" },
    }));
  /** The database goes away in the transaction after so many `successes`. A run of 510 has four: match, 500 items, 10 items, done. */
  const failingAfter = (successes: number): Registry => {
    let left = successes;
    const { database } = on.registry;
    const transact: Database["transact"] = (work, acting) =>
      database.transact(async (tx) => {
        const result = await work(tx);
        if (left-- === 0) throw new RegistryError("unavailable", { detail: "the database went away" });
        return result;
      }, acting);
    return { ...on.registry, database: { ...database, transact } };
  };
  const namesOf = async (prefix: string) =>
    (await query<{ name: string }>(sql`select name from events where name like ${`${prefix} %`} order by id`)).map((row) => row.name);

  test("while staging: the same input finds it again, and staging twice is staging once", async () => {
    const all = documents("Staged").slice(0, 20);
    const begun = await begin("staged", all);
    await stageItems(on.registry, begun.runId, itemsOf(all.slice(0, 12)));
    expect(await begin("staged", all)).toMatchObject({ runId: begun.runId, resumed: true, staged: 12 });
    expect(await begin("staged", all.slice(1))).toMatchObject({ resumed: false });
    await stageItems(on.registry, begun.runId, itemsOf(all.slice(8), 8));
    await stageItems(on.registry, begun.runId, itemsOf(all));
    expect(await applyRun(on.registry, begun.runId)).toMatchObject(some({ created: 20 }));
    expect(await begin("staged", all)).toMatchObject({ resumed: false });
  });

  test.each([0, 1, 2, 3])(
    "while applying, in transaction %i: it goes on, and the result is as if nothing had been",
    async (transaction) => {
      const prefix = `Cut ${transaction}`;
      const all = documents(prefix);
      const { runId } = await begin(prefix, all);
      await stageItems(on.registry, runId, itemsOf(all));
      await expect(applyRun(failingAfter(transaction), runId)).rejects.toMatchObject({ code: "unavailable" });
      expect((await namesOf(prefix)).length).toBe(Math.min(500 * Math.max(transaction - 1, 0), 510));
      const seen: number[] = [];
      expect(await applyRun(on.registry, runId, (counts) => seen.push(counts.done))).toMatchObject(some({ created: 510 }));
      expect(seen.toSorted((a, b) => a - b)).toEqual(seen);
      expect(await namesOf(prefix)).toEqual(all.map((one) => one.name));
      expect(await report(runId)).toMatchObject({ state: "done" });
      expect(await applyRun(on.registry, runId)).toMatchObject(some({ created: 510 }));
      expect(await namesOf(prefix)).toHaveLength(510);
    },
  );

  test("applied from two sides at once: every item once", async () => {
    const all = documents("Both");
    const { runId } = await begin("both", all);
    await stageItems(on.registry, runId, itemsOf(all));
    const both = await Promise.all([applyRun(on.registry, runId), applyRun(on.registry, runId)]);
    for (const counts of both) expect(counts).toMatchObject(some({ created: 510 }));
    expect(await namesOf("Both")).toHaveLength(510);
    expect(
      await query(
        sql`select 1 from event_sources r join events e on e.id = r.event_id where e.name like 'Both %' group by r.event_id having count(*) > 1`,
      ),
    ).toEqual([]);
  });
});

test("a run that there is not is refused", async () => {
  const unknown = "018f6f1e-5a00-7000-8000-0123456789ab";
  await expect(applyRun(on.registry, unknown)).rejects.toMatchObject({ code: "not_found" });
  await expect(stageItems(on.registry, unknown, itemsOf([named("Nowhere")]))).rejects.toMatchObject({ code: "not_found" });
  expect(await on.registry.database.read((reader) => readRun(reader, unknown))).toBeUndefined();
});
