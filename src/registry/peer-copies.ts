/** Whole copies of a peer: the first one, or a new one after its epoch has changed. Each goes on where it stopped. */
import canonicalize from "canonicalize";
import { createHash } from "node:crypto";
import type { Tx } from "../db/database.ts";
import { lockPeer, updatePeer } from "../db/peers.ts";
import { lockUnmet, makeOlder, markMet, type UnmetStatement } from "../db/statements.ts";
import { addToRun } from "../db/sync-log.ts";
import type { BootstrapPlan, Peer } from "../domain/peer.ts";
import type { CopyChunk, Counts } from "../domain/pull.ts";
import type { Registry } from "./context.ts";
import { hearChanges } from "./hear-changes.ts";
import { ingestChanges, type JudgedChange } from "./ingest-changes.ts";
import { headMembers, withPeer } from "./pulled-peer.ts";
import type { Redact } from "./take-down.ts";

/** Begins a copy in place of any other. One by the feed alone begins at the feed's beginning. */
export async function beginCopy(registry: Registry, peerId: string, plan: BootstrapPlan): Promise<void> {
  await registry.database.transact(
    async (tx) => {
      const peer = await lockPeer(tx, { id: peerId });
      // Positions without epochs do not say that they began anew.
      if (plan.resync && peer?.dialect === "sel") await makeOlder(tx, peerId);
      await updatePeer(tx, peerId, copyMembers(plan), registry.clock());
    },
    { actor: "job:pull-peer" },
  );
}

/** What a peer's row holds of a copy that begins. */
export const copyMembers = (plan: BootstrapPlan): Partial<Peer> => ({
  bootstrap: plan,
  ...(plan.way === "feed" && { cursor: null, position: 0, hash: "" }),
});

/** How far the copy has come stays what the chunks made of it. */
export async function keepPlan(registry: Registry, peerId: string, plan: BootstrapPlan): Promise<void | "moved"> {
  return registry.database.transact(
    async (tx) => {
      const kept = (await lockPeer(tx, { id: peerId }))?.bootstrap;
      if (kept?.id !== plan.id) return "moved";
      const { lines, page, nameless } = kept;
      await updatePeer(tx, peerId, { bootstrap: { ...plan, lines, page, ...(nameless !== undefined && { nameless }) } }, registry.clock());
      return undefined;
    },
    { actor: "job:pull-peer" },
  );
}

/** Applies a chunk of a snapshot's lines or of closed pages, and notes how far the copy has come. */
export async function applyCopy(
  registry: Registry,
  tx: Tx,
  { peer, runId, chunk, redact }: { peer: Peer; runId: string; chunk: CopyChunk; redact: Redact },
): Promise<Counts | "moved"> {
  const plan = peer.bootstrap;
  const at = plan?.way === "pages" ? "page" : "lines";
  if (plan?.id !== chunk.planId || plan[at] !== chunk.from) return "moved";
  const { changes, bad, reached } = chunk;
  // Pages that are not closed bear no number: another pull has come further.
  if (reached !== undefined && reached.position < (plan.position ?? 0)) return "moved";
  const counts = await hearChanges(registry, tx, { peer, changes, bad, metIn: plan.id, redact });
  // Also what was known already, or could not be read: the peer has it still.
  await markMet(tx, { id: plan.id, originNodeId: peer.id }, [...new Set([...changes, ...bad].map(({ uri }) => uri))]);
  const now = registry.clock();
  const { hash, ...ends } = reached ?? {};
  const nameless = plan.way === "snapshot" ? bad.filter(({ uri }) => uri === "").length : 0;
  const bootstrap: BootstrapPlan = {
    ...plan,
    ...ends,
    ...(hash != null && { hash }),
    ...(nameless > 0 && { nameless: (plan.nameless ?? 0) + nameless }),
    [at]: chunk.to,
  };
  if (hash === null) delete bootstrap.hash;
  await updatePeer(tx, peer.id, { bootstrap }, now);
  await addToRun(tx, runId, { ...counts, pages: at === "page" ? chunk.to - chunk.from : 0 }, reached?.position, now);
  return counts;
}

/** Statements of one transaction. */
const CHUNK = 500;

/**
 * Ends the copy under way: what is held of the peer's own and was not met in it is gone, chunk by chunk, and with the last chunk the
 * cursor moves to where the copy stands. Cut off anywhere, it is called again.
 */
export async function finishCopy(
  registry: Registry,
  { peerId, runId, redact }: { peerId: string; runId: string; redact: Redact },
): Promise<Counts | "moved"> {
  const total: Counts = { applied: 0, passedOver: 0, deleted: 0, refused: 0 };
  let after = "";
  let planId: string | undefined;
  for (;;) {
    const swept = await withPeer(registry, peerId, async (tx, peer) => {
      const plan = peer.bootstrap;
      if (plan === null || (planId ??= plan.id) !== plan.id) return "moved";
      return sweep(registry, tx, { peer, plan, runId, after, redact });
    });
    if (swept === "moved") return "moved";
    total.deleted += swept.deleted;
    if (swept.last === undefined) return total;
    after = swept.last;
  }
}

/** One chunk; `last` is its last URI, or undefined when nothing is left and the cursor has moved. */
async function sweep(
  registry: Registry,
  tx: Tx,
  { peer, plan, runId, after, redact }: { peer: Peer; plan: BootstrapPlan; runId: string; after: string; redact: Redact },
): Promise<{ deleted: number; last: string | undefined }> {
  const now = registry.clock();
  const ends = endOf(peer, plan);
  // A line that nobody can read may be the very one.
  const unmet =
    plan.nameless !== undefined
      ? []
      : await lockUnmet(
          tx,
          { id: plan.id, originNodeId: peer.id, epoch: ends.epoch ?? "", position: ends.position },
          { after, limit: CHUNK },
        );
  let deleted = 0;
  if (unmet.length > 0) {
    ({ deleted } = await ingestChanges(registry, tx, {
      viaNodeId: peer.id,
      changes: unmet.map((statement) => goneFrom(statement, { base: peer.base, epoch: ends.epoch ?? "", position: ends.position, now })),
      origins: new Map([[peer.base, { nodeId: peer.id, sourceId: peer.sourceId! }]]),
      metIn: plan.id,
      redact,
      now,
    }));
    await addToRun(tx, runId, { pages: 0, applied: 0, passedOver: 0, deleted, refused: 0 }, undefined, now);
  }
  if (unmet.length === CHUNK) return { deleted, last: unmet.at(-1)!.uri };
  await updatePeer(tx, peer.id, { ...ends, bootstrap: null, ...headMembers(peer, { head: peer.head, position: ends.position }, now) }, now);
  await addToRun(tx, runId, { pages: 0, applied: 0, passedOver: 0, deleted: 0, refused: 0 }, ends.position, now);
  return { deleted, last: undefined };
}

/** Where the tail begins. A copy by the feed has moved the peer's own cursor all along. */
function endOf(peer: Peer, plan: BootstrapPlan): Pick<Peer, "cursor" | "epoch" | "position" | "hash"> {
  if (plan.way === "feed") return { cursor: peer.cursor, epoch: peer.epoch, position: peer.position, hash: peer.hash };
  const position = plan.position ?? 0;
  return { cursor: plan.cursor ?? null, epoch: plan.epoch ?? peer.epoch, position, hash: plan.hash ?? (position === 0 ? "" : null) };
}

/** What the peer no longer has is gone, although it never said so: the tombstone is made here, and stands where its copy does. */
function goneFrom(
  { uri, kind, version, document }: UnmetStatement,
  at: { base: string; epoch: string; position: number; now: Date },
): JudgedChange {
  const type = (JSON.parse(document) as Record<string, unknown>)["@type"];
  const tombstone = { "@id": uri, "@type": type, "sel:deletedAt": at.now.toISOString(), "sel:tombstone": true };
  const text = canonicalize(tombstone)!;
  const custody = { node: at.base, epoch: at.epoch, position: at.position, ...(version !== null && { version }), hops: [] };
  const digest = createHash("sha256").update(text).digest("hex");
  return {
    heard: { uri, kind, gone: true, document: tombstone, text, digest, redacted: false, custody, position: at.position },
    custody,
    verdict: "apply",
    gone: true,
    withheld: false,
  };
}
