/** What a pull from a peer hands on to whoever keeps it: pages and chunks of proven items, and how it ended. */
import type { HeardChange, RefusalReason } from "./custody.ts";
import type { FieldFault } from "./errors.ts";
import type { Alarm } from "./peer.ts";

/** An item that could not even be judged by its origin. */
export interface BadItem {
  reason: RefusalReason;
  detail: string;
  /** Of what is at fault in its document, where it is one member (RFC 6901). */
  pointer?: string | undefined;
  /** One for each member of its document that is at fault. */
  faults?: readonly FieldFault[] | undefined;
  uri: string;
  position?: number | undefined;
  /** The first of its text. */
  text?: string | undefined;
}

/** Consecutive items of a peer's feed, proven as far as the peer proves anything. */
export interface VerifiedPage {
  /** The cursor that it was asked with; null at the beginning. */
  since: string | null;
  nextCursor: string;
  epoch: string | null;
  /** Position of its last item, or of the cursor where it has none. */
  position: number;
  /** Hash of the item at `position`; null where it is not known. */
  hash: string | null;
  head: number | null;
  changes: HeardChange[];
  bad: BadItem[];
}

/** What became of items. */
export interface Counts {
  applied: number;
  passedOver: number;
  deleted: number;
  refused: number;
}

/** Where a copy goes on, and what it has brought. */
export interface CopyChunk {
  planId: string;
  /** How far the copy was before: lines (snapshot) or the next page's number (pages). Another number than what is kept: "moved". */
  from: number;
  to: number;
  changes: HeardChange[];
  bad: BadItem[];
  /** By pages: where the last page ends. */
  reached?: { cursor: string; position: number; hash: string | null };
}

export type RunKind = "pull" | "bootstrap" | "resync";

/** How a pull ended. */
export type RunEnd =
  | {
      outcome: "applied" | "unchanged";
      head: number | null;
      /** More is there: come back at once. */ more: boolean;
      detail?: string | undefined;
    }
  | {
      outcome: "failed";
      detail: string;
      /** Not before, as the peer asked. */ retryAt?: Date | undefined;
      /** This node was closed meanwhile: that is no failure of the peer's, and it is asked again at once. */
      interrupted?: true;
    }
  | { outcome: "alarm"; alarm: Alarm; detail: string };

/** A pull that ended: how long it took, and how many items it brought, whatever became of them. */
export interface PastPull {
  milliseconds: number;
  items: number;
}

/** So many of its last pulls are looked at. */
export const PULLS_LOOKED_AT = 5;
/** A pull that is over before holds nobody up. */
const SHORT_MS = 10_000;
/** Of a longer one, each second. */
const LEAST_ITEMS = 10;

/** What may be expected of a pull by those before it. */
export type Standing = "proven" | "new" | "doubtful";

/**
 * How a peer stands with us, which has only a share of the places where peers are pulled until it has proven itself. doubtful: the last pull
 * of it failed, or one of the last few took long and brought next to nothing. new: no pull of it has ended yet.
 */
export function standingOf({ failures, pulls }: { failures: number; pulls: readonly PastPull[] }): Standing {
  const wasted = ({ milliseconds, items }: PastPull) => milliseconds > SHORT_MS && items < (milliseconds / 1000) * LEAST_ITEMS;
  if (failures > 0 || pulls.some(wasted)) return "doubtful";
  return pulls.length === 0 ? "new" : "proven";
}
