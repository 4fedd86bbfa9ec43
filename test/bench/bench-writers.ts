/** (a) What the sequencer costs the writers: the same triggers, with somebody who numbers and without. */
import type { Bench, Benchmark } from "./context.ts";
import { BASE, numberAll } from "./context.ts";
import { startChild, type Child } from "./child.ts";
import { query } from "./database.ts";
import { interleave, median, type Ratio } from "./rounds.ts";
import { createMint } from "../../src/domain/iri.ts";

const WRITERS = 8;

export const writers: Benchmark = async (bench) => {
  const url = await bench.server.fresh();
  const venues = await addVenues(url);
  await numberAll(url);
  await using writing = startChild("writing.ts");
  await using sequencing = startChild("writing.ts");
  await writing.call("write", { url, writers: WRITERS, milliseconds: 1_000, venues });
  const ratios = [
    await measure(bench, url, venues, writing, sequencing, {
      name: "writers",
      target: 0.75,
      what: `${WRITERS} writers with the sequencer in a process of its own ÷ without it`,
    }),
    await measure(bench, url, venues, writing, writing, {
      name: "writers, in-process",
      what: "the sequencer in the writers' own process ÷ without it",
    }),
  ];
  await bench.server.drop(url);
  return ratios;
};

async function measure(
  { rounds, milliseconds, say }: Bench,
  url: string,
  venues: string[],
  writing: Child,
  sequencing: Child,
  told: Pick<Ratio, "name" | "what" | "target">,
): Promise<Ratio> {
  const behind: number[] = [];
  const write = async () => {
    const rate = await writing.call<number>("write", { url, writers: WRITERS, milliseconds, venues });
    const [row] = await query<{ waiting: number }>(url, "select count(*)::int as waiting from change_outbox");
    behind.push(row!.waiting);
    return rate;
  };
  /** Every side begins with an empty outbox. */
  const settle = async () => {
    await numberAll(url);
    await query(url, "vacuum change_outbox");
  };
  const lags: number[] = [];
  const measuredRounds = await interleave(
    rounds,
    async () => {
      await settle();
      await sequencing.call("startSequencer", { url, base: BASE });
      const rate = await write();
      lags.push(behind.at(-1)! / rate);
      await sequencing.call("stopSequencer");
      return rate;
    },
    async () => {
      await settle();
      return write();
    },
  );
  say(`${told.name}: done`);
  return {
    ...told,
    unit: "commits/s",
    rounds: measuredRounds,
    note: `One event a transaction, all triggers. At the end of a round the sequencer was ${median(lags).toFixed(2)} s of writing behind (median).`,
  };
}

async function addVenues(url: string): Promise<string[]> {
  const mint = createMint();
  const ids = Array.from({ length: 50 }, () => mint(Date.now()));
  await query(
    url,
    `insert into places (id, match_key, name, street_address, locality, region, country, latitude, longitude)
    select id::uuid, convert_to(id, 'UTF8'), 'Hall ' || n, n || ' King St W', 'Toronto', 'ON', 'CA', 43.6 + n * 0.001, -79.4 from unnest($1::text[]) with ordinality as v (id, n)`,
    [ids],
  );
  return ids;
}
