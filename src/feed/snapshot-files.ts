/**
 * Snapshot files in their folder. A name says all that there is to know of its file: epoch, position, how often the log had been
 * redacted when it was read, and the hash of the bytes. A file of an earlier count may hold what a takedown removed, whoever was
 * running at the time: it is never handed out, and goes at the next look.
 */
import { randomUUID } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "../db/database.ts";
import { readRedactions } from "../db/feed-log.ts";

export interface KeptSnapshot {
  path: string;
  bytes: number;
  epoch: string;
  position: number;
  /** Hex of the SHA-256 of the file. */
  sha256: string;
}

interface ListedFile extends KeptSnapshot {
  redactions: number;
  /** As the file system counts, in milliseconds. */
  modified: number;
}

/** Left by a crash when it is this much older than the newest snapshot. */
const HOUR = 3_600_000;
/** Names without a count are of a time before it was kept. */
const NAME = /^([0-9A-HJKMNP-TV-Z]{26})\.(\d{1,15})\.(?:(\d{1,15})\.)?([0-9a-f]{64})\.ndjson\.gz$/;
const PARTIAL = /^(?:(\d{1,15})\.)?[0-9a-f-]{36}\.partial$/;

/** What a snapshot is written as before it is whole. */
export const partialName = (redactions: number): string => `${redactions}.${randomUUID()}.partial`;

export const snapshotName = ({ epoch, position, redactions, sha256 }: Omit<ListedFile, "path" | "bytes" | "modified">): string =>
  `${epoch}.${position}.${redactions}.${sha256}.ndjson.gz`;

/** The snapshots that may be handed out, the newest first; those that may not are removed, and so are all after the first `keep`. */
export async function keepSnapshots(database: Database, folder: string, keep: number): Promise<KeptSnapshot[]> {
  const redactions = await database.read(readRedactions);
  const listed = await listFolder(folder);
  const files = listed.flatMap(({ name, ...file }): ListedFile[] => {
    const [, epoch, position, counted, sha256] = NAME.exec(name) ?? [];
    if (epoch === undefined || position === undefined || sha256 === undefined) return [];
    return [{ ...file, epoch, position: Number(position), redactions: Number(counted ?? 0), sha256 }];
  });
  const newest = Math.max(...files.map((file) => file.modified));
  const good = files.filter((file) => file.redactions >= redactions).toSorted((a, b) => b.modified - a.modified);
  const stale = files.filter((file) => file.redactions < redactions);
  const partial = listed.filter(({ name, modified }) => {
    const found = PARTIAL.exec(name);
    return found !== null && (Number(found[1] ?? 0) < redactions || newest - modified > HOUR);
  });
  await Promise.all([...stale, ...good.slice(keep), ...partial].map((file) => rm(file.path, { force: true })));
  return good.slice(0, keep);
}

/** Removes the files that may hold what was taken down since. For whoever takes something down while no node runs, and at a node's start. */
export async function removeStaleSnapshots(database: Database, folder: string): Promise<void> {
  await keepSnapshots(database, folder, Infinity);
}

/** The files of a folder; none where there is no such folder yet, and without those that vanish meanwhile. */
async function listFolder(folder: string): Promise<{ name: string; path: string; bytes: number; modified: number }[]> {
  const gone = (error: NodeJS.ErrnoException): [] => {
    if (error.code === "ENOENT") return [];
    throw error;
  };
  const names = await readdir(folder).catch(gone);
  const files = names.map(async (name) => {
    const path = join(folder, name);
    return stat(path).then(({ size, mtimeMs }) => [{ name, path, bytes: size, modified: mtimeMs }], gone);
  });
  return (await Promise.all(files)).flat();
}
