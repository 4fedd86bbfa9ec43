/**
 * kill -9 of an import, again and again: what it had said it applied is there, no event is half there, and the same
 * command goes on to the end. CALENDS_KILL_ROUNDS sets how many rounds (5).
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEmbedded } from "../../src/db/embedded.ts";
import { startCalends } from "../support/process.ts";

const ROUNDS = Number(process.env["CALENDS_KILL_ROUNDS"] ?? 5);
const EVENTS = 1_100;
/** Where each round is killed: while reading, at the start of applying, and after its first and second chunk. */
const MOMENTS = [/^reading/, /^applying/, /^applying.* (?:500|[5-9]\d\d) of/, /^applying.* 1,000 of/];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "calends-killed-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** What stands in the database, looked at without the program. */
async function look(source: string) {
  await using database = await openEmbedded(join(folder, "data"));
  const { rows } = await database.jobs.executeSql(
    `select (select count(*) from ingest_items i join ingest_runs r on r.id = i.run_id where r.source_id = s.id and i.outcome is not null) as answered,
      (select count(*) from event_sources x where x.source_id = s.id and x.superseded_at is null) as records,
      (select count(distinct x.event_id) from event_sources x where x.source_id = s.id) as events,
      (select count(*) from events e where not exists (select from event_occurrences o where o.event_id = e.id)
        or not exists (select from event_sources x where x.event_id = e.id)
        or not exists (select from field_provenance p where p.event_id = e.id and p.field = '/name' and p.is_winner)) as "halfApplied",
      (select count(*) from change_outbox where state is null) as "withoutState"
    from sources s where s.name = $1`,
    [source],
  );
  return rows[0] as { answered: number; records: number; events: number; halfApplied: number; withoutState: number } | undefined;
}

describe(`kill -9 during an import, ${ROUNDS} rounds`, () => {
  test.each(Array.from({ length: ROUNDS }, (_, round) => round))("round %i", { timeout: 300_000 }, async (round) => {
    const source = `round-${round}`;
    const file = join(folder, `${source}.jsonl`);
    const event = (n: number) => ({
      "@context": "https://schema.org",
      "@type": "Event",
      name: `Concert ${round}/${n}`,
      startDate: "2026-07-01T20:00:00-04:00",
      identifier: `${source}-${n}`,
      location: { "@type": "Place", name: `Hall ${n % 50}`, address: "Toronto" },
    });
    await writeFile(file, Array.from({ length: EVENTS }, (_, n) => JSON.stringify(event(n))).join("\n"));
    const importing = () => startCalends(["import", file, "--json"], { env: { DATA_DIR: join(folder, "data") }, cwd: folder });

    await using killed = importing();
    await killed.line(MOMENTS[round % MOMENTS.length]!);
    killed.kill("SIGKILL");
    expect(await killed.ended).toBe("SIGKILL");
    const acknowledged =
      [...killed.said.err.matchAll(/^applying.*?([\d,]+) of/gm)].map(([, done]) => Number(done!.replaceAll(",", ""))).at(-1) ?? 0;

    const left = await look(source);
    expect(left?.answered ?? 0).toBeGreaterThanOrEqual(acknowledged);
    expect(left?.records ?? 0).toBe(left?.answered ?? 0);
    expect([left?.halfApplied ?? 0, left?.withoutState ?? 0]).toEqual([0, 0]);

    await using again = importing();
    expect(await again.ended).toBe(0);
    const { files } = JSON.parse(again.said.out) as { files: [{ resumed: boolean; counts: Record<string, number> }] };
    expect(files[0]).toMatchObject({ resumed: true, counts: { total: EVENTS, created: EVENTS, rejected: 0 } });
    expect(await look(source)).toEqual({ answered: EVENTS, records: EVENTS, events: EVENTS, halfApplied: 0, withoutState: 0 });
  });
});
