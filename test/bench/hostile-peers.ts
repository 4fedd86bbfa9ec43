/**
 * `node test/bench/hostile-peers.ts [--events N] [--hostile N] [--rounds N] [--resume] [--relentless]`: what hostile peers cost an honest one, in interleaved rounds. A node pulls EVENTS events of an honest
 * peer, alone or while hostile peers are pulled beside it, every ten seconds at first and as the node's own back-off says then; each side is a
 * process of its own, so that its peak memory is. With --resume each alarm is taken back at once, so that no peer stays stopped; with
 * --relentless nobody is left alone because it fails. Wants DATABASE_URL. Exit code 1 where the honest peer keeps less than 0.9 of its pace, or the memory grows beyond 1.2.
 */
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureHostility, type Measured } from "../support/hostile-load.ts";
import { openBenchServer } from "./database.ts";

const SELF = fileURLToPath(import.meta.url);
const EVERY_SECONDS = 10;

if (process.send === undefined) await compare();
else {
  const [url, events, hostile, resume, relentless] = process.argv.slice(2);
  process.send(
    await measureHostility({
      url: url!,
      events: Number(events),
      hostile: Number(hostile),
      everySeconds: EVERY_SECONDS,
      resume: resume === "true",
      relentless: relentless === "true",
    }),
  );
  process.disconnect();
}

async function compare(): Promise<void> {
  const { values } = parseArgs({
    options: {
      events: { type: "string", default: "4000" },
      rounds: { type: "string", default: "5" },
      hostile: { type: "string", default: "20" },
      resume: { type: "boolean", default: false },
      relentless: { type: "boolean", default: false },
    },
  });
  const url = process.env["DATABASE_URL"];
  if (url === undefined || url === "") throw new Error("Set DATABASE_URL to a PostgreSQL where databases may be made.");
  await using server = await openBenchServer(url);
  const rounds: { alone: Measured; beside: Measured }[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const side = async (hostile: number): Promise<Measured> => {
      const database = await server.fresh();
      const measured = await inChild([database, values.events, String(hostile), String(values.resume), String(values.relentless)]);
      await server.drop(database);
      return measured;
    };
    // Whoever comes first in a round finds a colder machine.
    const first = round % 2 === 0 ? 0 : Number(values.hostile);
    const one = await side(first);
    const two = await side(first === 0 ? Number(values.hostile) : 0);
    rounds.push(first === 0 ? { alone: one, beside: two } : { alone: two, beside: one });
    const { alone, beside } = rounds.at(-1)!;
    console.log(
      `round ${round + 1}: alone ${alone.rate.toFixed(0)} events/s of ${alone.workMs.toFixed(2)} ms, ${alone.peakMb.toFixed(0)} MB; beside ${values.hostile} hostile peers ` +
        `${beside.rate.toFixed(0)} events/s of ${beside.workMs.toFixed(2)} ms, ${beside.peakMb.toFixed(0)} MB, ${beside.hostilePulls} of their pulls meanwhile`,
    );
  }
  const median = (all: number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!;
  const pace = median(rounds.map(({ alone, beside }) => beside.rate / alone.rate));
  const work = median(rounds.map(({ alone, beside }) => beside.workMs / alone.workMs));
  const memory = median(rounds.map(({ alone, beside }) => beside.peakMb / alone.peakMb));
  console.log(
    `Throughput of the honest peer: ${pace.toFixed(2)}x (at least 0.9 wanted); peak memory ${memory.toFixed(2)}x (at most 1.2 wanted); work of the main thread for one of its events ${work.toFixed(2)}x; ${availableParallelism()} cores.`,
  );
  process.exitCode = pace >= 0.9 && memory <= 1.2 ? 0 : 1;
}

function inChild(words: string[]): Promise<Measured> {
  return new Promise((done, failed) => {
    const child = fork(SELF, words);
    child.once("message", (measured) => done(measured as Measured));
    child.once("exit", (code) => failed(new Error(`The measuring process ended (${code}).`)));
  });
}
