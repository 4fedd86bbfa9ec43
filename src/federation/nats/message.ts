/**
 * A change of the log as a message: the item's text as its body, and in its headers what tells where it stands, so that the stream itself
 * says how far it goes.
 */
import type { RelayedChange, RelayHead } from "../../db/stream-relays.ts";
import { isRedacted, snapshotOf } from "../../feed/item.ts";

/** Headers, as readers of the stream see them. */
export const HEADER = {
  node: "Calends-Node",
  epoch: "Calends-Epoch",
  position: "Calends-Position",
  hash: "Calends-Hash",
  /** How many redactions of the log the stream knew of when this was told. */
  redactions: "Calends-Redactions",
  redacted: "Calends-Redacted",
} as const;

export interface Message {
  subject: string;
  /** What the broker knows doubles by. */
  id: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Where a message of the stream stands in the log. */
export interface Mark {
  /** Base of the node whose log it is. */
  node: string;
  epoch: string;
  position: number;
  /** Hex, of the item. */
  hash: string;
  redactions: number;
  redacted: boolean;
}

/** Of one node, now. */
export interface MessageFrame {
  node: string;
  /** First tokens of every subject: "calends". */
  prefix: string;
  head: Pick<RelayHead, "epoch" | "redactions">;
}

/**
 * `calends.event.music.create`, id `{epoch}:{position}`. An item that was redacted before it was told is another message than the one that
 * a stream may have had and lost to the takedown, so its id ends in `:redacted`.
 */
export function messageOf(change: RelayedChange, { node, prefix, head }: MessageFrame): Message {
  const { position, kind, action, hash, item } = change;
  const redacted = isRedacted(item);
  return {
    subject: `${prefix}.${kind}.${kind === "event" ? domainOf(change) : "-"}.${action}`,
    id: `${head.epoch}:${position}${redacted ? ":redacted" : ""}`,
    headers: {
      [HEADER.node]: node,
      [HEADER.epoch]: head.epoch,
      [HEADER.position]: String(position),
      [HEADER.hash]: hash,
      [HEADER.redactions]: String(head.redactions),
      ...(redacted && { [HEADER.redacted]: "true" }),
    },
    body: item,
  };
}

/** What a deleted event was shown under last; "-" where that is not known or no token of a subject. */
function domainOf({ item, shownBefore }: RelayedChange): string {
  const document = snapshotOf(shownBefore ?? item);
  const domain = document === undefined ? undefined : (JSON.parse(document) as Record<string, unknown>)["sel:eventDomain"];
  return typeof domain === "string" && /^[\w-]+$/.test(domain) ? domain : "-";
}

/** Reads a message's headers back; undefined for one that no relay wrote. */
export function markOf(header: (name: string) => string | undefined): Mark | undefined {
  const [node, epoch, hash] = [header(HEADER.node), header(HEADER.epoch), header(HEADER.hash)];
  const position = Number(header(HEADER.position) || Number.NaN);
  if (!node || !epoch || !hash || !Number.isSafeInteger(position)) return undefined;
  return { node, epoch, position, hash, redactions: Number(header(HEADER.redactions) || 0), redacted: header(HEADER.redacted) === "true" };
}
