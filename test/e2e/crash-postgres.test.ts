/**
 * kill -9 with a PostgreSQL server: of a node and an import into it, and of the server itself under a node. Whatever was
 * acknowledged is there afterwards, whole and once, and the feed goes on in its epoch. CRASH_SEED repeats a run.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { chance, expectInFeed, expectWhole, listedNames, makeKey, read, readFeed, type Reader } from "../support/crash.ts";
import { startWriter } from "../support/crash-writer.ts";
import { openTestDatabase } from "../support/db.ts";
import { NODE_ADMIN_KEY, startCalends, startNode, within } from "../support/process.ts";
import { REAL_FILES } from "../support/real-data.ts";

const ROUNDS = Number(process.env["CRASH_ROUNDS"] ?? 5);
const SEED = Number(process.env["CRASH_SEED"] ?? 20_260_508);
const NODE_URL = "http://calends.test";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "calends-crash-"));
});
afterAll(() => rm(folder, { recursive: true }));

const chosen = inject("database");
const describeWhereAServerIsGiven = chosen.kind === "server" ? describe : describe.skip;

/** What a database holds after an import, in words that do not depend on ids. */
async function holdings(reader: Reader): Promise<string[]> {
  const feed = await readFeed(reader);
  return feed.items
    .map(({ action, kind, snapshot }) => `${action} ${kind} ${(snapshot as { name?: string; startDate?: string } | undefined)?.name}`)
    .toSorted();
}

describeWhereAServerIsGiven(`kill -9 during an import into a PostgreSQL server (needs DATABASE_URL; CRASH_SEED=${SEED})`, () => {
  const real = join(process.env["CALENDS_DATA_DIR"] ?? fileURLToPath(new URL("../../../shared/data", import.meta.url)), REAL_FILES[1]);
  const file = existsSync(real) ? real : fileURLToPath(new URL("../fixtures/demo/toronto-excerpt.jsonld", import.meta.url));
  /** Where it is killed: while reading, at the start of applying, in its middle. */
  const MOMENTS = [/^reading/, /^applying/, /^applying.* (?:[5-9]\d\d|1,\d{3}) of/];

  const importInto = (url: string) =>
    startCalends(["import", file, "--source", "City", "--json"], { env: { DATABASE_URL: url, NODE_URL, DATA_DIR: folder }, cwd: folder });
  const done = async (process: ReturnType<typeof importInto>): Promise<{ resumed: boolean; counts: Record<string, number> }> => {
    const code = await within(300_000, "the import", process.ended);
    expect([code, process.said.err]).toEqual([0, process.said.err]);
    return JSON.parse(process.said.out).files[0];
  };

  test("resumes, counts right, holds what an import without a crash holds, in the same epoch", { timeout: 600_000 }, async () => {
    // Without workers: what they do on the hour, with events that are over or alike, would come at another moment of one import than of the other.
    const settingsOf = (url: string) => ({ DATABASE_URL: url, NODE_URL, DATA_DIR: folder, ROLES: "api,sequencer" });
    await using wanted = await openTestDatabase();
    await using undisturbed = await startNode(settingsOf(wanted.url!));
    await using straight = importInto(wanted.url!);
    const { counts } = await done(straight);
    const reader: Reader = { url: undisturbed.url, key: NODE_ADMIN_KEY };
    await vi.waitFor(async () => expect((await read(reader, "/api/v1/feeds/changes?limit=1")).head).toBeGreaterThan(counts["created"]!), {
      timeout: 60_000,
    });

    await using crashed = await openTestDatabase();
    const settings = settingsOf(crashed.url!);
    await using first = await startNode(settings);
    const { epoch } = await readFeed({ url: first.url, key: NODE_ADMIN_KEY });
    let node = first;
    const cutOff: boolean[] = [];
    for (const moment of MOMENTS) {
      await using importing = importInto(crashed.url!);
      // A small file may be done before its moment comes.
      await Promise.race([importing.line(moment), importing.ended]).catch(() => undefined);
      importing.kill("SIGKILL");
      cutOff.push((await importing.ended) === "SIGKILL");
      await node.kill();
      node = await startNode(settings);
    }
    await using serving = node;
    await using last = importInto(crashed.url!);
    const result = await done(last);
    expect(cutOff).toContain(true);
    expect(result).toMatchObject({ resumed: cutOff.at(-1), counts: { total: counts["total"], rejected: counts["rejected"] } });
    const back: Reader = { url: serving.url, key: NODE_ADMIN_KEY };
    const whole = await holdings(reader);
    await vi.waitFor(async () => expect((await read(back, "/api/v1/feeds/changes?limit=1")).head).toBe(whole.length), {
      timeout: 60_000,
      interval: 250,
    });
    expect(await holdings(back)).toEqual(whole);
    expect((await listedNames(back)).toSorted()).toEqual((await listedNames(reader)).toSorted());
    expect((await readFeed(back)).epoch).toBe(epoch);
    await serving.stop();
    await undisturbed.stop();
  });
});

/** The errors of a log, each once. */
const reasons = (log: readonly { level: number; err?: unknown }[]): string =>
  [...new Set(log.filter(({ level }) => level >= 50).map(({ err }) => JSON.stringify(err)?.replaceAll("\\n", "\n")))].join("\n\n");

/** A program that takes `up PORT` (prints a URL last), `createdb NAME PORT`, `kill PORT` and `wipe PORT`. */
const tool = process.env["CRASH_POSTGRES_TOOL"];
const describeWhereAServerMayBeCrashed = tool !== undefined && existsSync(tool) ? describe : describe.skip;

describeWhereAServerMayBeCrashed(`kill -9 of the PostgreSQL server under a node (needs CRASH_POSTGRES_TOOL; CRASH_SEED=${SEED})`, () => {
  const port = process.env["CRASH_POSTGRES_PORT"] ?? "55440";
  const run = async (...words: string[]): Promise<string> =>
    (await promisify(execFile)(tool!, words, { timeout: 300_000 })).stdout.trim().split("\n").at(-1) ?? "";
  const CRASHES = Math.min(ROUNDS, 3);

  beforeAll(() => run("up", port), 300_000);
  afterAll(() => run("wipe", port), 120_000);

  test(`the node outlives ${CRASHES} crashes, says so meanwhile, and loses and doubles nothing`, { timeout: 600_000 }, async () => {
    const random = chance(SEED);
    const DATABASE_URL = await run("createdb", "calends_crash", port);
    await using node = await startNode({ DATABASE_URL, NODE_URL, DATA_DIR: folder });
    const key = await makeKey(node.url, NODE_ADMIN_KEY, "Crashes");
    const reader: Reader = { url: node.url, key };
    const { epoch } = await readFeed(reader);
    const writer = startWriter({ url: node.url, key, label: "server", patient: true });

    for (let crash = 1; crash <= CRASHES; crash++) {
      await writer.until(writer.acknowledged.size + 20 + Math.floor(random() * 60));
      const before = writer.refused.length;
      await run("kill", port);
      await vi.waitFor(() => expect(writer.refused.length).toBeGreaterThan(before), { timeout: 60_000 });
      expect((await fetch(`${node.url}/healthz`)).status).toBe(200);
      const ready = await fetch(`${node.url}/readyz`);
      expect([ready.status, ready.headers.has("retry-after")]).toEqual([503, true]);
      await run("up", port);
      await writer.until(writer.acknowledged.size + 20);
      await vi.waitFor(async () => expect((await fetch(`${node.url}/readyz`)).status).toBe(200), { timeout: 60_000 });
    }
    await writer.stop();

    // Nothing but "not now", with when to come back; and a request that was under way may find its first try still there.
    const others = writer.refused.filter(({ code }) => code !== "unavailable" && code !== "idempotency_in_flight");
    expect(others, reasons(node.log())).toEqual([]);
    expect(writer.refused.filter(({ status, retryAfter }) => status === 503 && retryAfter === null)).toEqual([]);
    expect(writer.doubtful.size).toBe(0);
    const acknowledged = [...writer.acknowledged.values()];
    for (const one of acknowledged) await expectWhole(reader, one);
    expect((await listedNames(reader)).toSorted()).toEqual(acknowledged.map(({ name }) => name).toSorted());
    const feed = await expectInFeed(reader, acknowledged);
    expect(feed.epoch).toBe(epoch);
    await node.stop();
  });
});
