/**
 * One item of the feed as text: members in the order of RFC 8785 (JCS), so that every reader can hash what we hashed.
 *
 * `digest` covers the canonical snapshot or tombstone. `hash` covers the hash before it, a line feed, and the item
 * without `snapshot`, `tombstone`, `redacted` and `hash`: a takedown may replace a snapshot and the chain still holds.
 */
import { hash as digestOf } from "node:crypto";
import type { ChangeAction } from "../db/feed.ts";
import type { EntityKind, LicenseStatus } from "../domain/vocabulary.ts";

export interface ItemFacts {
  action: ChangeAction;
  changedAt: string;
  /** JSON Pointers; for an update only. */
  changedFields?: readonly string[];
  federationUri?: string | undefined;
  kind: EntityKind;
  licenseStatus: LicenseStatus;
  licenseUrl?: string | undefined;
  receivedAt: string;
  position: number;
  sourceAt: string;
  uri: string;
  version: number;
}

export interface ItemText {
  text: string;
  /** Hex, what the next item is chained to. */
  hash: string;
}

/** Hex of the SHA-256 of bytes, or of a text's UTF-8. */
export const sha256 = (text: string | Buffer): string => digestOf("sha256", text);

/** The hash of the item after one with `before` (hex, empty for none); `core` is its canonical text without the four members. */
export const chainHash = (before: string, core: string): string => sha256(`${before}\n${core}`);

/** Builds an item around the canonical text of its snapshot (create, update) or tombstone (delete). */
export function itemText(facts: ItemFacts, document: string, before: string): ItemText {
  const start =
    `{"action":"${facts.action}","changed_at":"${facts.changedAt}"` +
    (facts.changedFields === undefined ? "" : `,"changed_fields":${JSON.stringify(facts.changedFields)}`) +
    `,"digest":"sha-256:${sha256(document)}"` +
    (facts.federationUri === undefined ? "" : `,"federation_uri":${JSON.stringify(facts.federationUri)}`);
  const middle =
    `,"kind":"${facts.kind}","license_status":"${facts.licenseStatus}"` +
    (facts.licenseUrl === undefined ? "" : `,"license_url":${JSON.stringify(facts.licenseUrl)}`) +
    `,"received_timestamp":"${facts.receivedAt}","sequence_number":${facts.position}`;
  const source = `,"source_timestamp":"${facts.sourceAt}"`;
  const end = `,"uri":${JSON.stringify(facts.uri)},"version":${facts.version}}`;
  const hash = chainHash(before, start + middle + source + end);
  const [snapshot, tombstone] = facts.action === "delete" ? ["", `,"tombstone":${document}`] : [`,"snapshot":${document}`, ""];
  return { text: `${start},"hash":"${hash}"${middle}${snapshot}${source}${tombstone}${end}`, hash };
}

const SNAPSHOT = ',"snapshot":';
const AFTER_SNAPSHOT = ',"source_timestamp":"';

/**
 * Where the snapshot stands in an item's text: `item.slice(start, end)` is its canonical text; undefined for a delete.
 * No string can hold these marks, their quotes would be escaped, and nothing before or after the snapshot is an object.
 */
export function snapshotSpan(item: string): { start: number; end: number } | undefined {
  const mark = item.indexOf(SNAPSHOT);
  if (mark < 0 || item.startsWith('{"action":"delete"')) return undefined;
  return { start: mark + SNAPSHOT.length, end: item.lastIndexOf(AFTER_SNAPSHOT) };
}

/** The canonical text of an item's snapshot. */
export function snapshotOf(item: string): string | undefined {
  const span = snapshotSpan(item);
  return span && item.slice(span.start, span.end);
}

/** True of an item that a takedown has changed since it was chained. The mark stands before the snapshot, where no text can hold its quotes. */
export const isRedacted = (item: string): boolean => item.slice(0, item.indexOf(',"sequence_number":')).includes(',"redacted":true');
