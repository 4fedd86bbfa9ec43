/**
 * Where a reader stands: epoch, position and, on a filtered feed, a mark of the filters; base64url, opaque to readers.
 * What does not fit is an error that says what to do, never a silent restart.
 */
import { RegistryError } from "../domain/errors.ts";
import type { FeedHead } from "../db/feed-log.ts";
import { sha256 } from "./item.ts";

export const ACTIONS = ["create", "update", "delete"] as const;

/** Which changes a reader wants; absent means all. */
export interface FeedFilters {
  action?: "create" | "update" | "delete" | undefined;
  kind?: "event" | "place" | "organization" | "person" | undefined;
  /** `self`: only what this node is the origin of. */
  origin?: "self" | "all" | undefined;
}

export interface Cursor {
  epoch: string;
  /** The last position that was read. */
  position: number;
  /** Mark of the filters it was read with. */
  filters?: string | undefined;
}

/** A short mark of the filters, or undefined where everything passes. */
export function filterMark({ action, kind, origin }: FeedFilters): string | undefined {
  const said = [action && `action=${action}`, kind && `kind=${kind}`, origin === "self" && "origin=self"].filter(Boolean);
  return said.length === 0 ? undefined : sha256(said.join("&")).slice(0, 8);
}

export function encodeCursor({ epoch, position, filters }: Cursor): string {
  return Buffer.from(`${epoch}.${position}${filters === undefined ? "" : `.${filters}`}`).toString("base64url");
}

const FORM = /^([0-9A-HJKMNP-TV-Z]{26})\.(0|[1-9]\d{0,14})(?:\.([0-9a-f]{8}))?$/;

/** Throws `invalid_cursor` (400) for anything that this node did not make; it says what becomes of a reader `without` a cursor. */
export function decodeCursor(text: string, without = "begin at the beginning"): Cursor {
  const plain = /^[\w-]{1,100}$/.test(text) ? Buffer.from(text, "base64url").toString("latin1") : "";
  const [, epoch, position, filters] = FORM.exec(plain) ?? [];
  // What decodes alike and was written otherwise is no cursor that this node made.
  if (epoch === undefined || position === undefined || encodeCursor({ epoch, position: Number(position), filters }) !== text) {
    throw invalid(`is no cursor of this feed: pass on the next_cursor of a page as it is, or leave \`since\` out to ${without}`);
  }
  return { epoch, position: Number(position), filters };
}

/** A cursor read with other filters would skip what they held back: `invalid_cursor`. One made without filters fits all. */
export function checkFilters(cursor: Cursor, filters: FeedFilters): void {
  if (cursor.filters !== undefined && cursor.filters !== filterMark(filters)) {
    throw invalid("was made with other filters (action, kind, origin): repeat those, or begin without `since`");
  }
}

/** Throws where the feed no longer has, or does not yet have, what comes after this position. */
export function checkPosition(cursor: { epoch?: string; position: number }, head: FeedHead, base: string): void {
  const snapshot = `${base}${SNAPSHOT_PATH}`;
  if (cursor.epoch !== undefined && cursor.epoch !== head.epoch) {
    throw new RegistryError("wrong_epoch", {
      detail:
        "The cursor belongs to an earlier epoch of this feed, whose changes may have been lost: load the snapshot and go on from its cursor.",
      extra: { snapshot, epoch: head.epoch },
    });
  }
  if (cursor.position > head.position) {
    throw new RegistryError("cursor_beyond_head", {
      detail: `The cursor points at position ${cursor.position}, but the head of the feed is ${head.position}.`,
      extra: { head: head.position },
    });
  }
  if (cursor.position + 1 < head.oldest) {
    throw new RegistryError("retention_passed", {
      detail: `The feed no longer keeps position ${cursor.position + 1}; the oldest is ${head.oldest}. Load the snapshot and go on from its cursor.`,
      extra: { snapshot, oldest: head.oldest },
    });
  }
}

export const SNAPSHOT_PATH = "/api/v1/feeds/changes/snapshot";

const invalid = (what: string) => new RegistryError("invalid_cursor", { detail: `since ${what}.`, pointer: "/since" });
