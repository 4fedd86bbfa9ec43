/** The places where peers are pulled: whoever answers finds one, however many others never do. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RunEnd } from "../../src/domain/pull.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { openJobs } from "../../src/jobs/jobs.ts";
import { QUEUE_NAMES, QUEUES, UNPROVEN_LANES, type JobData, type JobHandlers } from "../../src/jobs/queues.ts";
import { planPulls, queuePulls } from "../../src/registry/peer-runs.ts";
import { createPeerStore, type KeptPulls } from "../../src/registry/peer-store.ts";
import { openTestDatabase, type TestDatabase } from "../support/db.ts";
import { addTestPeer, eventOf, NORTH, page, shown } from "../support/peer-words.ts";
import { openTestRegistry, type TestRegistry } from "../support/registry.ts";

const SECOND = 1_000;
const HOUR = 60 * 60 * SECOND;
const PLACES = QUEUES["pull-peer"].atOnce!;
/** Ids of peers are uuids, but to their queue; these are of every lane. */
const SLOW = Array.from({ length: PLACES }, (_, n) => `slow ${n.toString(16).padStart(2, "0")}`);

describe("workers that pull peers", () => {
  /** Made with its queues before anybody waits for a worker. */
  let shared: TestDatabase;
  const log = { error: () => undefined, warn: () => undefined };
  const open = (worker: boolean) => openJobs(shared.database, { log, worker, drainMs: 5_000 });
  beforeAll(async () => {
    shared = await openTestDatabase();
    await (await open(false))[Symbol.asyncDispose]();
  });
  afterAll(() => shared[Symbol.asyncDispose]());

  /** A worker that pulls `PLACES` slow peers, queued first, and an honest one. Nothing of a slow one ends before `release`. */
  async function pulling({ standing }: Pick<JobData["pull-peer"], "standing">) {
    await using stack = new AsyncDisposableStack();
    const { database } = shared;
    const jobs = stack.use(await open(true));
    const released = Promise.withResolvers<void>();
    stack.defer(() => released.resolve());
    const begun: string[] = [];
    const waiting = new Map<string, () => void>();
    const nothing = Object.fromEntries(QUEUE_NAMES.map((queue) => [queue, () => Promise.resolve()])) as unknown as JobHandlers;
    const enqueue = (nodeId: string, more: Pick<JobData["pull-peer"], "standing"> = {}) =>
      database.transact((tx) => jobs.enqueue(tx, { queue: "pull-peer", nodeId, ...more }));
    for (const nodeId of SLOW) await enqueue(nodeId, standing && { standing });
    // An embedded database counts whole milliseconds: of two that are queued in the same one, either may be taken first.
    await database.jobs.executeSql("update pgboss.job set created_on = created_on - interval '1 second' where state = 'created'");
    await enqueue("honest");
    await jobs.work({
      ...nothing,
      async "pull-peer"({ nodeId }) {
        begun.push(nodeId);
        waiting.get(nodeId)?.();
        if (nodeId !== "honest") await released.promise;
      },
    });
    const held = stack.move();
    return {
      begun,
      release: () => released.resolve(),
      async untilPulled(nodeId: string) {
        if (!begun.includes(nodeId)) await new Promise<void>((done) => waiting.set(nodeId, done));
      },
      [Symbol.asyncDispose]: () => held.disposeAsync(),
    };
  }

  it.each(["doubtful", "new"] as const)(
    "pull an honest peer while as many %s ones as there are places keep them waiting",
    async (standing) => {
      await using work = await pulling({ standing });
      await work.untilPulled("honest");
      expect(work.begun.filter((nodeId) => nodeId !== "honest").length).toBeLessThanOrEqual(UNPROVEN_LANES[standing]);
      // And none of those is left out.
      work.release();
      for (const nodeId of SLOW) await work.untilPulled(nodeId);
    },
  );

  it("would not, were those peers proven", async () => {
    await using work = await pulling({});
    for (const nodeId of SLOW) await work.untilPulled(nodeId);
    expect(work.begun).not.toContain("honest");
    work.release();
    await work.untilPulled("honest");
  });
});

describe("a pull is queued", () => {
  let test: TestRegistry;
  let store: KeptPulls;
  beforeEach(async () => {
    test = await openTestRegistry();
    store = createPeerStore(test.registry, { random: () => 0.5, redact: redactEntity });
  });
  afterEach(() => test[Symbol.asyncDispose]());
  const went: RunEnd = { outcome: "unchanged", head: 1, more: false };

  /** A peer pulled so many times: how long each took and what came of it. */
  async function pulled(pulls: readonly { seconds: number; end: RunEnd }[], base = NORTH): Promise<string> {
    const { id } = await addTestPeer(test, { base });
    for (const { seconds, end } of pulls) {
      const run = await store.beginRun(id, "pull");
      test.later(seconds * SECOND);
      await store.endRun(id, run, end);
    }
    return id;
  }
  async function planned(): Promise<Record<string, string>> {
    test.later(HOUR);
    test.jobs.splice(0);
    await planPulls(test.registry);
    return Object.fromEntries(test.jobs.map((job) => ("nodeId" in job ? [job.nodeId, job.standing ?? "proven"] : [job.queue, ""])));
  }

  it("as a new, a doubtful, or a proven one, by how the peer's last pulls went", async () => {
    const quick = await pulled([{ seconds: 1, end: went }]);
    const fails = await pulled([{ seconds: 1, end: { outcome: "failed", detail: "no answer" } }], "https://fails.example");
    const slow = await pulled(
      [
        { seconds: 60, end: went },
        { seconds: 1, end: went },
      ],
      "https://slow.example",
    );
    const fresh = await pulled([], "https://fresh.example");
    expect(await planned()).toEqual({ [quick]: "proven", [fails]: "doubtful", [slow]: "doubtful", [fresh]: "new" });
  });

  it("as one like any other when a long pull brought much", async () => {
    const { id } = await addTestPeer(test);
    const run = await store.beginRun(id, "pull");
    await store.applyPage(
      id,
      run,
      page(
        null,
        Array.from({ length: 150 }, (_, n) => shown(eventOf(NORTH, n + 1), { position: n + 1 })),
      ),
    );
    test.later(11 * SECOND);
    await store.endRun(id, run, went);
    expect(await planned()).toEqual({ [id]: "proven" });
  });

  it("as one like any other when it was this node that stopped in the middle, hours ago", async () => {
    const { id } = await addTestPeer(test);
    await store.beginRun(id, "pull");
    test.later(HOUR);
    const run = await store.beginRun(id, "pull");
    await store.endRun(id, run, went);
    expect(await planned()).toEqual({ [id]: "proven" });
  });

  it("in the order in which the peers are given", async () => {
    const ids = [await pulled([]), await pulled([], "https://b.example"), await pulled([], "https://c.example")].toReversed();
    test.jobs.splice(0);
    await test.registry.database.transact((tx) => queuePulls(test.registry, tx, ids));
    expect(test.jobs.map((job) => ("nodeId" in job ? job.nodeId : ""))).toEqual(ids);
  });
});
