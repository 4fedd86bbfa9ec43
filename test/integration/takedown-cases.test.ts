/** Takedowns in their corners: what was one event once, what is noted beside events, files of another time, and the command. */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { audit } from "../../src/db/audit.ts";
import type { Database } from "../../src/db/database.ts";
import { countRedaction } from "../../src/db/feed-log.ts";
import { kyselyOf } from "../../src/db/handle.ts";
import { openEpoch } from "../../src/feed/epoch.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { drainOutbox } from "../../src/feed/sequencer.ts";
import { createFeedSignal } from "../../src/feed/signal.ts";
import { createSnapshots } from "../../src/feed/snapshot.ts";
import { removeStaleSnapshots } from "../../src/feed/snapshot-files.ts";
import { mergeEvents, undoMerge } from "../../src/registry/merge-events.ts";
import { liftTakedown, takeDown } from "../../src/registry/take-down.ts";
import type { Caller } from "../../src/registry/context.ts";
import { columnsWith, filesWith } from "../support/text-scan.ts";
import { BASE, concert, openTestRegistry, type TestRegistry } from "../support/registry.ts";

const ADMIN: Caller = { actor: "cli:ann", role: "admin" };
const WORD = "qxmarkerzq";
const text = `A long text of somebody's own, with ${WORD} in it.`;
const log = { info: () => undefined, warn: () => undefined };

let on: TestRegistry;
let city: Caller;
let paper: Caller;
beforeEach(async () => {
  on = await openTestRegistry();
  await openEpoch(on.registry.database, { clean: true, clock: on.registry.clock });
  city = await on.source("City calendar", { trust: 6 });
  paper = await on.source("Newspaper", { trust: 4 });
});
afterEach(() => on[Symbol.asyncDispose]());

const number = () => drainOutbox({ database: on.registry.database, clock: on.registry.clock, base: BASE, log });
const take = (eventId: string, reason = "asked for") =>
  on.registry.database.transact((tx) => takeDown(on.registry, ADMIN, tx, { eventId, reason, redact: redactEntity }), ADMIN);
const lift = (eventId: string) => on.registry.database.transact((tx) => liftTakedown(on.registry, ADMIN, tx, { eventId }), ADMIN);
const merge = (ids: [string, string]) => on.registry.database.transact((tx) => mergeEvents(on.registry, ADMIN, tx, { ids }), ADMIN);
const rows = <T>(statement: ReturnType<typeof sql>) =>
  on.registry.database.read(async (reader) => (await statement.execute(kyselyOf(reader))).rows as T[]);
const submit = async (caller: Caller, changes: object) => {
  on.later();
  return (await on.submit(caller, concert(changes))).eventId;
};
const OTHER_DAY = { identifier: "paper-2", startDate: "2026-09-01T20:00:00-04:00", endDate: undefined };

describe("an event that was one with another once", () => {
  test("leaves nothing of its own in the other's past, whose own words stay", async () => {
    const kept = await submit(city, { identifier: "city-1", description: undefined });
    const gone = await submit(paper, { ...OTHER_DAY, description: text });
    const { mergeId } = await merge([kept, gone]);
    await number();
    expect((await on.event(kept)).description).toBe(text);
    await on.registry.database.transact((tx) => undoMerge(on.registry, ADMIN, tx, { mergeId }), ADMIN);
    await submit(city, { identifier: "city-1", description: "What the city says." });
    await number();

    await take(gone);
    await number();
    expect(await columnsWith(on.registry.database, WORD)).toEqual([]);
    expect(await on.event(kept)).toMatchObject({ description: "What the city says." });
    expect((await on.event(kept)).takedownAt).toBeUndefined();
    const shown = await rows<{ text: string | null; redacted: boolean }>(
      sql`select state ->> 'description' as text, item like '%"redacted":true%' as redacted from event_changes where entity_id = ${kept}::uuid order by sequence_number`,
    );
    expect(shown.at(-1)).toEqual({ text: "What the city says.", redacted: false });
    expect(shown.some(({ redacted }) => redacted)).toBe(true);
  });

  test("goes with it while they are one, whichever of them is named", async () => {
    const kept = await submit(city, { identifier: "city-1", description: text });
    const gone = await submit(paper, { ...OTHER_DAY, description: text });
    await merge([kept, gone]);
    expect(await take(gone)).toEqual({ eventId: kept, removed: 1 });
    expect(await columnsWith(on.registry.database, WORD)).toEqual([]);
    expect((await on.event(kept)).takedownAt).toBeDefined();
  });
});

describe("what is noted beside an event", () => {
  test("keeps its words, but not those that were taken down", async () => {
    const eventId = await submit(city, { description: text });
    const details = { field: "description", was: text, list: [`before: ${text}`, "kept"], n: 1 };
    await on.registry.database.transact((tx) =>
      audit(tx, [{ actor: "ann", action: "claim.looked_at", entityKind: "event", entityId: eventId, details }], on.registry.clock()),
    );
    await take(eventId);
    expect(await columnsWith(on.registry.database, WORD)).toEqual([]);
    expect(await rows(sql`select details from audit_log where action = 'claim.looked_at'`)).toEqual([
      { details: { field: "description", was: "(taken down)", list: ["(taken down)", "kept"], n: 1 } },
    ]);
  });
});

describe("a takedown", () => {
  test("may be repeated, and says that there was nothing left", async () => {
    const eventId = await submit(city, { description: text });
    await number();
    expect(await take(eventId)).toEqual({ eventId, removed: 1 });
    await number();
    const { version } = await on.event(eventId);
    expect(await take(eventId)).toEqual({ eventId, removed: 0 });
    expect(await number()).toBe(0);
    expect((await on.event(eventId)).version).toBe(version);
  });

  test("of an event that was deleted takes its past along", async () => {
    const eventId = await submit(city, { description: text });
    await number();
    await rows(sql`update events set lifecycle_state = 'deleted', deleted_at = now() where id = ${eventId}::uuid`);
    await number();
    await take(eventId);
    expect(await columnsWith(on.registry.database, WORD)).toEqual([]);
    expect((await on.event(eventId)).lifecycleState).toBe("deleted");
  });

  test("of nothing is refused", async () => {
    const unknown = on.registry.mint(1);
    await expect(take(unknown)).rejects.toMatchObject({ code: "not_found" });
    await expect(lift(unknown)).rejects.toMatchObject({ code: "not_found" });
    await expect(lift(await submit(city, {}))).rejects.toMatchObject({ code: "conflict" });
  });

  test("keeps texts out of every later record, and lets the facts in", async () => {
    const eventId = await submit(city, { identifier: "city-1", description: text });
    await take(eventId);
    expect(await submit(city, { identifier: "city-1", description: `${text} More of it.`, keywords: ["new"] })).toBe(eventId);
    expect(await submit(paper, { description: text, image: `https://images.example/${WORD}.png` })).toBe(eventId);
    expect(await columnsWith(on.registry.database, WORD)).toEqual([]);
    expect((await on.event(eventId)).keywords).toContain("new");
    expect(await rows(sql`select payload = '' as empty, octet_length(payload_hash) as hash from event_sources`)).toEqual(
      Array.from({ length: 3 }, () => ({ empty: true, hash: 32 })),
    );
  });

  test("that is lifted lets a source be read again that says the same bytes as before", async () => {
    const eventId = await submit(city, { identifier: "city-1", description: text });
    await take(eventId);
    await submit(city, { identifier: "city-1", description: text });
    expect((await on.event(eventId)).description).toBeUndefined();
    await lift(eventId);
    expect((await on.event(eventId)).takedownAt).toBeUndefined();
    await submit(city, { identifier: "city-1", description: text });
    expect((await on.event(eventId)).description).toBe(text);
  });
});

describe("snapshot files", () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "calends-snapshots-"))));
  afterEach(() => rm(folder, { recursive: true }));

  test("of before a takedown are neither given out nor kept, though nobody was told", async () => {
    const { database, clock } = on.registry;
    const deaf = { moved: () => Promise.resolve(), onRedacted: () => undefined, [Symbol.asyncDispose]: () => Promise.resolve() };
    const snapshots = createSnapshots({ database, clock, signal: deaf, log, folder });
    await submit(city, { description: text });
    await number();
    const before = await snapshots.current();
    expect(await snapshots.find(before.epoch, before.position)).toMatchObject({ path: before.path });
    await database.transact(countRedaction);
    expect(await snapshots.find(before.epoch, before.position)).toBeUndefined();
    expect(await readdir(folder)).toEqual([]);
    const after = await snapshots.current();
    expect([after.position, after.path === before.path]).toEqual([before.position, false]);
  });

  test("that are half written, or of before files were counted, go too; those of now stay", async () => {
    const { database } = on.registry;
    const [epoch, digest] = ["01KQHPHXG0NJ53MP4W1366JB6Q", "0".repeat(64)];
    const names = [
      `${epoch}.7.${digest}.ndjson.gz`,
      `${epoch}.7.0.${digest}.ndjson.gz`,
      "0.5a0cb94d-31f0-4b83-a6b5-b4a0f4b7a5d5.partial",
      "5a0cb94d-31f0-4b83-a6b5-b4a0f4b7a5d5.partial",
      `${epoch}.8.1.${digest}.ndjson.gz`,
      "1.5a0cb94d-31f0-4b83-a6b5-b4a0f4b7a5d5.partial",
      "notes.txt",
    ];
    for (const name of names) await writeFile(join(folder, name), "");
    await removeStaleSnapshots(database, folder);
    expect((await readdir(folder)).toSorted()).toEqual(names.toSorted());
    await database.transact(countRedaction);
    await removeStaleSnapshots(database, folder);
    expect((await readdir(folder)).toSorted()).toEqual(names.slice(4).toSorted());
  });

  test("are built anew when something is taken down meanwhile", async () => {
    const { database, clock } = on.registry;
    const eventId = await submit(city, { description: text });
    await number();
    // Between what was read of the log and the file that is made of it: the clock is looked at just before, for the header.
    let step: "reading" | "begun" | "taken" = "reading";
    const clockOfHeader = () => {
      if (step === "reading") step = "begun";
      return clock();
    };
    const interrupted: Database = {
      ...database,
      async read(work) {
        const result = await database.read(work);
        if (step === "begun") {
          step = "taken";
          expect(JSON.stringify(result)).toContain(WORD);
          await take(eventId);
        }
        return result;
      },
    };
    await using signal = createFeedSignal({ database, log });
    const file = await createSnapshots({ database: interrupted, clock: clockOfHeader, signal, log, folder }).current();
    expect(step).toBe("taken");
    expect(await readdir(folder)).toEqual([file.path.slice(folder.length + 1)]);
    expect(await filesWith(folder, WORD)).toEqual([]);
  });
});
