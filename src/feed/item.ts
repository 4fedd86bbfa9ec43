/**
 * One item of the feed as text: members in the order of RFC 8785 (JCS), so that every reader can hash what we hashed.
 *
 * `digest` covers the canonical snapshot or tombstone. `hash` covers the hash before it, a line feed, and the item
 * without `snapshot`, `tombstone`, `redacted` and `hash`: a takedown may replace a snapshot and the chain still holds.
 * What an entity of another node bears besides, its `custody`, is covered like all else.
 */
import { hash as digestOf } from "node:crypto";
import type { ChangeAction } from "../db/feed.ts";
import type { EntityKind, LicenseStatus } from "../domain/vocabulary.ts";

/** Whose word an item passes on, and from where in the origin's own feed. */
export interface ItemCustody {
  /** "" where the origin's feed has none. */
  epoch: string;
  /** Bases of the nodes between the origin and this one, in the order of travel. */
  hops: readonly string[];
  /** Base of the origin. */
  node: string;
  /** Texts were taken out on the way here. */
  redacted?: boolean;
  position: number;
  version?: number | undefined;
  /** Of a delete: this node hides it for reasons of its own; the origin said no such thing. */
  withheld?: boolean;
}

export interface ItemFacts {
  action: ChangeAction;
  changedAt: string;
  /** JSON Pointers; for an update only. */
  changedFields?: readonly string[];
  custody?: ItemCustody | undefined;
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

/** The member by which an item speaks, and the only one that its digest covers: where its entity is gone (a delete) the tombstone, else the snapshot. */
export const spokenMember = (gone: boolean): "snapshot" | "tombstone" => (gone ? "tombstone" : "snapshot");

/** Builds an item around the canonical text of its snapshot (create, update) or tombstone (delete). */
export function itemText(facts: ItemFacts, document: string, before: string): ItemText {
  const start =
    `{"action":"${facts.action}","changed_at":"${facts.changedAt}"` +
    (facts.changedFields === undefined ? "" : `,"changed_fields":${JSON.stringify(facts.changedFields)}`) +
    (facts.custody === undefined ? "" : `${CUSTODY}${custodyText(facts.custody)}`) +
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

const custodyText = ({ epoch, hops, node, redacted, position, version, withheld }: ItemCustody): string =>
  JSON.stringify({
    epoch,
    hops,
    node,
    ...(redacted === true && { redacted }),
    sequence_number: position,
    ...(version !== undefined && { version }),
    ...(withheld === true && { withheld }),
  });

const CUSTODY = ',"custody":';
const AFTER_CUSTODY = ',"digest":"';
const RECEIVED = ',"received_timestamp":"';
const POSITION = ',"sequence_number":';
const SNAPSHOT = ',"snapshot":';
const AFTER_SNAPSHOT = ',"source_timestamp":"';
const TOMBSTONE = ',"tombstone":';
const AFTER_TOMBSTONE = ',"uri":"';
const VERSION = ',"version":';

/**
 * Where the snapshot stands in an item's text: `item.slice(start, end)` is its canonical text; undefined for a delete.
 * No string can hold these marks, their quotes would be escaped; before the snapshot only the custody is an object, and it
 * has no such member; after it there is none.
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

/** The canonical text of a delete's tombstone. */
export function tombstoneOf(item: string): string | undefined {
  if (!item.startsWith('{"action":"delete"')) return undefined;
  return item.slice(item.indexOf(TOMBSTONE) + TOMBSTONE.length, item.lastIndexOf(AFTER_TOMBSTONE));
}

/** An item's own version; it stands at the very end. */
export const versionOf = (item: string): number => Number(item.slice(item.lastIndexOf(VERSION) + VERSION.length, -1));

/** The text of an item's custody; undefined for an entity of our own. */
export function custodyOf(item: string): string | undefined {
  const [start, end] = [item.indexOf(CUSTODY), item.indexOf(AFTER_CUSTODY)];
  return start < 0 || start > end ? undefined : item.slice(start + CUSTODY.length, end);
}

/** True of a delete by which this node hides what the origin still shows. */
export const isWithheld = (item: string): boolean => custodyOf(item)?.includes(',"withheld":true') ?? false;

/** Where `"redacted":true` stands or is put: before the item's own position. A custody has members of both names, and comes earlier. */
export const redactedAt = (item: string): number => item.indexOf(POSITION, item.indexOf(RECEIVED));

/** True of an item that a takedown has changed since it was chained. The mark stands before the snapshot, where no text can hold its quotes. */
export const isRedacted = (item: string): boolean => item.slice(item.indexOf(RECEIVED), redactedAt(item)).endsWith(',"redacted":true');
