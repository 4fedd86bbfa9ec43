/**
 * A takedown in the feed's past: what old items showed of an entity is replaced where it stands, and marked `redacted`.
 * Positions, digests and hashes stay, so that the chain still verifies (verify.ts). The takedown itself is a change
 * like any other and is told in its turn.
 */
import canonicalize from "canonicalize";
import { countRedaction, lockEntriesOf, notifyFeed, rewriteEntry } from "../db/feed-log.ts";
import type { Tx } from "../db/handle.ts";
import { PROTECTED_FIELDS, withoutProtected, withoutProtectedAnywhere } from "../domain/protected-fields.ts";
import type { EntityKind } from "../domain/vocabulary.ts";
import { custodyOf, isRedacted, redactedAt, snapshotSpan } from "./item.ts";
import { REDACTED } from "./signal.ts";

/**
 * Takes texts and images out of every item of this entity, or (given `only`) out of those that show one of these; returns the positions that
 * changed. Caches everywhere are told at commit.
 */
export async function redactEntity(tx: Tx, kind: EntityKind, id: string, only?: ReadonlySet<string>): Promise<number[]> {
  const positions: number[] = [];
  for (const entry of await lockEntriesOf(tx, kind, id)) {
    const item = redactItem(entry.item, only);
    if (item === entry.item) continue;
    await rewriteEntry(tx, {
      position: entry.position,
      item,
      state: entry.state === null ? null : withoutProtected(entry.state as object),
    });
    positions.push(entry.position);
  }
  if (positions.length > 0) {
    await countRedaction(tx);
    await notifyFeed(tx, REDACTED);
  }
  return positions;
}

/** The item's text without what is protected, marked; the same text where it held nothing of it (or, given `only`, none of these). */
export function redactItem(item: string, only?: ReadonlySet<string>): string {
  const span = snapshotSpan(item);
  if (span === undefined) return item;
  const text = item.slice(span.start, span.end);
  const kept = custodyOf(item) === undefined ? redactOwn(text, only) : redactForeign(text, only);
  if (kept === text) return item;
  const position = redactedAt(item);
  const marked = isRedacted(item) ? "" : ',"redacted":true';
  return item.slice(0, position) + marked + item.slice(position, span.start) + kept + item.slice(span.end);
}

function redactOwn(text: string, only: ReadonlySet<string> | undefined): string {
  const document = JSON.parse(text) as Record<string, unknown>;
  const shown = PROTECTED_FIELDS.filter((field) => field in document);
  const meant = shown.some((field) => only === undefined || only.has(document[field] as string));
  return meant ? JSON.stringify(withoutProtected(document)) : text;
}

/** Another node's document may be spelled in any way, and hold them anywhere. */
function redactForeign(text: string, only: ReadonlySet<string> | undefined): string {
  const document = JSON.parse(text) as Record<string, unknown>;
  const meant = only === undefined || [...only].some((one) => text.includes(JSON.stringify(one)));
  return meant ? (canonicalize(withoutProtectedAnywhere(document)) as string) : text;
}
