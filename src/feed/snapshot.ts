/**
 * Snapshots: all that the feed shows at one position, as a file to begin with; then the feed from its cursor.
 *
 * Gzip of NDJSON: first a header, then an entity a line. One of another node bears its custody, also where it is gone: who reads of it
 * here hears of its end from nobody else. The log only grows, so that reading it batch by batch up to a
 * fixed position sees one moment without holding a transaction open, which would keep dead rows alive for everyone.
 */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { countEntities, keepStill, readEntities, readFeedHead, readRedactions, type EntityEntry } from "../db/feed-log.ts";
import type { Database, Reader } from "../db/database.ts";
import type { Clock } from "../domain/clock.ts";
import { encodeCursor } from "./cursor.ts";
import { custodyOf, isWithheld, snapshotOf, tombstoneOf } from "./item.ts";
import type { SequencerLog } from "./sequencer.ts";
import type { FeedSignal } from "./signal.ts";
import { keepSnapshots, partialName, removeStaleSnapshots, snapshotName, type KeptSnapshot } from "./snapshot-files.ts";

export interface SnapshotsParts {
  database: Database;
  clock: Clock;
  signal: FeedSignal;
  log: SequencerLog;
  /** Where the files are kept; made when it is missing. */
  folder: string;
  /** Milliseconds for which a snapshot serves newcomers. */
  maxAge?: number;
}

/** A finished snapshot. */
export interface SnapshotFile extends KeptSnapshot {
  /** Where a reader goes on from. */
  cursor: string;
}

export interface Snapshots {
  /** A recent snapshot, or a new one; requests that come meanwhile wait for the same one. */
  current(): Promise<SnapshotFile>;
  /** A snapshot that is still kept. */
  find(epoch: string, position: number): Promise<SnapshotFile | undefined>;
}

/** The newest that are kept: one may still be in the middle of a download. */
const KEPT = 2;
const BATCH = 500;
const COUNTED = 20_000;
/** Snapshots that redactions may undo, one after the other. */
const IN_VAIN = 2;
/** Longer than one takes to be made; a node that is killed meanwhile leaves peers waiting for so long. */
const STILL_MS = 900_000;

export function createSnapshots({ database, clock, signal, log, folder, maxAge = 600_000 }: SnapshotsParts): Snapshots {
  let latest: { file: SnapshotFile; builtAt: number; redactions: number } | undefined;
  let building: Promise<SnapshotFile> | undefined;

  /** Undefined when the file was removed before it was whole: something was redacted meanwhile. */
  const build = async (head: Head, redactions: number): Promise<SnapshotFile | undefined> => {
    await mkdir(folder, { recursive: true });
    const temporary = join(folder, partialName(redactions));
    const hash = createHash("sha256");
    const gzip = createGzip();
    try {
      await pipeline(
        Readable.from(lines(head)),
        gzip,
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            hash.update(chunk);
            yield chunk;
          }
        },
        createWriteStream(temporary),
      );
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    const sha256 = hash.digest("hex");
    const path = join(folder, snapshotName({ ...head, redactions, sha256 }));
    try {
      await rename(temporary, path);
      const { size } = await stat(path);
      return { epoch: head.epoch, position: head.position, cursor: encodeCursor(head), path, bytes: size, sha256 };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  };

  async function* lines(head: Head): AsyncGenerator<string> {
    const { epoch, position, hash } = head;
    const counts = await count(position);
    const header = { epoch, position, cursor: encodeCursor(head), hash, ...counts, generated_at: clock().toISOString() };
    yield `${JSON.stringify(header)}\n`;
    for await (const batch of shown(position)) yield batch.join("");
  }

  /** In batches as well: no statement of a large feed is to take longer than any other. */
  const count = async (position: number): Promise<{ count: number; lines: number }> => {
    let [shown, gone] = [0, 0];
    for (let after: string | undefined = NO_UUID; after !== undefined;) {
      const from: string = after;
      const batch = await database.read((on) => countEntities(on, { after: from, position, limit: COUNTED }));
      shown += batch.shown;
      gone += batch.gone;
      after = batch.last;
    }
    return { count: shown, lines: shown + gone };
  };

  /** The lines of all entities that are to be told of at `position`, in batches. */
  async function* shown(position: number): AsyncGenerator<string[]> {
    for (let after = NO_UUID; ;) {
      const entities = await database.read((on) => readEntities(on, { after, position, limit: BATCH }));
      yield entities.flatMap(lineOf);
      if (entities.length < BATCH) return;
      after = entities.at(-1)!.id;
    }
  }

  /**
   * Builds until nothing was redacted meanwhile: what was read before may be what was taken down. So that no peer can undo that for ever by
   * taking back one text after the other, the log is kept still where that has happened again and again: only a person's takedown is then let in.
   */
  const buildCurrent = async (): Promise<SnapshotFile> => {
    let inVain = 0;
    try {
      for (; ; inVain += 1) {
        if (inVain >= IN_VAIN) await holdStill(new Date(clock().getTime() + STILL_MS));
        const { head, redactions } = await database.read(present);
        const file = await build(head, redactions);
        await keepSnapshots(database, folder, KEPT);
        if (file === undefined || (await database.read(readRedactions)) !== redactions) continue;
        latest = { file, builtAt: clock().getTime(), redactions };
        return file;
      }
    } finally {
      if (inVain >= IN_VAIN) await holdStill(null);
    }
  };
  const holdStill = (until: Date | null) => database.transact((tx) => keepStill(tx, until));

  // What a takedown removed must not be handed out any longer.
  signal.onRedacted(() => {
    latest = undefined;
    removeStaleSnapshots(database, folder).catch((error: unknown) => log.warn({ err: error }, "feed: old snapshots could not be removed"));
  });

  return {
    async current() {
      const { head, redactions } = await database.read(present);
      if (latest !== undefined && latest.file.epoch === head.epoch && latest.redactions === redactions) {
        if (latest.file.position === head.position || clock().getTime() - latest.builtAt < maxAge) return latest.file;
      }
      building ??= buildCurrent().finally(() => (building = undefined));
      return building;
    },
    async find(epoch, position) {
      const file = (await keepSnapshots(database, folder, Infinity)).find((one) => one.epoch === epoch && one.position === position);
      return file && { ...file, cursor: encodeCursor({ epoch, position }) };
    },
  };
}

/** In the order of RFC 8785; none for what this node deleted or hides. */
function lineOf({ item, kind, position, uri, version }: EntityEntry): string[] {
  if (item === undefined || isWithheld(item)) return [];
  const custody = custodyOf(item);
  const [snapshot, tombstone] = [snapshotOf(item), tombstoneOf(item)];
  return [
    `{${custody === undefined ? "" : `"custody":${custody},`}"kind":"${kind}","sequence_number":${position}` +
      (snapshot === undefined ? `,"tombstone":${tombstone}` : `,"snapshot":${snapshot}`) +
      `,"uri":${JSON.stringify(uri)},"version":${version}}\n`,
  ];
}

type Head = Awaited<ReturnType<typeof readFeedHead>>;
const present = async (on: Reader) => ({ head: await readFeedHead(on), redactions: await readRedactions(on) });

const NO_UUID = "00000000-0000-0000-0000-000000000000";
