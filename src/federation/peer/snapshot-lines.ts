/** The lines of a snapshot's file, one at a time and each bounded, however well it was packed. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { z } from "zod";
import { shapeWords } from "../../domain/shape-faults.ts";
import { oneLine } from "./answers.ts";
import { alarmed } from "./faults.ts";
import { BadJson, parseBounded, PEER_LEVELS } from "./read-json.ts";
import { epochForm } from "./read-item.ts";
import { cursorForm } from "./read-page.ts";

const headerForm = z.looseObject({
  epoch: epochForm,
  position: z.int().min(0),
  cursor: cursorForm,
  /** Entities that are shown. */
  count: z.int().min(0),
  /** Of the item at `position`, so that the chain goes on. */
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .or(z.literal(""))
    .optional(),
  /** Lines after this one: with the tombstones of what is passed on. */
  lines: z.int().min(0).optional(),
});
export type SnapshotHeader = z.infer<typeof headerForm>;

const LINE_FEED = 10;
/** A made-up snapshot of one repeated line packs well; this is beyond any. */
const MOST_RATIO = 400;
const LINE_BOUNDS = { depth: PEER_LEVELS, values: 200_000 };
/** Unpacked at a time: each is a turn of the event loop, and of another thread. */
const CHUNK_BYTES = 256 * 1024;
/** What a line has besides its document. */
const AROUND = 64 * 1024;

/** A line as parsed, or why it is none. */
export type Line = { value: unknown } | { fault: string; text: string };

/** First the header, then each line. Throws an alarm `snapshot` where the file is no snapshot, although its hash is right. */
export async function openLines(
  path: string,
  itemBytes: number,
): Promise<{ header: SnapshotHeader; lines: AsyncGenerator<Line, void, void> }> {
  const texts = linesOf(path, itemBytes + AROUND);
  const first = await texts.next();
  const value = first.done || first.value === undefined ? undefined : valueOf(first.value);
  const header = headerForm.safeParse(value);
  if (!header.success) {
    await texts.return();
    throw alarmed("snapshot", `its first line is no header: ${oneLine(shapeWords(header.error, value))}`);
  }
  return { header: header.data, lines: parsedLines(texts) };
}

const valueOf = (bytes: Buffer): unknown => {
  const line = parseLine(bytes);
  return "value" in line ? line.value : undefined;
};

async function* parsedLines(texts: AsyncGenerator<Buffer | undefined, void, void>): AsyncGenerator<Line, void, void> {
  for await (const bytes of texts) yield bytes === undefined ? { fault: "too large", text: "" } : parseLine(bytes);
}

function parseLine(bytes: Buffer): Line {
  try {
    return { value: parseBounded(bytes, LINE_BOUNDS) };
  } catch (error) {
    if (error instanceof BadJson) return { fault: error.message, text: bytes.toString("utf8", 0, 2000) };
    throw error;
  }
}

/** Undefined for a line of more bytes than `most`, which is passed over as it comes and never collected. */
async function* linesOf(path: string, most: number): AsyncGenerator<Buffer | undefined, void, void> {
  const { size } = await stat(path);
  const file = createReadStream(path);
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  file.on("error", (error) => gunzip.destroy(error));
  let decoded = 0;
  let held: Buffer[] = [];
  let heldBytes = 0;
  try {
    for await (const chunk of file.pipe(gunzip) as AsyncIterable<Buffer>) {
      decoded += chunk.length;
      if (decoded > 1024 * 1024 + size * MOST_RATIO) throw alarmed("snapshot", `it grows more than ${MOST_RATIO}-fold when it is unpacked`);
      let from = 0;
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
        heldBytes += end - from;
        yield heldBytes > most
          ? undefined
          : held.length === 0
            ? chunk.subarray(from, end)
            : Buffer.concat([...held, chunk.subarray(from, end)]);
        [held, heldBytes, from] = [[], 0, end + 1];
      }
      heldBytes += chunk.length - from;
      if (heldBytes > most) held = [];
      else if (from < chunk.length) held.push(chunk.subarray(from));
    }
  } catch (error) {
    if (String((error as { code?: unknown }).code).startsWith("Z_")) throw alarmed("snapshot", "it is no sound gzip");
    throw error;
  } finally {
    file.destroy();
    gunzip.destroy();
  }
  if (heldBytes > 0) throw alarmed("snapshot", "its last line has no end");
}
