/** What a person sees before deciding: the two entries leaf by leaf, or the claims that contradict each other. */
import { claimsOn, pointerOf, type StoredClaim } from "../db/claims.ts";
import type { Reader } from "../db/database.ts";
import { readStates } from "../db/entities.ts";
import type { ReviewItem } from "../db/reviews.ts";
import { sourceNames } from "../db/speaker.ts";
import { contestedFields } from "../domain/conflicts.ts";
import { compareLeaves, type Compared } from "../domain/differences.ts";
import { compareClaims, mayBeShown } from "../domain/provenance.ts";
import type { AnyState } from "../domain/state.ts";
import type { FieldName } from "../domain/submission.ts";
import { encodeEntity, type JsonLdObject } from "../jsonld/encode.ts";
import { valueHash } from "./settle.ts";

export interface Speaker {
  source: string;
  /** 1–10. */
  trust: number;
}
export interface ComparedField extends Compared {
  /** Who claims what each side shows of the field. */
  leftSources: Speaker[];
  rightSources: Speaker[];
}
export interface ContraryClaim extends Speaker {
  /** Absent where the source's license keeps it back. */
  value?: unknown;
  pinned: boolean;
  wins: boolean;
  observedAt: string;
}
export interface ContraryField {
  /** JSON Pointer, "/name". */
  field: string;
  /** True where equal sources contradict each other, so that a person must decide. */
  contested: boolean;
  /** The best first. */
  claims: ContraryClaim[];
}
export interface Sides {
  left?: AnyState;
  right?: AnyState;
  /** Of a pair: every leaf of the two documents (JSON-LD), equal ones too. */
  compared: ComparedField[];
  /** Of one event: the fields of which its sources say different things. */
  contrary: ContraryField[];
}

/** Members of a document that say nothing about what it describes. */
const BOOKKEEPING = new Set([
  "@context",
  "@id",
  "prov:wasDerivedFrom",
  "sel:confidence",
  "sel:ingestedAt",
  "sel:licenseStatus",
  "sel:originNode",
]);

export async function readSides(on: Reader, base: string, item: ReviewItem): Promise<Sides> {
  const { entityKind, entityId, otherId } = item;
  if (entityKind === null || entityId === null) return { compared: [], contrary: [] };
  const ids = otherId === null ? [entityId] : [entityId, otherId];
  const states = new Map((await readStates(on, entityKind, ids)).map((state) => [state.id, state]));
  const [left, right] = ids.map((id) => states.get(id));
  const sides = { ...(left !== undefined && { left }), ...(right !== undefined && { right }) };
  const claims = entityKind === "event" ? await claimsOn(on, ids) : [];
  const names = await namesOfSources(on, claims);
  if (left === undefined || right === undefined || otherId === null) return { ...sides, compared: [], contrary: contraryOf(claims, names) };
  const said = (id: string, pointer: string) => speakersOf(claims, names, id, pointer);
  const compared = compareLeaves(described(left, base), described(right, base)).map((leaf) => ({
    ...leaf,
    leftSources: "left" in leaf ? said(left.id, leaf.pointer) : [],
    rightSources: "right" in leaf ? said(right.id, leaf.pointer) : [],
  }));
  return { ...sides, compared, contrary: [] };
}

/** The contradictions of many events at once, by event. */
export async function readContrary(on: Reader, eventIds: readonly string[]): Promise<Map<string, ContraryField[]>> {
  const claims = await claimsOn(on, eventIds);
  const names = await namesOfSources(on, claims);
  return new Map([...Map.groupBy(claims, (claim) => claim.eventId)].map(([id, own]) => [id, contraryOf(own, names)]));
}

const namesOfSources = (on: Reader, claims: readonly StoredClaim[]) => sourceNames(on, [...new Set(claims.map((claim) => claim.sourceId))]);

function described(state: AnyState, base: string): JsonLdObject {
  return Object.fromEntries(Object.entries(encodeEntity(state, { base })).filter(([key]) => !BOOKKEEPING.has(key)));
}

/** Who claims the value that wins the field under this pointer. */
function speakersOf(claims: readonly StoredClaim[], names: ReadonlyMap<string, string>, eventId: string, pointer: string): Speaker[] {
  const member = pointer.split("/")[1] ?? "";
  const field = (member === "@type" ? "type" : member.replace(/^sel:/, "")) as FieldName;
  const own = claims.filter((claim) => claim.eventId === eventId && claim.field === field);
  const winner = own.find((claim) => claim.isWinner);
  if (winner === undefined) return [];
  const hash = valueHash(winner.value);
  return own
    .filter((claim) => claim === winner || valueHash(claim.value) === hash)
    .toSorted(compareClaims)
    .map(({ sourceId, trust }) => ({ source: names.get(sourceId)!, trust }));
}

function contraryOf(claims: readonly StoredClaim[], names: ReadonlyMap<string, string>): ContraryField[] {
  const contested = new Set(contestedFields(claims));
  const contrary = [...Map.groupBy(claims, (claim) => claim.field)].filter(
    ([, all]) => all.length > 1 && new Set(all.map((claim) => valueHash(claim.value))).size > 1,
  );
  return contrary
    .map(([field, all]) => ({
      field: pointerOf(field),
      contested: contested.has(field),
      claims: all.toSorted(compareClaims).map((claim) => ({
        source: names.get(claim.sourceId)!,
        trust: claim.trust,
        ...(mayBeShown(claim) && { value: claim.value }),
        pinned: claim.pinned,
        wins: claim.isWinner,
        observedAt: new Date(claim.observedAt).toISOString(),
      })),
    }))
    .toSorted((a, b) => Number(b.contested) - Number(a.contested) || (a.field < b.field ? -1 : 1));
}
