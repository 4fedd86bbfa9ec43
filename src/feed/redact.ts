/**
 * A takedown in the feed's past: what old items showed of an entity is replaced where it stands, and marked `redacted`.
 * Positions, digests and hashes stay, so that the chain still verifies (verify.ts). The takedown itself is a change
 * like any other and is told in its turn.
 */
import { lockEntriesOf, notifyFeed, rewriteEntry } from "../db/feed-log.ts";
import type { Tx } from "../db/handle.ts";
import type { EntityKind } from "../domain/vocabulary.ts";
import { snapshotSpan } from "./item.ts";
import { REDACTED } from "./signal.ts";

/** What a source may own; a state and its JSON-LD call these alike. */
const PROTECTED = ["description", "image"] as const;

/** Takes texts and images out of every item of this entity; returns the positions that changed. Caches everywhere are told at commit. */
export async function redactEntity(tx: Tx, kind: EntityKind, id: string): Promise<number[]> {
  const positions: number[] = [];
  for (const entry of await lockEntriesOf(tx, kind, id)) {
    const item = redactItem(entry.item);
    if (item === entry.item) continue;
    await rewriteEntry(tx, { position: entry.position, item, state: entry.state === null ? null : without(entry.state as object) });
    positions.push(entry.position);
  }
  if (positions.length > 0) await notifyFeed(tx, REDACTED);
  return positions;
}

/** The item's text without what is protected, marked; the same text where it held nothing of it. */
export function redactItem(item: string): string {
  const span = snapshotSpan(item);
  if (span === undefined) return item;
  const document = JSON.parse(item.slice(span.start, span.end)) as object;
  if (!PROTECTED.some((member) => member in document)) return item;
  const position = item.indexOf(',"sequence_number":');
  const marked = item.slice(0, position).includes(',"redacted":true') ? "" : ',"redacted":true';
  return item.slice(0, position) + marked + item.slice(position, span.start) + JSON.stringify(without(document)) + item.slice(span.end);
}

function without(document: object): object {
  return Object.fromEntries(Object.entries(document).filter(([member]) => !(PROTECTED as readonly string[]).includes(member)));
}
