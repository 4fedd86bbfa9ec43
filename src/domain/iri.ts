/**
 * One identity, two spellings: the ULID in a URI and the uuid in PostgreSQL are the same 128 bits.
 * https://github.com/ulid/spec (Crockford's base 32), RFC 9562 for the uuid's text.
 */
import { monotonicFactory } from "ulid";
import type { EntityKind } from "./vocabulary.ts";

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
export const PATH_OF_KIND = {
  event: "events",
  place: "places",
  organization: "organizations",
  person: "persons",
} as const satisfies Record<EntityKind, string>;
export const KIND_OF_PATH = {
  events: "event",
  places: "place",
  organizations: "organization",
  persons: "person",
} as const satisfies Record<string, EntityKind>;

/** Mints ids that never repeat and grow with time: `mint(1700000000000)` -> "018bcfe5-6800-…" (uuid). */
export function createMint(): (milliseconds: number) => string {
  const next = monotonicFactory();
  return (milliseconds) => toUuid(next(milliseconds));
}

/** "018f…-…" (uuid) -> "01HY…" (26 characters). */
export function ulidOf(uuid: string): string {
  const digits = BigInt(`0x${uuid.replaceAll("-", "")}`)
    .toString(32)
    .padStart(26, "0");
  return digits.replace(/[i-v]/g, (digit) => CROCKFORD[digit.charCodeAt(0) - FIRST_DIFFERENT]!).toUpperCase();
}

/** "01HY…" in either case -> uuid, or undefined when it is no ULID. */
export function uuidOf(ulid: string): string | undefined {
  const upper = ulid.toUpperCase();
  return ULID.test(upper) ? toUuid(upper) : undefined;
}

// Both alphabets have 32 digits and begin with 0-9a-h; Crockford's goes on without i, l, o and u. The ulid package's own
// conversion, digit by digit, took a sixth of the sequencer's time.
const CROCKFORD = "jkmnpqrstvwxyz";
const FIRST_DIFFERENT = "i".charCodeAt(0);

function toUuid(ulid: string): string {
  let value = 0n;
  // Ten digits (50 bits) at a time stay exact in a number.
  for (const part of [ulid.slice(0, 6), ulid.slice(6, 16), ulid.slice(16)]) {
    const digits = part.toLowerCase().replace(/[j-z]/g, (digit) => String.fromCharCode(FIRST_DIFFERENT + CROCKFORD.indexOf(digit)));
    value = (value << BigInt(5 * part.length)) | BigInt(Number.parseInt(digits, 32));
  }
  const hex = value.toString(16).padStart(32, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The @id of an entity: the origin's where it came from a peer, else `{base}/{events…}/{ULID}`. */
export function uriOf(base: string, kind: EntityKind, entity: { id: string; federationUri?: string | undefined }): string {
  return entity.federationUri ?? `${base}/${PATH_OF_KIND[kind]}/${ulidOf(entity.id)}`;
}

/** How a node such as this one names an event. */
const EVENT_URI = /\/events\/[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/**
 * The @id of one occurrence of a series, by its original local start: the series' @id with `/occurrences/20260508T190000` behind it, be the
 * series ours or a peer's. An origin that names its events in another way has said nothing of occurrences' names: of its series this node
 * answers for them, `{base}/events/{ULID}/occurrences/…`.
 */
export function occurrenceUri(base: string, event: { id: string; federationUri?: string | undefined }, recurrenceId: string): string {
  const { federationUri } = event;
  const series = federationUri !== undefined && EVENT_URI.test(federationUri) ? federationUri : uriOf(base, "event", { id: event.id });
  return `${series}/occurrences/${recurrenceId}`;
}

/** `https://node.example/events/01HY…` under our own base -> its kind and uuid; anything else undefined. */
export function parseOwnUri(base: string, uri: string): { kind: EntityKind; id: string } | undefined {
  if (!uri.startsWith(`${base}/`)) return undefined;
  const [path, ulid, ...rest] = uri.slice(base.length + 1).split("/");
  const kind = path !== undefined && Object.hasOwn(KIND_OF_PATH, path) ? KIND_OF_PATH[path as keyof typeof KIND_OF_PATH] : undefined;
  const id = ulid === undefined ? undefined : uuidOf(ulid);
  return kind === undefined || id === undefined || rest.length > 0 ? undefined : { kind, id };
}
