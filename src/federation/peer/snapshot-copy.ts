/** A copy by snapshot: found, loaded, proven by its hash, and applied in chunks from the line where it stopped. */
import { rm } from "node:fs/promises";
import type { HeardChange } from "../../domain/custody.ts";
import type { BootstrapPlan } from "../../domain/peer.ts";
import { alarmed } from "./faults.ts";
import type { BadItem } from "./ports.ts";
import { malformed, readLine } from "./read-item.ts";
import { Moved, reread, tally, timeIsUp, type Run } from "./run.ts";
import { download, findSnapshot, lockCopies, snapshotPath, type SnapshotFacts } from "./snapshot-file.ts";
import { openLines, type Line, type SnapshotHeader } from "./snapshot-lines.ts";

/** True when all of it is applied, false where time was up, "none" where the peer has none to offer. Throws FeedGone where the file is gone. */
export async function applySnapshot(run: Run, begun: BootstrapPlan): Promise<boolean | "none"> {
  const facts = factsOf(begun) ?? (run.profile.snapshot === undefined ? undefined : await findSnapshot(run, run.profile.snapshot));
  if (facts === undefined) return "none";
  // Two pulls at once would write into one file.
  using lock = await lockCopies(run);
  if (lock === undefined) throw new Moved("another process is copying it");
  if (begun.url === undefined) await keep(run, { ...begun, ...facts });
  if (!(await download(run, run.peer.bootstrap!, facts))) return false;
  const path = snapshotPath(run, begun.id);
  const { header, lines } = await openLines(path, run.limits.itemBytes);
  const { epoch, position, cursor, hash } = header;
  await keep(run, { ...run.peer.bootstrap!, epoch, position, cursor, ...(hash !== undefined && { hash }) });
  if (!(await applyLines(run, header, lines))) return false;
  const plan = run.peer.bootstrap;
  if (plan?.id !== begun.id) throw new Moved("another pull has finished this copy");
  await keep(run, { ...plan, linesDone: true });
  await rm(path, { force: true });
  return true;
}

const factsOf = ({ url, sha256, bytes }: BootstrapPlan): SnapshotFacts | undefined =>
  url === undefined || sha256 === undefined || bytes === undefined ? undefined : { url, sha256, bytes };

async function applyLines(run: Run, header: SnapshotHeader, lines: AsyncGenerator<Line, void, void>): Promise<boolean> {
  const { pageItems, itemBytes } = run.limits;
  const teller = { base: run.peer.base, epoch: header.epoch, itemBytes };
  const planId = run.peer.bootstrap!.id;
  let applied = run.peer.bootstrap!.lines;
  let [read, shown, unread] = [0, 0, 0];
  let chunk: { changes: HeardChange[]; bad: BadItem[] } = { changes: [], bad: [] };
  const flush = async (): Promise<void> => {
    const outcome = await run.parts.store.applyCopy(run.peer.id, run.id, { planId, from: applied, to: read, ...chunk });
    tally(run, outcome);
    applied = read;
    chunk = { changes: [], bad: [] };
  };
  // A generator that is left early closes the file.
  for await (const line of lines) {
    run.parts.signal?.throwIfAborted();
    read += 1;
    if ("fault" in line) unread += 1;
    else if (isShown(line.value)) shown += 1;
    if (read <= applied) continue;
    addLine(chunk, line, teller, header.position);
    if (read - applied < pageItems) continue;
    await flush();
    if (timeIsUp(run)) return false;
  }
  const promised = header.lines ?? header.count;
  if (read !== promised) throw alarmed("snapshot", `it has ${read} lines, and its header says ${promised}`);
  // Without `lines` its lines are the entities that it shows.
  if (header.lines !== undefined && (header.count < shown || header.count > shown + unread))
    throw alarmed("snapshot", `it shows ${shown} entities, and its header says ${header.count}`);
  if (read > applied) await flush();
  await reread(run);
  const nameless = run.peer.bootstrap?.nameless ?? 0;
  if (nameless > 0) run.gaps.add(`${nameless} lines of its snapshot cannot be read, so nothing that is not in it was taken for gone`);
  return true;
}

const isShown = (line: unknown): boolean => typeof line === "object" && line !== null && Object.hasOwn(line, "snapshot");

function addLine(
  chunk: { changes: HeardChange[]; bad: BadItem[] },
  line: Line,
  teller: Parameters<typeof readLine>[1],
  last: number,
): void {
  if ("fault" in line) {
    const { bad } = malformed(line.text, `the line cannot be read: ${line.fault}`);
    chunk.bad.push(line.fault === "too large" ? { ...bad, reason: "too_large", detail: "the line is too large" } : bad);
    return;
  }
  const read = readLine(line.value, teller);
  if ("bad" in read) chunk.bad.push(read.bad);
  else if (read.change.position < 1 || read.change.position > last)
    chunk.bad.push(malformed(line.value, `its position is not within the ${last} of the snapshot`).bad);
  else chunk.changes.push(read.change);
}

async function keep(run: Run, plan: BootstrapPlan): Promise<void> {
  if ((await run.parts.store.keepPlan(run.peer.id, plan)) === "moved") throw new Moved("another copy was begun");
  await reread(run);
  if (run.peer.bootstrap?.id !== plan.id) throw new Moved("another pull has finished this copy");
}
