/**
 * Snapshots: all that the feed shows at one position, as a file to begin with; then the feed from its cursor.
 *
 * Gzip of NDJSON: first a header, then an entity a line. The log only grows, so that reading it batch by batch up to a
 * fixed position sees one moment without holding a transaction open, which would keep dead rows alive for everyone.
 */
import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { countEntities, readEntities, readFeedHead, type FeedHead } from "../db/feed-log.ts";
import type { Database } from "../db/database.ts";
import type { Clock } from "../domain/clock.ts";
import { encodeCursor } from "./cursor.ts";
import { snapshotOf } from "./item.ts";
import type { SequencerLog } from "./sequencer.ts";
import type { FeedSignal } from "./signal.ts";

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
export interface SnapshotFile {
  epoch: string;
  position: number;
  /** Where a reader goes on from. */
  cursor: string;
  path: string;
  bytes: number;
  /** Hex of the SHA-256 of the file. */
  sha256: string;
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
/** Left by a crash when it is this much older than the newest snapshot. */
const PARTIAL = ".partial";
const HOUR = 3_600_000;
const NAME = /^([0-9A-HJKMNP-TV-Z]{26})\.(\d{1,15})\.([0-9a-f]{64})\.ndjson\.gz$/;

export function createSnapshots({ database, clock, signal, log, folder, maxAge = 600_000 }: SnapshotsParts): Snapshots {
  let latest: { file: SnapshotFile; builtAt: number } | undefined;
  let building: Promise<SnapshotFile> | undefined;

  const build = async (head: FeedHead): Promise<SnapshotFile> => {
    await mkdir(folder, { recursive: true });
    const temporary = join(folder, `${randomUUID()}${PARTIAL}`);
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
    const path = join(folder, `${head.epoch}.${head.position}.${sha256}.ndjson.gz`);
    await rename(temporary, path);
    const { size } = await stat(path);
    return { epoch: head.epoch, position: head.position, cursor: encodeCursor(head), path, bytes: size, sha256 };
  };

  async function* lines(head: FeedHead): AsyncGenerator<string> {
    const { epoch, position } = head;
    const count = await countShown(position);
    yield `${JSON.stringify({ epoch, position, cursor: encodeCursor(head), count, generated_at: clock().toISOString() })}\n`;
    for await (const batch of shown(position)) yield batch.join("");
  }

  /** In batches as well: no statement of a large feed is to take longer than any other. */
  const countShown = async (position: number): Promise<number> => {
    let count = 0;
    for (let after: string | undefined = NO_UUID; after !== undefined;) {
      const from: string = after;
      const { shown: some, last } = await database.read((on) => countEntities(on, { after: from, position, limit: COUNTED }));
      count += some;
      after = last;
    }
    return count;
  };

  /** The lines of all entities that are shown at `position`, in batches. */
  async function* shown(position: number): AsyncGenerator<string[]> {
    for (let after = NO_UUID; ;) {
      const entities = await database.read((on) => readEntities(on, { after, position, limit: BATCH }));
      yield entities.flatMap(({ item, kind, position: at, uri, version }) =>
        item === undefined
          ? []
          : [
              `{"kind":"${kind}","sequence_number":${at},"snapshot":${snapshotOf(item)},"uri":${JSON.stringify(uri)},"version":${version}}\n`,
            ],
      );
      if (entities.length < BATCH) return;
      after = entities.at(-1)!.id;
    }
  }

  const kept = async () => {
    const files = await listFolder(folder);
    return files.flatMap(({ name, ...file }) => {
      const [, epoch, position, sha256] = NAME.exec(name) ?? [];
      return epoch && position && sha256 ? [{ ...file, epoch, position: Number(position), sha256 }] : [];
    });
  };
  const removeOld = async (keep: number) => {
    const files = (await kept()).toSorted((a, b) => b.modified - a.modified);
    const newest = files[0]?.modified ?? Number.POSITIVE_INFINITY;
    const left = (await listFolder(folder)).filter(({ name, modified }) => name.endsWith(PARTIAL) && newest - modified > HOUR);
    await Promise.all([...files.slice(keep), ...left].map((file) => rm(file.path, { force: true })));
  };

  // What a takedown removed must not be handed out any longer.
  signal.onRedacted(() => {
    latest = undefined;
    removeOld(0).catch((error: unknown) => log.warn({ err: error }, "feed: old snapshots could not be removed"));
  });

  return {
    async current() {
      const head = await database.read(readFeedHead);
      const now = clock().getTime();
      if (latest !== undefined && latest.file.epoch === head.epoch) {
        if (latest.file.position === head.position || now - latest.builtAt < maxAge) return latest.file;
      }
      building ??= build(head)
        .then(async (file) => {
          latest = { file, builtAt: now };
          await removeOld(KEPT);
          return file;
        })
        .finally(() => (building = undefined));
      return building;
    },
    async find(epoch, position) {
      const file = (await kept()).find((one) => one.epoch === epoch && one.position === position);
      return file && { ...file, cursor: encodeCursor({ epoch, position }) };
    },
  };
}

interface ListedFile {
  name: string;
  path: string;
  bytes: number;
  /** As the file system counts, in milliseconds. */
  modified: number;
}

/** The files of a folder; none where there is no such folder yet, and without those that vanish meanwhile. */
async function listFolder(folder: string): Promise<ListedFile[]> {
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

const NO_UUID = "00000000-0000-0000-0000-000000000000";
