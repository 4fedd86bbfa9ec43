/**
 * A first copy of a peer, or a new one where its feed began anew. Whatever way it goes, it is applied in chunks, and each chunk says how
 * far the copy is, so that it goes on where it stopped; what a new copy does not meet is gone.
 *
 *   snapshot   one file, whose hash is right before a line of it is read
 *   pages      closed pages from the first on, then the feed up to its head; the feed alone where it has none
 *   feed       a first copy is no copy at all, the tail begins at the beginning; a new one goes by pages, of the feed alone, and so does a
 *              first one where something of the peer is held already, which it may have no more
 *
 * A way that the peer does not offer gives place to the next one.
 */
import type { BootstrapPlan, BootstrapWay } from "../../domain/peer.ts";
import { readClosedPage, type ClosedPage } from "./closed-pages.ts";
import { FeedGone, PageTooLarge, PeerFault } from "./faults.ts";
import { readPage } from "./read-page.ts";
import { Moved, reread, tally, timeIsUp, type Run } from "./run.ts";
import { applySnapshot } from "./snapshot-copy.ts";
import { pageReader } from "./tail.ts";

/** The peer's file or epoch may go while it is copied: so often a run begins anew. */
const MOST_PLANS = 3;

/** Where there is nothing to copy first and nothing to sweep after, the feed is simply read from its beginning. */
export async function planFirstCopy(run: Run): Promise<void> {
  const way = firstWay(run, run.peer.bootstrapBy);
  const held = await run.parts.store.holdsAny(run.peer.id);
  if (way !== "feed" || held) await begin(run, { way, resync: held });
}

/** After 410: what was held of the peer is to be met again, or is gone. */
export async function planResync(run: Run, epoch: string | undefined): Promise<void> {
  await begin(run, { way: firstWay(run, run.peer.bootstrapBy), resync: true, epoch });
}

/** The copy under way, up to its end. False where the run's time was up first. */
export async function makeCopy(run: Run): Promise<boolean> {
  for (let plans = 1; ; plans++) {
    const plan = run.peer.bootstrap;
    if (plan === null) return true;
    try {
      if (!(await advance(run, plan))) return false;
      tally(run, await run.parts.store.finishCopy(run.peer.id, run.id), 0);
      await reread(run);
      return true;
    } catch (error) {
      if (!(error instanceof FeedGone)) throw error;
      if (plans === MOST_PLANS) throw new PeerFault("what it offers to copy is gone again and again before it can be copied", {}, error);
      // Pages that retention has taken do not come back: then its snapshot alone shows all that is there.
      const wanted = plan.way === "snapshot" ? run.peer.bootstrapBy : "snapshot";
      await begin(run, { way: firstWay(run, wanted), resync: plan.resync, epoch: error.epoch });
    }
  }
}

/** False where time is up. */
async function advance(run: Run, plan: BootstrapPlan): Promise<boolean> {
  switch (plan.way) {
    case "snapshot": {
      const done = plan.linesDone ?? (await applySnapshot(run, plan));
      if (done === true && plan.resync) return copyFeed(run);
      if (done !== "none") return done;
      await begin(run, { ...plan, way: nextWay(run, plan.way) });
      return advance(run, run.peer.bootstrap!);
    }
    case "pages":
      return copyPages(run);
    case "feed":
      await begin(run, { ...plan, way: "pages" });
      return copyPages(run);
  }
}

async function copyPages(run: Run): Promise<boolean> {
  const { pages } = run.profile;
  const epoch = run.peer.bootstrap!.epoch ?? (await currentEpoch(run));
  if (epoch !== undefined && run.peer.bootstrap!.epoch === undefined) await keep(run, { ...run.peer.bootstrap!, epoch });
  if (pages === undefined || epoch === undefined || run.peer.bootstrapBy === "feed") return copyFeed(run);
  for (;;) {
    run.parts.signal?.throwIfAborted();
    const plan = run.peer.bootstrap!;
    const page = await closedPage(run, plan, { pages, epoch });
    if (page === undefined) return copyFeed(run);
    await apply(run, plan, page, plan.page + 1);
    if (timeIsUp(run)) return false;
  }
}

/** The next one; undefined where there is none yet, or none that can be taken whole: the feed asks for as few items as it must. */
async function closedPage(run: Run, plan: BootstrapPlan, of: { pages: string; epoch: string }): Promise<ClosedPage | undefined> {
  try {
    return await readClosedPage(run, { ...of, n: plan.page, after: standing(plan) });
  } catch (error) {
    if (error instanceof PageTooLarge) return undefined;
    throw error;
  }
}

/** What no page holds yet, or no snapshot: without it the sweep would take it for gone. The number of the next closed page, or line, stays. */
async function copyFeed(run: Run): Promise<boolean> {
  const next = pageReader(run);
  for (;;) {
    run.parts.signal?.throwIfAborted();
    const plan = run.peer.bootstrap!;
    const page = await next({ ...standing(plan), cursor: plan.cursor ?? null, epoch: plan.epoch ?? null });
    run.head = page.head ?? run.head;
    const { changes, bad, nextCursor: cursor, position, hash } = page;
    await apply(run, plan, { changes, bad, reached: { cursor, position, hash } }, progressOf(plan));
    if (page.last) return true;
    if (timeIsUp(run)) return false;
  }
}

type Applied = Pick<Parameters<Run["parts"]["store"]["applyCopy"]>[2], "changes" | "bad" | "reached">;

async function apply(run: Run, plan: BootstrapPlan, page: Applied, to: number): Promise<void> {
  tally(run, await run.parts.store.applyCopy(run.peer.id, run.id, { planId: plan.id, from: progressOf(plan), to, ...page }));
  await reread(run);
  if (run.peer.bootstrap?.id !== plan.id) throw new Moved("another copy was begun");
}

const progressOf = ({ way, lines, page }: BootstrapPlan): number => (way === "snapshot" ? lines : page);

const standing = ({ position = 0, hash }: BootstrapPlan) => ({ position, hash: position === 0 ? "" : (hash ?? null) });

/** As the first page tells it. */
async function currentEpoch(run: Run): Promise<string | undefined> {
  if (run.peer.dialect === "sel") return undefined;
  const page = await readPage(run, { cursor: null, epoch: null, position: 0, hash: "" }, 1);
  return page.epoch ?? undefined;
}

async function begin(
  run: Run,
  { way, resync, epoch }: Pick<BootstrapPlan, "way" | "resync"> & { epoch?: string | undefined },
): Promise<void> {
  const id = planId(run.parts.random);
  await run.parts.store.beginCopy(run.peer.id, { id, way, resync, ...(epoch !== undefined && { epoch }), lines: 0, page: 1 });
  await reread(run);
  if (run.peer.bootstrap?.id !== id) throw new Moved("another copy was begun");
}

async function keep(run: Run, plan: BootstrapPlan): Promise<void> {
  if ((await run.parts.store.keepPlan(run.peer.id, plan)) === "moved") throw new Moved("another copy was begun");
  await reread(run);
  if (run.peer.bootstrap?.id !== plan.id) throw new Moved("another pull has finished this copy");
}

/** The wanted way, or the first after it that the peer offers. */
function firstWay(run: Run, wanted: BootstrapWay): BootstrapWay {
  // What others call a snapshot is of no form that is known here.
  if (wanted === "feed" || run.peer.dialect === "sel") return "feed";
  if (wanted === "snapshot" && run.profile.snapshot !== undefined) return "snapshot";
  return run.profile.pages === undefined ? "feed" : "pages";
}

const nextWay = (run: Run, way: BootstrapWay): BootstrapWay => (way === "snapshot" ? firstWay(run, "pages") : "feed");

/** A uuid (version 4) of the given chance, so that a simulation can be replayed. */
function planId(random: () => number): string {
  const bytes = Buffer.from(Array.from({ length: 16 }, () => Math.floor(random() * 256)));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
