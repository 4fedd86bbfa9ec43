/** A peer that takes texts back, page after page: what it took back stands in no snapshot, and yet it cannot keep ours from being made. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../../src/db/database.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { createSnapshots } from "../../src/feed/snapshot.ts";
import { takeDown } from "../../src/registry/take-down.ts";
import { openFollowing, ORIGIN, saying, type Following } from "../support/following.ts";
import { concert } from "../support/registry.ts";

/** More commits than any snapshot may take: then the peer falls silent, so that a node that waits for that comes to an end. */
const MOST = 60;
const TEXT = "a long evening of the brass, as the origin tells of it";
let pair: Following;
let folder: string;
beforeAll(async () => {
  pair = await openFollowing();
  folder = await mkdtemp(join(tmpdir(), "calends-churn-"));
}, 120_000);
afterAll(async () => {
  await pair[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

let position = 0;
const uri = `${ORIGIN}/events/1`;
const eventOf = (description?: string) => {
  const { description: _text, image: _image, identifier: _key, ...facts } = concert({ name: "Brass" });
  return { ...facts, "sel:licenseStatus": "cc0", ...(description !== undefined && { description }) };
};
const say = (description?: string) => pair.hear([saying(uri, (position += 1), eventOf(description))]);

/** The node's database; whenever its log has been read, `meanwhile` happens. */
function troubled(database: Database, meanwhile: () => Promise<void>): Database {
  let busy = false;
  return {
    ...database,
    async read(work) {
      const result = await database.read(work);
      if (!busy) {
        busy = true;
        await meanwhile().finally(() => (busy = false));
      }
      return result;
    },
  };
}

function snapshotsOver(database: Database) {
  const { clock } = pair.here.registry;
  const signal = { moved: () => Promise.resolve(), onRedacted: () => undefined, [Symbol.asyncDispose]: () => Promise.resolve() };
  return createSnapshots({ database, clock, signal, folder, log: { info: () => undefined, warn: () => undefined } });
}

const textOf = async ({ path }: { path: string }) => gunzipSync(await readFile(path)).toString();

test(
  "a snapshot is made all the same; meanwhile the peer is told to come again, and afterwards it is heard",
  { timeout: 300_000 },
  async () => {
    const { database } = pair.here.registry;
    await say(TEXT);
    await pair.ownFeed();
    let [taken, refused, tries] = [0, 0, 0];
    const says = async () => {
      if ((tries += 1) > MOST) return;
      try {
        await say(TEXT);
        await pair.ownFeed();
        await say();
        taken += 1;
      } catch (error) {
        expect(error).toMatchObject({ code: "unavailable" });
        refused += 1;
      }
    };
    const file = await snapshotsOver(troubled(database, says)).current();
    expect(tries).toBeLessThan(MOST);
    // It did undo what was made at first: else this test would show nothing.
    expect(taken).toBeGreaterThan(1);
    expect(refused).toBeGreaterThan(0);
    expect(await textOf(file)).toContain(`"${uri}"`);
    await say();
    expect(await textOf(await snapshotsOver(database).current())).not.toContain(TEXT);
  },
);

test("a person's takedown is never kept waiting, and what it took out stands in no snapshot", { timeout: 300_000 }, async () => {
  const { database } = pair.here.registry;
  await say(TEXT);
  await pair.ownFeed();
  const { id } = await pair.event(uri);
  let tries = 0;
  const caller = { actor: "cli:test", role: "admin" } as const;
  const meanwhile = async () => {
    tries += 1;
    // By then the log is kept still.
    if (tries === 14)
      await database.transact((tx) => takeDown(pair.here.registry, caller, tx, { eventId: id, reason: "asked for", redact: redactEntity }));
    else if (tries < 14) {
      // Each word that says less than the one before is heard, or refused as long as the log is kept still.
      await say(tries % 2 === 0 ? TEXT : undefined).catch(() => undefined);
      await pair.ownFeed();
    }
  };
  const file = await snapshotsOver(troubled(database, meanwhile)).current();
  expect(tries).toBeGreaterThan(14);
  expect(await textOf(file)).not.toContain(TEXT);
});
