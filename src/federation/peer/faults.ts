/** Why a pull stopped: the peer cannot be had for now, or what it says proves to be wrong. */
import type { Alarm } from "../../domain/peer.ts";

export interface PeerFaultFacts {
  /** The peer is stopped until a person has looked; absent: it is asked again later. */
  alarm?: Alarm | undefined;
  /** Not before, as the peer asked. */
  retryAt?: Date | undefined;
  /** It answered 401 or 403: to no key, or to the one that we gave. */
  key?: "wanted" | "not taken" | undefined;
}

/** The message is one line for the operator; "it" is the peer. */
export class PeerFault extends Error {
  override name = "PeerFault";
  readonly alarm: Alarm | undefined;
  readonly retryAt: Date | undefined;
  readonly key: PeerFaultFacts["key"];
  constructor(message: string, { alarm, retryAt, key }: PeerFaultFacts = {}, cause?: unknown) {
    super(message, { cause });
    this.alarm = alarm;
    this.retryAt = retryAt;
    this.key = key;
  }
}

export const alarmed = (alarm: Alarm, detail: string): PeerFault => new PeerFault(detail, { alarm });

/** 410: what the cursor (or the plan of a copy) stands on is gone at the peer. A new copy puts it right. */
export class FeedGone extends Error {
  override name = "FeedGone";
  /** The epoch that the feed has now, where the peer says so. */
  readonly epoch: string | undefined;
  constructor(epoch?: string) {
    super("what the cursor stands on is gone");
    this.epoch = epoch;
  }
}

/** Fewer items at a time may do: the page is too large, or has too many values. */
export class PageTooLarge extends Error {
  override name = "PageTooLarge";
}
