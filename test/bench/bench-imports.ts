/** (e) An import from the file's bytes against \copy of the rows it makes, and (f) an unchanged re-import against a changed one. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Benchmark } from "./context.ts";
import { importEvents, openQuietNode } from "./context.ts";
import { dumpForCopy, copyIn } from "./copy.ts";
import { syntheticEvents } from "./events.ts";
import { interleave, median } from "./rounds.ts";

export const importing: Benchmark = async ({ server, rounds, events, folder, say }) => {
  const file = join(folder, "events.jsonl");
  await writeFile(file, syntheticEvents(events));
  const original = await server.fresh();
  {
    await using node = await openQuietNode(original);
    await importEvents(node, file);
  }
  const script = await dumpForCopy(original, join(folder, "copy"));
  await server.drop(original);
  const measured = await interleave(
    rounds,
    async () => {
      const url = await server.fresh();
      let rate: number;
      {
        await using node = await openQuietNode(url);
        ({ rate } = await importEvents(node, file));
      }
      await server.drop(url);
      return rate;
    },
    async () => {
      const url = await server.fresh();
      const seconds = await copyIn(url, script);
      await server.drop(url);
      return events / seconds;
    },
  );
  say("import: done");
  return [
    {
      name: "import",
      what: `${events} events from the file's bytes to the last commit ÷ psql \\copy of the rows that this makes`,
      unit: "events/s",
      target: 0.4,
      rounds: measured,
      note: "The same tables, indexes and triggers, transactions of 500 events; no sequencer runs on either side.",
    },
  ];
};

export const reimporting: Benchmark = async ({ server, rounds, events, folder, say }) => {
  const fileOf = async (edition: number) => {
    const file = join(folder, `edition-${edition}.jsonl`);
    await writeFile(file, syntheticEvents(events, { edition }));
    return file;
  };
  const url = await server.fresh();
  await using node = await openQuietNode(url);
  let now = await fileOf(0);
  await importEvents(node, now);
  const expect = (counts: Record<string, number>, name: "unchanged" | "updated") => {
    if (counts[name] !== events) throw new Error(`${events} events should be ${name}: ${JSON.stringify(counts)}`);
  };
  let edition = 0;
  const measured = await interleave(
    rounds,
    async () => {
      const { rate, counts } = await importEvents(node, now);
      expect(counts, "unchanged");
      return rate;
    },
    async () => {
      now = await fileOf(++edition);
      const { rate, counts } = await importEvents(node, now);
      expect(counts, "updated");
      return rate;
    },
  );
  say("re-import: done");
  return [
    {
      name: "re-import",
      what: "the same file again ÷ one in which every event has another text and price",
      unit: "events/s",
      target: 3,
      rounds: measured,
      note: `${events} events; changed: ${median(measured.map((one) => one.other)).toFixed(0)} events/s.`,
    },
  ];
};
