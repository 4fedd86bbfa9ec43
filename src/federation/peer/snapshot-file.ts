/**
 * A peer's snapshot as a file here: what it is (asked once), and its bytes, gone on with where a connection broke. Nothing of it
 * is read before its hash is right.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { lockFile } from "../../db/lock-file.ts";
import type { BootstrapPlan } from "../../domain/peer.ts";
import { SafeFetchError } from "../safe-fetch-error.ts";
import type { OpenAnswer } from "../safe-open.ts";
import { assertAnswered } from "./answers.ts";
import { alarmed, FeedGone, PeerFault } from "./faults.ts";
import { timeIsUp, type Run } from "./run.ts";

/** What a snapshot is known by: where it lies, its hash (hex), its size. */
export interface SnapshotFacts {
  url: string;
  sha256: string;
  bytes: number;
}
/** Such answers say that there is none to be had. */
const NONE: readonly number[] = [404, 405, 501];
/** Connections to one file without a byte in between. */
const VAIN_TRIES = 3;

/** Where the copy's file is kept. */
export const snapshotPath = ({ parts, peer }: Run, planId: string): string => join(parts.folder, `${peer.id}.${planId}.ndjson.gz`);

/** Keeps this peer's files to this pull; undefined when another pull has them. */
export async function lockCopies({ parts, peer }: Run): Promise<Disposable | undefined> {
  await mkdir(parts.folder, { recursive: true });
  return lockFile(join(parts.folder, `${peer.id}.lock`));
}

/** Asks for the newest snapshot without taking its body; undefined where the peer offers none, or none whose hash it tells. */
export async function findSnapshot(run: Run, url: string): Promise<SnapshotFacts | undefined> {
  const answer = await openAt(run, url, {});
  try {
    if (NONE.includes(answer.status)) return undefined;
    assertAnswered(answer, "snapshot", run.parts.clock);
    const sha256 = hashOf(answer.headers);
    const bytes = Number(answer.headers.get("content-length") ?? NaN);
    if (sha256 === undefined || !Number.isSafeInteger(bytes) || bytes < 1) {
      const lacks = sha256 === undefined ? "SHA-256 (Repr-Digest, or the ETag)" : "length (Content-Length)";
      run.gaps.add(`its snapshot names no ${lacks} and was not read: the copy went by its closed pages or its feed, which are proven`);
      return undefined;
    }
    assertSize(run, bytes);
    return { url: answer.url, sha256, bytes };
  } finally {
    answer.close();
  }
}

function assertSize({ limits }: Run, bytes: number): void {
  if (bytes > limits.snapshotBytes)
    throw new PeerFault(
      `its snapshot has ${bytes} bytes, and ${limits.snapshotBytes} are taken: copy it by its closed pages (--bootstrap pages)`,
    );
}

/** Repr-Digest (RFC 9530), else an ETag that is a SHA-256 in hex. */
function hashOf(headers: Headers): string | undefined {
  const [, digest] = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/.exec(headers.get("repr-digest") ?? "") ?? [];
  if (digest !== undefined) return Buffer.from(digest, "base64").toString("hex");
  return /^"([0-9a-f]{64})"$/.exec(headers.get("etag") ?? "")?.[1];
}

/**
 * Sees to it that the whole file is here and is what its hash says. False where the run's time was up first; what there is, stays.
 * Throws FeedGone where the peer no longer has the file, an alarm `snapshot` where it is wrong twice. The caller has locked the copies.
 */
export async function download(run: Run, plan: BootstrapPlan, facts: SnapshotFacts): Promise<boolean> {
  await removeSnapshots(run, plan.id);
  const path = snapshotPath(run, plan.id);
  for (let wrong = 0; ; wrong++) {
    if (!(await fetchRest(run, path, facts))) return false;
    if ((await hashOfFile(path)) === facts.sha256) return true;
    await rm(path, { force: true });
    if (wrong > 0) throw alarmed("snapshot", `${facts.url} was loaded twice, and its SHA-256 is not ${facts.sha256}`);
  }
}

/** Files of earlier copies of this peer, but the one of this plan. */
export async function removeSnapshots({ parts, peer }: Run, exceptPlan?: string): Promise<void> {
  const names = await readdir(parts.folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const mine = names.filter(
    (name) => name.startsWith(`${peer.id}.`) && name.endsWith(".gz") && !name.startsWith(`${peer.id}.${exceptPlan}.`),
  );
  await Promise.all(mine.map((name) => rm(join(parts.folder, name), { force: true })));
}

/** Connection after connection, as long as each brings something. */
async function fetchRest(run: Run, path: string, facts: SnapshotFacts): Promise<boolean> {
  for (let vain = 0; ;) {
    const had = await sizeOf(path);
    if (had === facts.bytes) return true;
    if (had > facts.bytes) await rm(path, { force: true });
    if (timeIsUp(run)) return false;
    try {
      await fetchOnce(run, path, facts, had > facts.bytes ? 0 : had);
      vain = 0;
    } catch (error) {
      if (!(error instanceof SafeFetchError) || (error.fault !== "connection" && error.fault !== "time")) throw error;
      vain = (await sizeOf(path)) > had ? 0 : vain + 1;
      if (vain === VAIN_TRIES) throw error;
      run.parts.log.info(
        { peer: run.peer.base, bytes: await sizeOf(path), of: facts.bytes, reason: error.reason },
        "snapshot: going on after a break",
      );
      await run.parts.wait(500 * 2 ** vain * (0.5 + run.parts.random()), run.parts.signal);
    }
  }
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return 0;
      throw error;
    },
  );

async function fetchOnce(run: Run, path: string, { url, sha256, bytes }: SnapshotFacts, from: number): Promise<void> {
  const answer = await openAt(run, url, from === 0 ? {} : { range: `bytes=${from}-`, "if-range": `"${sha256}"` });
  try {
    if (answer.status === 404) throw new FeedGone();
    if (answer.status === 416) {
      await rm(path, { force: true });
      return;
    }
    assertAnswered(answer, "snapshot", run.parts.clock, [200, 206]);
    // Made anew under the same name, as after a restart: another file, and no fault of the peer's.
    const now = hashOf(answer.headers);
    if (now !== undefined && now !== sha256) throw new FeedGone();
    const start = answer.status === 206 ? Number(/^bytes (\d+)-/.exec(answer.headers.get("content-range") ?? "")?.[1] ?? NaN) : 0;
    if (start !== 0 && start !== from) throw new PeerFault(`its snapshot was asked for from byte ${from} on and comes from ${start}`);
    await write(run, path, answer, { start, bytes });
  } finally {
    answer.close();
  }
}

async function write(run: Run, path: string, answer: OpenAnswer, { start, bytes }: { start: number; bytes: number }): Promise<void> {
  const { clock } = run.parts;
  const { leastBytes, requestMs } = run.limits;
  await using file = await open(path, start === 0 ? "w" : "r+");
  let at = start;
  let [since, sinceAt] = [clock().getTime(), at];
  for await (const chunk of answer.body) {
    if (at + chunk.length > bytes) throw new PeerFault(`its snapshot is larger than the ${bytes} bytes that it told`);
    await file.write(chunk, 0, chunk.length, at);
    at += chunk.length;
    const now = clock().getTime();
    if (now - since >= requestMs) {
      if (at - sinceAt < leastBytes) throw new PeerFault(`its snapshot comes with less than ${leastBytes} bytes in ${requestMs / 1000} s`);
      [since, sinceAt] = [now, at];
    }
    if (timeIsUp(run)) return;
  }
}

const openAt = ({ client, limits, parts }: Run, url: string, headers: Readonly<Record<string, string>>): Promise<OpenAnswer> =>
  client.open(url, { headers, timeoutMs: limits.requestMs, signal: parts.signal });

async function hashOfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
