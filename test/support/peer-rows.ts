/** Rows about peers that a test writes itself, where no real pull is wanted: runs, refusals, an alarm. */
import type { Database } from "../../src/db/database.ts";
import { addToRun, finishRun, insertRun as beginRun, keepRefusals, type NewRefusal, type Run } from "../../src/db/sync-log.ts";
import { updatePeer } from "../../src/db/peers.ts";
import type { Alarm, Peer, PeerProfile } from "../../src/domain/peer.ts";
import type { Registry } from "../../src/registry/context.ts";
import { addPeer } from "../../src/registry/peers.ts";

interface At {
  database: Database;
  registry: Registry;
}

/** A run that has ended, as a pull leaves it. */
export async function insertRun(
  { database, registry }: At,
  nodeId: string,
  { kind, outcome, detail, toPosition, ...counts }: Pick<Run, "kind" | "outcome"> & Partial<Run>,
): Promise<void> {
  const now = registry.clock();
  const id = registry.mint(now.getTime());
  const { pages = 1, applied = 0, passedOver = 0, deleted = 0, refused = 0 } = counts;
  await database.transact(async (tx) => {
    await beginRun(tx, { id, nodeId, kind }, now);
    await addToRun(tx, id, { pages, applied, passedOver, deleted, refused }, toPosition ?? undefined, now);
    await finishRun(tx, id, { outcome, detail: detail ?? undefined }, now);
  });
}

export async function insertRefusal(
  { database, registry }: At,
  nodeId: string,
  refusal: Pick<NewRefusal, "reason" | "uri" | "detail">,
): Promise<void> {
  const now = registry.clock();
  await database.transact((tx) => keepRefusals(tx, nodeId, [{ id: registry.mint(now.getTime()), times: 1, ...refusal }], now));
}

/** As a pull does whose proof failed. */
export async function stopPeer(database: Database, nodeId: string, alarm: Alarm, detail: string): Promise<void> {
  const at = new Date("2026-05-01T12:00:00Z");
  await database.transact((tx) =>
    updatePeer(tx, nodeId, { status: "broken", alarm, alarmDetail: detail, alarmAt: at, lastError: detail }, at),
  );
}

/** A peer that is never asked: it has a profile as of one that was met. */
export async function aPeer({ database, registry }: At, peer: { base: string; name: string; trust?: number }): Promise<Peer> {
  const keeper = { actor: "test", role: "admin" } as const;
  const profile: PeerProfile = {
    node: peer.base,
    name: peer.name,
    version: "0.1.0",
    software: { name: "calends", version: "0.1.0" },
    feed: `${peer.base}/api/v1/feeds/changes`,
    features: ["digests", "epochs", "hash-chain"],
  };
  return database.transact((tx) => addPeer(registry, keeper, tx, { ...peer, dialect: "calends", profile }), keeper);
}
