/**
 * What hostile peers cost an honest one, coarsely: `node test/bench/hostile-peers.ts` measures it. Here only what no busy machine explains:
 * that the honest peer stands still, or the memory doubles.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openTestDatabase } from "../support/db.ts";
import type { Measured } from "../support/hostile-load.ts";

const BENCH = fileURLToPath(new URL("../bench/hostile-peers.ts", import.meta.url));

async function measured(hostile: number): Promise<Measured> {
  await using database = await openTestDatabase();
  const child = fork(BENCH, [database.url!, "400", String(hostile), "false"]);
  const [answer] = (await once(child, "message")) as [Measured];
  await once(child, "exit");
  return answer;
}

test("an honest peer is read whole beside twenty hostile ones, without standing still or doubling the memory", async () => {
  const alone = await measured(0);
  const beside = await measured(20);
  expect(beside.hostilePulls).toBeGreaterThan(0);
  expect(beside.rate).toBeGreaterThan(alone.rate / 5);
  expect(beside.peakMb).toBeLessThan(alone.peakMb * 2);
});
