/**
 * kill -9 of a node on the embedded database: whatever was acknowledged is there afterwards, whole; nothing is there
 * half or twice; the feed is dense and tells of a new epoch. CRASH_ROUNDS sets how often (5), CRASH_SEED repeats a run.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chance, expectInFeed, expectInFeedNow, expectWhole, listedNames, makeKey, type Reader } from "../support/crash.ts";
import { startWriter, type Acknowledged } from "../support/crash-writer.ts";
import { NODE_ADMIN_KEY, startNode } from "../support/process.ts";

const ROUNDS = Number(process.env["CRASH_ROUNDS"] ?? 5);
const SEED = Number(process.env["CRASH_SEED"] ?? 20_260_508);
const NODE_URL = "http://calends.test";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "calends-crash-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe(`kill -9 of a node on the embedded database, ${ROUNDS} rounds (CRASH_SEED=${SEED})`, () => {
  const acknowledged: Acknowledged[] = [];
  const random = chance(SEED);
  const settings = () => ({ DATA_DIR: join(folder, "data"), NODE_URL });
  let key: string;
  let cursor = "";
  let epoch = "";

  beforeAll(async () => {
    await using node = await startNode(settings());
    key = await makeKey(node.url, NODE_ADMIN_KEY, "Crashes");
    await node.stop();
  });

  test.each(Array.from({ length: ROUNDS }, (_, round) => round + 1))(
    "round %i: nothing acknowledged is lost",
    { timeout: 300_000 },
    async (round) => {
      const label = `round-${round}`;
      await using node = await startNode(settings());
      const writer = startWriter({ url: node.url, key, label });
      await writer.until(1 + Math.floor(random() * 40));
      await node.kill();
      await writer.stop();

      await using back = await startNode(settings());
      expect(back.process.said.out).toContain("the feed begins a new epoch");
      const reader: Reader = { url: back.url, key };
      for (const one of writer.acknowledged.values()) await expectWhole(reader, one);
      // What nobody heard the end of was written as a whole or not at all; sent again it is there once.
      await writer.settle(back.url);
      acknowledged.push(...writer.acknowledged.values());
      const names = await listedNames(reader);
      expect(names.toSorted()).toEqual(acknowledged.map(({ name }) => name).toSorted());

      const feed = await expectInFeed(reader, acknowledged);
      expect(feed.epoch).not.toBe(epoch);
      if (cursor !== "") {
        const stale = await fetch(`${back.url}/api/v1/feeds/changes?since=${cursor}`, { headers: { authorization: `Bearer ${key}` } });
        expect([stale.status, ((await stale.json()) as { code: string }).code]).toEqual([410, "wrong_epoch"]);
      }
      ({ epoch, cursor } = feed);
      expect(back.log().filter(({ level }) => level >= 50)).toEqual([]);
      await back.stop();
    },
  );

  test(
    "after all rounds every event is whole, and the first answer to a key is still given, byte for byte",
    { timeout: 300_000 },
    async () => {
      await using node = await startNode(settings());
      const reader: Reader = { url: node.url, key };
      for (const one of acknowledged) await expectWhole(reader, one);
      const first = acknowledged.find((one) => one.key === "round-1-0")!;
      const again = startWriter({ url: node.url, key, label: "round-1", lanes: 1 });
      await again.until(1);
      await again.stop();
      expect(again.acknowledged.get(first.key)?.body).toBe(first.body);

      // These checks would notice a loss: an event that never was is missed by each of them.
      const lost: Acknowledged = { ...first, name: "Never sent", path: "/events/01ARZ3NDEKTSV4RRFFQ69G5FAV" };
      await expect(expectWhole(reader, lost)).rejects.toThrow("404");
      await expect(expectWhole(reader, { ...first, name: "Another name" })).rejects.toThrow("Another name");
      await expect(expectInFeedNow(reader, [...acknowledged, lost])).rejects.toThrow(lost.path);
      await node.stop();
    },
  );
});
