/** A peer as people and scripts are shown it: ids as ULIDs, times in ISO 8601, what has no value left out, and never the key that it gave us. */
import { ulidOf } from "../../domain/iri.ts";
import { ALARMS, type PeerFilters } from "../../domain/peer.ts";
import type { PeerListing, Refusal, Run } from "../../registry/peers.ts";
import { ALARM_ADVICE } from "./advice.ts";

/** How a listed peer is told, by `calends peer list --json` and by the admin API alike. */
export function describePeer(peer: PeerListing) {
  const { profile, bootstrap, alarm, alarmDetail, alarmAt, lastRun } = peer;
  return present({
    id: ulidOf(peer.id),
    base: peer.base,
    name: peer.name,
    status: peer.status,
    direction: peer.direction,
    trust: peer.trust,
    relay: peer.relay,
    filters: peer.filters,
    everySeconds: peer.everySeconds,
    bootstrapBy: peer.bootstrapBy,
    dialect: peer.dialect,
    hasKey: peer.accessKey !== null,
    software: profile?.software,
    features: profile?.features,
    feed: profile?.feed,
    epoch: peer.epoch,
    position: peer.position,
    head: peer.head,
    lagPositions: peer.lagPositions,
    lagSeconds: peer.lagSeconds === null ? null : Math.round(peer.lagSeconds),
    counts: peer.counts,
    refusedLast24h: peer.refusedLast24h,
    nextPullAt: peer.nextPullAt?.toISOString(),
    pulledAt: peer.pulledAt?.toISOString(),
    succeededAt: peer.succeededAt?.toISOString(),
    failures: peer.failures,
    lastError: peer.lastError,
    alarm:
      alarm === null
        ? null
        : present({ code: alarm, means: ALARMS[alarm], detail: alarmDetail, at: alarmAt?.toISOString(), advice: ALARM_ADVICE[alarm] }),
    copy: bootstrap === null ? null : { way: bootstrap.way, resync: bootstrap.resync, lines: bootstrap.lines, page: bootstrap.page },
    lastRun: lastRun === null ? null : describeRun(lastRun),
  });
}

export const describeRun = ({ id, startedAt, finishedAt, ...run }: Run) =>
  present({ id: ulidOf(id), ...run, startedAt: startedAt.toISOString(), finishedAt: finishedAt?.toISOString() });

export const describeRefusal = ({ firstAt, lastAt, ...refusal }: Refusal) =>
  present({ ...refusal, firstAt: firstAt.toISOString(), lastAt: lastAt.toISOString() });

/** What is let in of a peer, in words: "what lies within -80, 43, -79, 44; of music"; "everything". */
export function filtersInWords({ bbox, domains, origins, maxEntities }: PeerFilters): string {
  const parts = [
    bbox && `what lies within ${bbox.join(", ")}`,
    domains && `of ${domains.join(", ")}`,
    origins && `from ${origins.join(", ")}`,
    maxEntities !== undefined && `${maxEntities} entities at most`,
  ];
  return parts.filter((part) => typeof part === "string").join("; ") || "everything";
}

/** Members without a value are left out. */
function present<Row extends object>(row: Row): Partial<Row> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== undefined)) as Partial<Row>;
}

/** 42 -> "42 s", 5400 -> "1 h 30 min", 200000 -> "2 d 7 h": the two units that matter. */
export function spanOf(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const units = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "min"],
    [1, "s"],
  ] as const;
  const first = units.findIndex(([size]) => whole >= size);
  if (first < 0) return "0 s";
  const [[size, word], [smaller, less] = [1, "s"]] = [units[first]!, units[first + 1]];
  const rest = Math.floor((whole % size) / smaller);
  const head = `${Math.floor(whole / size)} ${word}`;
  return rest === 0 || size === 1 ? head : `${head} ${rest} ${less}`;
}
