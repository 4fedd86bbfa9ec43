/** The inputs of `import`: a file, or standard input kept in a file, because each is read twice (its hash, then its events). */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Readable } from "node:stream";
import type { Input } from "./import-items.ts";

export interface OpenInput extends Input, AsyncDisposable {
  size: number;
  /** sha-256 of all of it: an import that was cut off is found again by it. */
  hash: Buffer;
}

/** Opens `file`, or `-` for `stdin`. Rejects with the operating system's error where it cannot be read. */
export async function openInput(file: string, stdin: Readable): Promise<OpenInput> {
  const kept = file === "-" ? await keep(stdin) : undefined;
  const path = kept?.path ?? file;
  const read = (): AsyncIterable<Buffer> => createReadStream(path);
  const digest = createHash("sha256");
  for await (const chunk of read()) digest.update(chunk);
  return {
    name: file === "-" ? "standard input" : basename(file),
    size: (await stat(path)).size,
    hash: digest.digest(),
    read,
    [Symbol.asyncDispose]: async () => kept && (await rm(kept.folder, { recursive: true })),
  };
}

async function keep(stdin: Readable): Promise<{ folder: string; path: string }> {
  const folder = await mkdtemp(join(tmpdir(), "calends-input-"));
  const path = join(folder, "input");
  await pipeline(stdin, createWriteStream(path));
  return { folder, path };
}
