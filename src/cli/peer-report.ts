/** Peers in words and columns, for a terminal. Pure. */
import { pullsFrom, ALARMS } from "../domain/peer.ts";
import { ALARM_ADVICE } from "../federation/peer/advice.ts";
import { filtersInWords, spanOf } from "../federation/peer/describe.ts";
import type { MetPeer } from "../federation/peer/meet.ts";
import type { PeerListing, Refusal, Run } from "../registry/peers.ts";
import { columns, table } from "./command.ts";

/** Who answered, before it is a peer. */
export function foundOf({ profile, dialect, head, trouble }: MetPeer): string {
  const rows: [string, string][] = [
    ["software", [profile.software?.name, profile.software?.version].filter(Boolean).join(" ") || "does not say"],
    ["profile", `SEL ${profile.version}`],
    ["feed", profile.feed],
    ["newest change", head === null ? (trouble ?? "does not say") : grouped(head)],
    ["proves", profile.features.length === 0 ? "nothing of its feed: it is believed as it is" : profile.features.join(", ")],
  ];
  if (profile.snapshot !== undefined) rows.push(["snapshot", profile.snapshot]);
  if (profile.stream !== undefined) rows.push(["live", profile.stream]);
  const gaps = dialect === "sel" ? "\nIts feed has no epochs and no hashes: what it leaves out or rewrites cannot be noticed.\n" : "";
  return `${profile.name} at ${profile.node}\n${table(rows)}\n${gaps}\n`;
}

/** One line a peer. */
export function peerTable(peers: readonly PeerListing[]): string {
  if (peers.length === 0) return "This node follows no other yet: calends peer add URL\n";
  const rows = peers.map((peer) => [
    peer.base,
    peer.status === "broken" ? "stopped" : peer.status,
    String(peer.trust),
    peer.relay ? `${peer.direction}, relay` : peer.direction,
    positionOf(peer),
    behindOf(peer),
    peer.succeededAt !== null ? minuteOf(peer.succeededAt) : pullsFrom(peer) ? "never" : "",
    peer.alarm !== null ? `alarm ${peer.alarm}` : (peer.lastError ?? (peer.failures > 0 ? "failing" : "")),
  ]);
  return `${columns(["peer", "state", "trust", "way", "position", "behind", "last success", "trouble"], rows)}\n`;
}

/** What changed filters do, and what they do not yet; "" where they are as before. Of how many entities it may tell is no matter of what is here. */
export function filterNote(before: PeerListing, now: PeerListing): string {
  const differ = (name: "bbox" | "domains" | "origins") => JSON.stringify(before.filters[name]) !== JSON.stringify(now.filters[name]);
  if (!differ("bbox") && !differ("domains") && !differ("origins")) return "";
  if (!pullsFrom(now))
    return "The filters hold for what it pushes from now on; what it pushed before stays as it is until it pushes that again.\n";
  const origins = differ("origins") ? "What it told of origins that are let in no more stays.\n" : "";
  return `The filters hold for what comes from now on; this applies them to what it told before, too: calends peer resync ${now.base}\n${origins}`;
}

/** All of one peer, its pulls and what was refused. */
export function peerFacts(peer: PeerListing, runs: readonly Run[], refusals: readonly Refusal[]): string {
  const { counts, profile, bootstrap, alarm } = peer;
  const rows: [string, string][] = [
    ["address", peer.base],
    ["state", peer.status === "broken" ? "stopped" : peer.status],
    ["trust", `${peer.trust} of 10`],
    ["way", peer.relay ? `${peer.direction}, relay` : peer.direction],
    ["software", [profile?.software?.name, profile?.software?.version].filter(Boolean).join(" ") || "unknown"],
    ["proves", profile?.features.join(", ") || "nothing"],
    ...(pullsFrom(peer) ? pullFacts(peer) : []),
    [
      "held of it",
      `${counts.events} events, ${counts.places} places, ${counts.organizations} organizations, ${counts.persons} persons; ${counts.gone} gone`,
    ],
    ["key there", peer.accessKey === null ? "none" : "kept"],
  ];
  if (Object.keys(peer.filters).length > 0) rows.push(["let in", filtersInWords(peer.filters)]);
  if (bootstrap !== null) rows.push([bootstrap.resync ? "new copy" : "first copy", `under way, by ${bootstrap.way}`]);
  if (peer.lastError !== null) rows.push(["last error", peer.lastError]);
  const parts = [`${peer.name}\n${table(rows)}\n`];
  if (alarm !== null) {
    const detail = peer.alarmDetail === null ? "" : ` ${peer.alarmDetail}`;
    parts.push(`Stopped by the alarm ${alarm}: ${ALARMS[alarm]}.${detail}\n${ALARM_ADVICE[alarm]}\n`);
  }
  if (runs.length > 0) parts.push(`${runColumns(runs)}\n`);
  if (refusals.length > 0) parts.push(`${refusalColumns(refusals)}\n`);
  return parts.join("\n");
}

const runColumns = (runs: readonly Run[]): string =>
  columns(
    ["when", "what", "outcome", "to", "applied", "deleted", "passed over", "refused", "words"],
    runs.map((run) => [
      minuteOf(run.startedAt),
      run.kind,
      run.outcome,
      run.toPosition === null ? "" : grouped(run.toPosition),
      String(run.applied),
      String(run.deleted),
      String(run.passedOver),
      String(run.refused),
      run.detail ?? "",
    ]),
  );

const refusalColumns = (refusals: readonly Refusal[]): string =>
  columns(
    ["refused", "times", "why", "of what", "in full"],
    refusals.map(({ lastAt, times, reason, uri, detail }) => [minuteOf(lastAt), String(times), reason, uri, detail]),
  );

const pullFacts = (peer: PeerListing): [string, string][] => [
  ["position", positionOf(peer)],
  ["behind", behindOf(peer) || "nothing"],
  ["pulled every", spanOf(peer.everySeconds)],
  ["last success", peer.succeededAt === null ? "never" : minuteOf(peer.succeededAt)],
];

const positionOf = (peer: PeerListing): string =>
  pullsFrom(peer) ? `${grouped(peer.position)} of ${peer.head === null ? "?" : grouped(peer.head)}` : "";

/** "" where we stand at its head, and have asked lately; and of a peer that is not pulled. */
function behindOf(peer: PeerListing): string {
  if (!pullsFrom(peer)) return "";
  const { lagPositions, lagSeconds, status } = peer;
  if (lagPositions === 0) return lagSeconds ? `not heard for ${spanOf(lagSeconds)}` : "";
  const parts = [
    lagPositions === null ? "" : `${grouped(lagPositions)} changes`,
    lagSeconds === null || lagSeconds <= 0 ? "" : spanOf(lagSeconds),
  ].filter((part) => part !== "");
  return parts.length > 0 ? parts.join(", ") : status === "active" ? "unknown" : "";
}

const grouped = (number: number): string => number.toLocaleString("en");
/** "2026-03-01 12:00", in UTC. */
const minuteOf = (at: Date): string => at.toISOString().slice(0, 16).replace("T", " ");
