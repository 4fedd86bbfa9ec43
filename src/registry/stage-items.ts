/** Staging: items of a run are read, prepared and kept before any is applied. What a source says unchanged is known by its bytes and not read at all. */
import { setImmediate } from "node:timers/promises";
import { knownPayloads, readRunRow, stage, type StagedItem } from "../db/runs.ts";
import type { Reader, Tx } from "../db/database.ts";
import { sawAgain } from "../db/records.ts";
import { readSpeaker } from "../db/speaker.ts";
import { RegistryError } from "../domain/errors.ts";
import type { Registry } from "./context.ts";
import { decodePayload } from "./decode-payload.ts";
import type { Speaker } from "./settle.ts";
import { DECODER_VERSION, hashOf, prepare, problemOf, type Received, type ZoneRules } from "./prepare.ts";

export interface IncomingItem extends Received {
  position: number;
  /** The payload, parsed, where the caller has it already. */
  document?: unknown;
}

/** Idempotent per position. An item that cannot be read is kept as rejected, with its reason. */
export async function stageItems(registry: Registry, runId: string, items: readonly IncomingItem[]): Promise<void> {
  const staged = await registry.database.read(async (on) => {
    const run = await readRunRow(on, runId);
    if (run === undefined) throw new RegistryError("not_found", { detail: `There is no run ${runId}.` });
    return readItemsForStaging(registry, on, await readSpeaker(on, run.sourceId), items);
  });
  const now = registry.clock();
  await registry.database.transact((tx) => keepStaged(tx, runId, staged, now));
}

/** Keeps what was read, and notes that unchanged records were seen again. */
export async function keepStaged(tx: Tx, runId: string, staged: readonly StagedItem[], now: Date): Promise<void> {
  await stage(tx, runId, staged, now);
  await sawAgain(
    tx,
    staged.flatMap((item) => (item.outcome === "unchanged" ? (item.recordId ?? []) : [])),
    now,
  );
}

/** Items as they will be staged: known by their bytes, prepared, or rejected. */
export async function readItemsForStaging(
  registry: Registry,
  on: Reader,
  speaker: Speaker,
  items: readonly IncomingItem[],
): Promise<StagedItem[]> {
  const hashes = items.map((item) => hashOf(item.payload));
  const known = await knownPayloads(on, speaker.id, hashes, DECODER_VERSION);
  const zones = { sourceTimezone: speaker.timezone, defaultTimezone: registry.defaultTimezone };
  const all: StagedItem[] = [];
  for (const [n, item] of items.entries()) {
    const { position, payload, mediaType } = item;
    const staged = { position, payload, mediaType, payloadHash: hashes[n]! };
    const unchanged = known.get(staged.payloadHash);
    all.push(
      unchanged === undefined ? { ...staged, ...(await read(registry, item, zones)) } : { ...staged, outcome: "unchanged", ...unchanged },
    );
    // Each may take long to be read; whoever else waits for this process comes in between.
    await setImmediate();
  }
  return all;
}

async function read(
  registry: Registry,
  item: IncomingItem,
  zones: ZoneRules,
): Promise<Omit<StagedItem, "position" | "payload" | "payloadHash" | "mediaType">> {
  try {
    const prepared = prepare(await decodePayload(item, registry.base), item, zones, registry.base);
    const { submission, recordKey, matchKey, nameKey, startKey } = prepared;
    return { submission, recordKey, matchKey, nameKey, startKey };
  } catch (error) {
    return { outcome: "rejected", problem: problemOf(error) };
  }
}
