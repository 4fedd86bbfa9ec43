/**
 * What the search index costs an import: fresh events through the registry's own path, into two copies of one corpus,
 * in one of which `index_events` does nothing; by turns in one run.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { importEvents, openQuietNode } from "./context.ts";
import { query } from "./database.ts";
import { syntheticEvents } from "./events.ts";
import { interleave, measured, type Measured } from "./rounds.ts";

export interface Upkeep {
  /** The server, and the name of a loaded corpus on it. */
  server: string;
  corpus: string;
  folder: string;
  events: number;
  rounds: number;
}

/** Seconds of indexing ÷ seconds of the same import without it, each round's; the target is the most it may be. */
export async function measureUpkeep({ server, corpus, folder, events, rounds }: Upkeep): Promise<Measured> {
  const names = { indexed: `${corpus}_indexed`, bare: `${corpus}_bare` };
  const address = (name: string) => Object.assign(new URL(server), { pathname: `/${name}` }).href;
  try {
    for (const name of Object.values(names)) {
      await query(server, `drop database if exists ${name} with (force)`);
      await query(server, `create database ${name} template ${corpus} strategy file_copy`);
    }
    await query(
      address(names.bare),
      "create or replace function index_events(ids uuid[]) returns void language sql as 'select null::void'",
    );
    await using indexed = await openQuietNode(address(names.indexed));
    await using bare = await openQuietNode(address(names.bare));
    const file = async (seed: number) => {
      const path = join(folder, "fresh.jsonl");
      // Of a calendar of their own: the same @ids would be the events of the round before.
      await writeFile(path, syntheticEvents(events, { seed }).toString().replaceAll("calendar.example", `calendar${seed}.example`));
      return path;
    };
    /** Both sides of a round import the same events; each first warms its plans. */
    let round = 0;
    const side = (node: typeof indexed) => async () => {
      const { rate, counts } = await importEvents(node, await file(1_000 + Math.floor(round++ / 2)));
      if (counts["created"] !== events) throw new Error(`${events} events should be new: ${JSON.stringify(counts)}`);
      return 1 / rate;
    };
    for (const warm of [indexed, bare]) await side(warm)();
    const taken = await interleave(rounds, side(indexed), side(bare));
    const result = measured({
      name: "index upkeep",
      what: `seconds an event, ${events} fresh events into ${corpus}: with index_events ÷ with a function that does nothing`,
      unit: "s/event",
      rounds: taken,
    });
    return { ...result, met: result.median <= 1.6 };
  } finally {
    for (const name of Object.values(names)) await query(server, `drop database if exists ${name} with (force)`);
  }
}
