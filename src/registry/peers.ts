/** Peers, as people steer them: added, changed, asked for a new copy, removed. Each is audited, in the caller's transaction. */
import { audit } from "../db/audit.ts";
import type { Tx } from "../db/database.ts";
import { findNested, lockPeer, updatePeer } from "../db/peers.ts";
import { findSource } from "../db/sources.ts";
import { makeOlder } from "../db/statements.ts";
import { RegistryError } from "../domain/errors.ts";
import { isFixedAddress, readPeerBase } from "../domain/peer-base.ts";
import type { BootstrapPlan, BootstrapWay, Peer, PeerDialect, PeerDirection, PeerFilters, PeerProfile } from "../domain/peer.ts";
import { checkPeerSettings } from "./check-peer.ts";
import type { Caller, Registry } from "./context.ts";
import { ensureOrigins } from "./origins.ts";
import { copyMembers } from "./peer-copies.ts";
import { fullness, queuePulls } from "./peer-runs.ts";
import { isPulled } from "./pulled-peer.ts";
import { changeSource } from "./sources.ts";
import { reinstateSource, withdrawSource } from "./withdraw-source.ts";

export { listPeers, peerRefusals, peerRuns, readPeer, type PeerListing, type Refusal, type Run } from "./list-peers.ts";

/** What an operator decides about a peer. */
export interface PeerSettings {
  name?: string | undefined;
  /** 1–10; of a new peer 5. */
  trust?: number | undefined;
  /** Of a new peer `pull`. */
  direction?: Exclude<PeerDirection, "none"> | undefined;
  relay?: boolean | undefined;
  filters?: PeerFilters | undefined;
  /** The bearer key that it gave us; null: none (any more). */
  accessKey?: string | null | undefined;
  /** 10–86,400; of a new peer 300. */
  everySeconds?: number | undefined;
  /** Of a new peer `snapshot`. */
  bootstrapBy?: BootstrapWay | undefined;
}

export interface NewPeer extends PeerSettings {
  /** Its public base, http or https. */
  base: string;
  name: string;
  dialect: PeerDialect;
  /** As it was read; null for a peer that only pushes. */
  profile: PeerProfile | null;
  /** Its address was not public when it was met, and need not be; if absent, so where the base names an address or localhost. */
  privateAddress?: boolean | undefined;
}

/** What is not given stays. */
export interface PeerChange extends PeerSettings {
  /** `active` is a person's word that all is well again: alarm and failures are cleared. */
  status?: "active" | "paused" | undefined;
}

/**
 * Adds a peer, active and due at once. An origin that is known from relays, or a peer that was removed, becomes one again.
 * Throws `invalid_body` (naming /url or the setting), `conflict` where it is a peer already.
 */
export async function addPeer(registry: Registry, caller: Caller, tx: Tx, { base: url, ...given }: NewPeer): Promise<Peer> {
  const base = normalBase(registry, url);
  checkPeerSettings(given);
  const [nested] = await findNested(tx, [base], { peersOnly: true });
  if (nested !== undefined)
    throw new RegistryError("conflict", {
      detail: `url: ${base} and the peer ${nested.other} lie within each other, so that nobody could tell whose URIs are whose; expected an address apart from it.`,
      pointer: "/url",
    });
  const trust = given.trust ?? 5;
  const origin = (await ensureOrigins(registry, tx, { bases: [base], trust })).get(base);
  if (origin === undefined)
    throw new RegistryError("conflict", {
      detail: `url: a source of another type is named ${base}; give that one another name.`,
      pointer: "/url",
    });
  const before = (await lockPeer(tx, { base }))!;
  if (before.direction !== "none")
    throw new RegistryError("conflict", { detail: `url: ${base} is a peer already; change that one.`, pointer: "/url" });
  await speakAgain(registry, caller, tx, base);
  await weigh(registry, caller, tx, base, trust);

  const now = registry.clock();
  const direction = given.direction ?? "pull";
  await updatePeer(
    tx,
    before.id,
    {
      name: given.name,
      trust,
      status: "active",
      direction,
      relay: given.relay ?? false,
      filters: given.filters ?? {},
      accessKey: given.accessKey ?? null,
      privateAddress: given.privateAddress ?? isFixedAddress(base),
      everySeconds: given.everySeconds ?? 300,
      bootstrapBy: given.bootstrapBy ?? "snapshot",
      dialect: given.dialect,
      profile: given.profile,
      profileAt: given.profile === null ? null : now,
      ...NOWHERE,
      ...WELL,
      nextPullAt: now,
    },
    now,
  );
  await note(caller, tx, { action: "peer.added", peer: before, details: shown({ base, ...given }) }, now);
  return pulledSoon(registry, tx, before.id);
}

/** Throws `not_found`, `invalid_body`. */
export async function changePeer(registry: Registry, caller: Caller, tx: Tx, url: string, change: PeerChange): Promise<Peer> {
  const peer = await locked(tx, url);
  checkPeerSettings(change);
  if (change.trust !== undefined) await weigh(registry, caller, tx, peer.base, change.trust);
  const now = registry.clock();
  const { status, ...settings } = change;
  // Stopped is stopped: another setting does not make a broken peer well, only the word `active` does.
  await updatePeer(
    tx,
    peer.id,
    { ...settings, ...(status === "active" ? { ...WELL, ...LOOKED_AT_ANEW, nextPullAt: now, status } : { status }) },
    now,
  );
  // Without a failure the only trouble is that it has told of as much as it may.
  if (peer.failures === 0) {
    const { filters = peer.filters, direction = peer.direction } = settings;
    await updatePeer(tx, peer.id, { lastError: await fullness(tx, { id: peer.id, filters, direction }) }, now);
  }
  await note(caller, tx, { action: "peer.changed", peer, details: shown(change) }, now);
  return pulledSoon(registry, tx, peer.id);
}

/** It is asked no more and speaks no more: events that nobody else speaks for go out of sight; what it said is kept. Throws `not_found`. */
export async function removePeer(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  url: string,
  { reason }: { reason?: string | undefined },
): Promise<void> {
  const peer = await locked(tx, url);
  const now = registry.clock();
  const source = await findSource(tx, peer.base);
  if (source?.withdrawnAt === null) await withdrawSource(registry, caller, tx, { name: peer.base, reason });
  await updatePeer(
    tx,
    peer.id,
    { direction: "none", status: "paused", relay: false, accessKey: null, ...NOWHERE, ...WELL, nextPullAt: null },
    now,
  );
  await note(caller, tx, { action: "peer.removed", peer, reason }, now);
}

/**
 * Has a new copy made, whose words stand before whatever the peer told us, and which also finds what is gone; an alarm is cleared, and what
 * was paused goes on. Throws `not_found`, `conflict`.
 */
export async function requestResync(registry: Registry, caller: Caller, tx: Tx, url: string): Promise<void> {
  const peer = await lockedPulled(tx, url);
  const now = registry.clock();
  const way = peer.dialect === "sel" ? "feed" : peer.bootstrapBy;
  const plan: BootstrapPlan = { id: registry.mint(now.getTime()), way, resync: true, lines: 0, page: 1 };
  // It may have begun anew within its epoch.
  await makeOlder(tx, peer.id);
  await updatePeer(tx, peer.id, { ...copyMembers(plan), ...WELL, ...LOOKED_AT_ANEW, status: "active", nextPullAt: now }, now);
  await note(caller, tx, { action: "peer.resync-asked", peer }, now);
  await pulledSoon(registry, tx, peer.id);
}

/** Has it pulled as soon as a worker is free, due or not. Throws `not_found`, `conflict` where it is stopped. */
export async function pullSoon(registry: Registry, caller: Caller, tx: Tx, url: string): Promise<void> {
  const peer = await lockedPulled(tx, url);
  if (peer.status !== "active")
    throw new RegistryError("conflict", { detail: `${peer.base} is ${peer.status}; resume it first, or ask for a new copy.` });
  const now = registry.clock();
  await updatePeer(tx, peer.id, { ...LOOKED_AT_ANEW, nextPullAt: now }, now);
  await note(caller, tx, { action: "peer.pull-asked", peer }, now);
  await pulledSoon(registry, tx, peer.id);
}

/** No copy of its feed. */
const NOWHERE = {
  cursor: null,
  epoch: null,
  position: 0,
  hash: "",
  bootstrap: null,
  head: null,
  headAt: null,
  behindSince: null,
  pulledAt: null,
  succeededAt: null,
} as const;
/** No fault. */
const WELL = { failures: 0, lastError: null, alarm: null, alarmDetail: null, alarmAt: null } as const;
/** What a person asks for begins with the question who answers there now: its profile is read again, however young. */
const LOOKED_AT_ANEW = { profileAt: null } as const;

function normalBase(registry: Registry, url: string): string {
  const { base, fault } = readPeerBase(url);
  if (base === undefined) throw new RegistryError("invalid_body", { detail: `url: ${fault}.`, pointer: "/url" });
  if (base === registry.base || base.startsWith(`${registry.base}/`) || registry.base.startsWith(`${base}/`))
    throw new RegistryError("invalid_body", { detail: `url: ${base} is this node itself; expected another one.`, pointer: "/url" });
  return base;
}

async function locked(tx: Tx, url: string): Promise<Peer> {
  const peer = await lockPeer(tx, { base: readPeerBase(url).base ?? url });
  if (peer === undefined || peer.direction === "none")
    throw new RegistryError("not_found", { detail: `There is no peer ${url.slice(0, 200)}.` });
  return peer;
}

async function lockedPulled(tx: Tx, url: string): Promise<Peer> {
  const peer = await locked(tx, url);
  if (peer.direction === "push") throw new RegistryError("conflict", { detail: `${peer.base} only pushes; nothing is pulled from it.` });
  return peer;
}

/** The peer as it is now; a job pulls it where it may be. */
async function pulledSoon(registry: Registry, tx: Tx, id: string): Promise<Peer> {
  const peer = (await lockPeer(tx, { id }))!;
  if (isPulled(peer)) await queuePulls(registry, tx, [id]);
  return peer;
}

/** What it says of its own counts as much as it is trusted. */
async function weigh(registry: Registry, caller: Caller, tx: Tx, base: string, trust: number): Promise<void> {
  if ((await findSource(tx, base))!.trustLevel !== trust) await changeSource(registry, caller, tx, base, { trustLevel: trust });
}

/** What was withdrawn when it was removed. */
async function speakAgain(registry: Registry, caller: Caller, tx: Tx, base: string): Promise<void> {
  if ((await findSource(tx, base))!.withdrawnAt !== null) await reinstateSource(registry, caller, tx, { name: base });
}

/** The audit log says that there is a key, not which. */
const shown = (settings: PeerChange & { base?: string; profile?: PeerProfile | null }): object => {
  const { profile: _read, accessKey, ...told } = settings;
  return { ...told, ...(accessKey !== undefined && { accessKey: accessKey === null ? null : "given" }) };
};

async function note(
  { actor, onBehalfOf, requestId }: Caller,
  tx: Tx,
  { action, peer, reason, details }: { action: string; peer: Peer; reason?: string | undefined; details?: object },
  now: Date,
): Promise<void> {
  const of = peer.sourceId === null ? {} : { entityKind: "source" as const, entityId: peer.sourceId };
  await audit(tx, [{ actor, onBehalfOf, requestId, action, reason, ...of, details: { peer: peer.base, ...details } }], now);
}
