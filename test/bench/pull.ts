/** Pulling a peer's events and applying them against importing the same events from a file, into databases that are empty before. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BootstrapWay } from "../../src/domain/peer.ts";
import { importEvents, openQuietNode, type Benchmark } from "./context.ts";
import { syntheticEvents } from "./events.ts";
import { openFollower, pullAll, serveEvents, shownHash, statementsHash } from "./pulling.ts";
import { interleave } from "./rounds.ts";

export const pulling: Benchmark = async ({ server, rounds, events, folder, say }) => {
  const file = join(folder, "followed.jsonl");
  await writeFile(file, syntheticEvents(events));
  const source = await server.fresh();
  await using _serving = await serveEvents(source, file, await mkdtemp(join(folder, "source-")));
  const wanted = await shownHash(source);

  const pulled = async (way: BootstrapWay): Promise<number> => {
    const url = await server.fresh();
    const follower = await openFollower(url, await mkdtemp(join(folder, "follower-")), way);
    const started = process.hrtime.bigint();
    await pullAll(follower);
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    await follower.node[Symbol.asyncDispose]();
    const held = await statementsHash(url);
    if (held.hash !== wanted.hash)
      throw new Error(`${held.count} of ${wanted.count} entities, or other ones, are held after a copy by ${way}.`);
    await server.drop(url);
    return events / seconds;
  };
  const imported = async (): Promise<number> => {
    const url = await server.fresh();
    let rate: number;
    {
      await using node = await openQuietNode(url);
      ({ rate } = await importEvents(node, file));
    }
    await server.drop(url);
    return rate;
  };
  const ratios = [];
  for (const way of ["snapshot", "pages"] as const) {
    ratios.push({
      name: `pull by ${way}`,
      what: `${events} events of a peer by ${way}, from its first request to the last commit ÷ an import of the same events`,
      unit: "events/s",
      target: 0.5,
      rounds: await interleave(rounds, () => pulled(way), imported),
      note: `The feed also tells of places and organizers: ${wanted.count} entities. What is held afterwards equals the source.`,
    });
  }
  say("pull: done");
  return ratios;
};
