/**
 * When two texts name the same thing: normal forms and the keys made of them (data.md, "Identity and duplicates").
 * Keys are sha-256 over length-prefixed parts, so that no two lists of parts share one.
 */
import { createHash } from "node:crypto";
import { isDate, instantOf } from "./when.ts";
import type { AgentMention, EventFields, PlaceMention } from "./submission.ts";

/** "  The JAZZ  Café " -> "the jazz café": Unicode NFKC, case-folded, spaces collapsed. */
export function normalizeName(name: string): string {
  return name.normalize("NFKC").toLowerCase().replace(/\s+/gu, " ").trim();
}

export function keyOf(...parts: (string | undefined)[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part === undefined ? "-;" : `${part.length}:${part};`);
  return hash.digest();
}

const normalized = (text: string | undefined) => (text === undefined ? undefined : normalizeName(text));
/** About 100 m: enough to keep two places apart that have nothing but a name and a point. */
const coarse = (degrees: number) => degrees.toFixed(3);

/** What an origin calls by this URI. */
export const uriKey = (uri: string): Buffer => keyOf("uri", uri);

/** A peer's word names what is that peer's: by its URI, else by the peer and `ordinary`. It never describes what is ours. */
function keyFor({ originNodeId, federationUri }: PlaceMention | AgentMention, ordinary: Buffer): Buffer {
  if (federationUri !== undefined) return uriKey(federationUri);
  return originNodeId === undefined ? ordinary : keyOf("foreign", originNodeId, ordinary.toString("hex"));
}

/** The same venue: equal name and address; where no address is given, equal name and (coarse) coordinates. */
export function placeKey(place: PlaceMention): Buffer {
  return keyFor(place, ordinaryPlaceKey(place));
}

function ordinaryPlaceKey(place: PlaceMention): Buffer {
  const { address, geo } = place;
  const point = address === undefined && geo !== undefined ? `${coarse(geo.latitude)},${coarse(geo.longitude)}` : undefined;
  return keyOf(
    "place",
    normalizeName(place.name),
    normalized(address?.streetAddress),
    normalized(address?.addressLocality),
    normalized(address?.addressRegion),
    normalized(address?.postalCode)?.replaceAll(" ", ""),
    normalized(address?.addressCountry),
    point,
  );
}

/** The same organizer or performer: equal name, and equal address on the web where one is given. */
export function agentKey(agent: AgentMention): Buffer {
  return keyFor(agent, keyOf(agent.kind, normalizeName(agent.name), agent.url));
}

const FIVE_MINUTES = 5 * 60 * 1000;

/** A start as identity sees it: a plain date as it is, a time as the nearest five minutes of UTC. */
export function startKey(startDate: string): string {
  if (isDate(startDate)) return startDate;
  return new Date(Math.round(instantOf(startDate) / FIVE_MINUTES) * FIVE_MINUTES).toISOString();
}

/** Where an event is, for identity: the given key of its place, else its virtual address. */
export function whereKey(fields: EventFields, place: string | undefined): string {
  return place ?? `virtual:${fields.virtualLocation?.url ?? ""}`;
}

/** Exact identity: normalized name, start to five minutes, place or virtual URL. */
export function identityKey(fields: Pick<EventFields, "name" | "startDate">, where: string): Buffer {
  return keyOf("event", normalizeName(fields.name), startKey(fields.startDate), where);
}
