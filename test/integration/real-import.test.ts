/**
 * The real input, as an operator imports it: two days of one city's festivals, the second again, and a list of
 * conferences. Every event that stands in both days is one event; what did not change says nothing.
 */
import { createHash } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kyselyOf } from "../../src/db/handle.ts";
import type { EventState } from "../../src/domain/state.ts";
import { readStates } from "../../src/db/entities.ts";
import { applyRun, readRejects, stageItems, startImport, type Reject, type RunCounts } from "../../src/registry/import.ts";
import { describeWhereRealDataIsAtHand, readRealData, REAL_FILES } from "../support/real-data.ts";
import { openTestRegistry, type TestRegistry } from "../support/registry.ts";

interface Festival {
  name: string;
  startDate: string;
  url?: string;
}
/** What tells a festival from all others of its day, as the source itself would: its name and the instant of its start. */
const keyOf = ({ name, startDate }: Festival) =>
  `${name.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim()} ${Date.parse(startDate)}`;

interface Imported {
  counts: RunCounts;
  rejects: Reject[];
  added: number;
}

describeWhereRealDataIsAtHand("the real input", () => {
  const [YEAR_BEFORE, NOW, CONFERENCES] = REAL_FILES;
  let on: TestRegistry;
  let states: { before: EventState[]; after: EventState[]; conferences: EventState[] };
  const imported: Record<"first" | "second" | "third" | "conferences" | "conferencesAgain", Imported> = {} as never;

  const query = async <T>(statement: ReturnType<typeof sql>) =>
    on.registry.database.read(async (reader) => (await statement.execute(kyselyOf(reader))).rows as T[]);

  async function take(sourceName: string, file: (typeof REAL_FILES)[number]): Promise<Imported> {
    on.later();
    const documents = readRealData(file) as object[];
    const payloads = documents.map((one) => Buffer.from(JSON.stringify(one)));
    const [before] = await query<{ seq: number }>(sql`select coalesce(max(seq), 0) as seq from change_outbox`);
    const { runId } = await startImport(
      on.registry,
      { actor: "cli:operator", role: "admin" },
      {
        sourceName,
        inputName: file,
        inputHash: createHash("sha256").update(Buffer.concat(payloads)).digest(),
        timezone: sourceName === "toronto" ? "America/Toronto" : undefined,
      },
    );
    for (let from = 0; from < payloads.length; from += 500) {
      await stageItems(
        on.registry,
        runId,
        payloads.slice(from, from + 500).map((payload, n) => ({ position: from + n, payload, mediaType: "application/ld+json" })),
      );
    }
    const counts = await applyRun(on.registry, runId);
    const [{ n }] = (await query<{ n: number }>(sql`select count(*) as n from change_outbox where seq > ${before!.seq}`)) as [
      { n: number },
    ];
    return { counts, rejects: await Array.fromAsync(readRejects(on.registry, runId)), added: n };
  }

  async function statesOf(sourceName: string): Promise<EventState[]> {
    const ids = await query<{ id: string }>(
      sql`select distinct r.event_id as id from event_sources r join sources s on s.id = r.source_id where s.name = ${sourceName} and r.superseded_at is null`,
    );
    return on.registry.database.read(
      async (reader) =>
        (await readStates(
          reader,
          "event",
          ids.map((row) => row.id),
        )) as EventState[],
    );
  }

  beforeAll(async () => {
    on = await openTestRegistry();
    imported.first = await take("toronto", YEAR_BEFORE);
    const before = await statesOf("toronto");
    imported.second = await take("toronto", NOW);
    const after = await statesOf("toronto");
    imported.third = await take("toronto", NOW);
    imported.conferences = await take("conferences", CONFERENCES);
    states = { before, after, conferences: await statesOf("conferences") };
    imported.conferencesAgain = await take("conferences", CONFERENCES);
  }, 600_000);
  afterAll(() => on[Symbol.asyncDispose]());

  test("is answered, item by item", () => {
    const counts = Object.fromEntries(Object.entries(imported).map(([name, one]) => [name, one.counts]));
    expect(counts["first"]).toMatchObject({ total: 850, done: 850 });
    expect(counts["second"]).toMatchObject({ total: 1_727, done: 1_727 });
    expect(counts["conferences"]).toMatchObject({ total: 6_828, done: 6_828 });
  });

  test("every festival that stands on both days keeps its event, and a changed one has another version", () => {
    const said = (file: typeof YEAR_BEFORE | typeof NOW) => Map.groupBy(readRealData(file) as Festival[], keyOf);
    const [then, now] = [said(YEAR_BEFORE), said(NOW)];
    const [statesThen, statesNow] = [states.before, states.after].map((some) => Map.groupBy(some, keyOf)) as [
      Map<string, EventState[]>,
      Map<string, EventState[]>,
    ];
    let [kept, changed, touched] = [0, 0, 0];
    for (const [key, earlier] of then) {
      const later = now.get(key);
      // A name and a start that two festivals share tell nothing of which is which.
      if (later === undefined || earlier.length > 1 || later.length > 1 || statesThen.get(key)?.length !== 1) continue;
      const [before, after] = [statesThen.get(key)![0]!, statesNow.get(key)![0]!];
      expect(after.id, key).toBe(before.id);
      const [reads, read] = [JSON.stringify(shown(after)), JSON.stringify(shown(before))];
      // A version grows exactly when the event reads otherwise.
      expect(after.version > before.version, `${key}\n${read}\n${reads}`).toBe(reads !== read);
      if (reads === read) kept++;
      else if (JSON.stringify(earlier[0]) === JSON.stringify(later[0])) touched++;
      else changed++;
    }
    expect(kept + changed + touched).toBeGreaterThan(700);
    // Some that say what they said read otherwise all the same: another told more of their venue.
    expect(touched).toBeLessThan(100);
    expect(kept).toBeGreaterThan(300);
    expect(changed).toBeGreaterThan(250);
  });

  test("no two events of one visit were taken for one", () => {
    const items = (readRealData(NOW) as Festival[]).length - imported.second.counts.rejected;
    const { merged } = imported.second.counts;
    expect(merged).toBeLessThan(items * 0.05);
  });

  test("the same day again: everything unchanged, nothing in the outbox", () => {
    const { total, rejected } = imported.third.counts;
    expect(imported.third).toMatchObject({ counts: { unchanged: total - rejected, created: 0, updated: 0, merged: 0 }, added: 0 });
    expect(imported.conferencesAgain).toMatchObject({ added: 0, counts: { created: 0, updated: 0, merged: 0 } });
  });

  test("a conference's plain dates are plain dates", () => {
    expect(states.conferences.length).toBeGreaterThan(5_000);
    for (const state of states.conferences) {
      expect(
        [state.startDate, state.endDate ?? "2026-01-01"].every((date) => /^\d{4}-\d{2}-\d{2}$/.test(date)),
        state.name,
      ).toBe(true);
      expect(state.allDay).toBe(true);
    }
  });

  test("a conference listed under several topics is one event with all of them", () => {
    const shared = Map.groupBy(
      readRealData(CONFERENCES) as (Festival & { location: object; keywords: string[] })[],
      (one) => `${one.name} ${one.startDate} ${JSON.stringify(one.location)} ${one.url}`,
    );
    const several = [...shared.values()].filter((some) => new Set(some.map((one) => JSON.stringify(one.keywords))).size > 1);
    expect(several.length).toBeGreaterThan(100);
    const byKey = Map.groupBy(states.conferences, (state) => `${state.name} ${state.startDate}`);
    let found = 0;
    for (const some of several) {
      const candidates = byKey.get(`${some[0]!.name} ${some[0]!.startDate}`) ?? [];
      if (candidates.some((state) => some.every((one) => one.keywords.every((word) => state.keywords?.includes(word))))) found++;
    }
    expect(found).toBeGreaterThan(several.length * 0.95);
  });

  test("every reject says which member is at fault and why", () => {
    for (const { rejects, counts } of Object.values(imported)) {
      expect(rejects).toHaveLength(counts.rejected);
      for (const reject of rejects) {
        expect(reject.problem.detail.length).toBeGreaterThan(10);
        expect(reject.problem.errors, JSON.stringify(reject)).toEqual(
          expect.arrayContaining([{ pointer: expect.stringMatching(/^\//), detail: expect.any(String) }]),
        );
      }
    }
    expect(imported.first.rejects.length + imported.conferences.rejects.length).toBeGreaterThan(0);
  });
});

/** What a state shows, without what writing it adds. */
function shown({ version: _version, updatedAt: _updatedAt, ...rest }: EventState): object {
  return rest;
}
