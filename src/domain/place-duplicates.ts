/** When two places are one (data.md, "Identity and duplicates"): by name, address and distance. */
import { foldUrl, gridCells, hashKey, hostOf, isPage, metresBetween, rounded, type Comparison, type PlaceLikeness } from "./likeness.ts";
import { readContradictions } from "./name-marks.ts";
import { alignWords, containsName, foldName, isAcronym, likeNames, rareWords, readName, significantWords, sortedText } from "./names.ts";
import { normalizeName } from "./similarity.ts";

/** Metres: within this, two like names are one place; a geocoder's noise lies below it. */
const AT_HAND = 150;
/** Metres: beyond this an address and a point cannot both be right. */
const TOO_FAR = 2000;

const NOWHERE =
  /^(online|virtual|virtually|zoom|tba|tbd|tbc|various|various locations|multiple locations|several locations|en ligne|a determiner|webinar|livestream)$/;
/** Names that stand where no place is: "Online", "TBA". */
export const isNowhere = (name: string): boolean => NOWHERE.test(foldName(name));

const STREET_WORDS: Record<string, string> = {
  street: "st", avenue: "ave", av: "ave", road: "rd", drive: "dr", boulevard: "blvd", boul: "blvd", parkway: "pkwy", crescent: "cres",
  place: "pl", square: "sq", court: "ct", lane: "ln", highway: "hwy", terrace: "ter", saint: "st", north: "n", south: "s", east: "e",
  west: "w", rue: "", suite: "", unit: "", floor: "",
}; // prettier-ignore

/** "194 Queen Street West, Suite 3" -> "194 queen st w": up to the first comma that follows a house number. */
export function foldStreet(street: string | undefined): string | undefined {
  if (street === undefined) return undefined;
  const part = street.split(",").find((one) => /^\s*\d/.test(one)) ?? street;
  const folded = foldName(part.replace(/#\s*\w+|\b(suite|unit|floor|apt|room)\b.*$/iu, " "))
    .split(" ")
    .map((word) => STREET_WORDS[word] ?? word)
    .filter((word) => word !== "");
  return folded.length === 0 ? undefined : folded.join(" ");
}

const houseNumber = (street: string | undefined): string | undefined => (street === undefined ? undefined : /^\d+/.exec(street)?.[0]);
const foldPostal = (code: string | undefined): string | undefined => code?.toLowerCase().replace(/[\s-]/g, "") || undefined;

/** "Dallas, TX" -> "dallas": what comes before the first comma, folded. */
export function foldTown(locality: string | undefined): string | undefined {
  return locality === undefined ? undefined : foldName(locality.split(",")[0]!) || undefined;
}

/** True for a place that is a whole town: named so, and without street and point. */
export function isTown(one: Pick<PlaceLikeness, "name" | "streetAddress" | "latitude" | "locality">): boolean {
  return (
    one.streetAddress === undefined && one.latitude === undefined && foldTown(one.name) === (foldTown(one.locality) ?? foldTown(one.name))
  );
}

/** The same street and number, or the same number on a street that is spelt alike; undefined where one of them is unknown. */
function sameStreet(a: string | undefined, b: string | undefined): boolean | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a === b) return true;
  if (houseNumber(a) !== houseNumber(b)) return false;
  const words = (street: string) => street.split(" ").filter((word) => !/^(st|ave|rd|dr|blvd|[nsew]|\d+)$/.test(word));
  const [left, right] = [words(a), words(b)];
  return left.length > 0 && right.length > 0 && (left.every((word) => right.includes(word)) || right.every((word) => left.includes(word)));
}

const ROOMS =
  /^(hall|room|gallery|stage|mainstage|studio|lounge|building|north|south|east|west|upstairs|downstairs|cabaret|lobby|rooftop|roof|patio|parking|basement|annex|auditorium|chapel|courtyard|entrance|wing|tent|branch|salle|scene|etage)$/;

/** A part of a house is not the house: one name has a word for a room that the other lacks. */
function namesRoom(a: string, b: string): boolean {
  const { leftA, leftB } = alignWords(significantWords(a), significantWords(b));
  return [...leftA, ...leftB].some((word) => ROOMS.test(word));
}

/** Two authorities' own ids that differ: "https://www.wikidata.org/entity/Q1" and "…/Q2". */
export function sameAsFacts(a: readonly string[], b: readonly string[]): { shared: boolean; differing: boolean } {
  const fold = (list: readonly string[]) => list.map(foldUrl).filter((one) => one !== undefined);
  const [left, right] = [fold(a), fold(b)];
  const shared = left.some((one) => right.includes(one));
  const hosts = new Set(left.map(hostOf));
  return { shared, differing: !shared && right.some((one) => isPage(one) && hosts.has(hostOf(one))) };
}

/** Whether two places are one. Symmetric. Exact: name and address; strong: like names at hand of each other; weak: near or like. */
export function comparePlaces(a: PlaceLikeness, b: PlaceLikeness): Comparison {
  if (b.id < a.id) [a, b] = [b, a];
  const [streetA, streetB] = [foldStreet(a.streetAddress), foldStreet(b.streetAddress)];
  const [townA, townB] = [foldTown(a.locality), foldTown(b.locality)];
  const towns = [townA, townB].filter((one) => one !== undefined);
  const metres = metresBetween(a, b);
  const street = sameStreet(streetA, streetB);
  const [postalA, postalB] = [foldPostal(a.postalCode), foldPostal(b.postalCode)];
  const samePostal = postalA !== undefined && postalA === postalB;
  const [nameA, nameB] = [readName(a.name, towns), readName(b.name, towns)];
  const name = likeNames(nameA, nameB);
  const equal = normalizeName(a.name) === normalizeName(b.name);
  const sameTown = townA === undefined || townB === undefined ? undefined : townA === townB;
  const authority = sameAsFacts(a.sameAs, b.sameAs);
  const near = metres !== undefined && metres <= AT_HAND;

  const contradictions = readContradictions(nameA, nameB, towns);
  if (namesRoom(a.name, b.name)) contradictions.push("room");
  if (street === false) contradictions.push("street");
  if (sameTown === false && !near) contradictions.push("locality");
  if (metres !== undefined && metres > (street === true ? TOO_FAR : 2 * AT_HAND)) contradictions.push("distance");
  if (authority.differing) contradictions.push("authority");
  const features = rounded({
    name,
    ...(metres !== undefined && { metres }),
    ...(street !== undefined && { street: Number(street) }),
    ...(sameTown !== undefined && { locality: Number(sameTown) }),
    postalCode: Number(samePostal),
    sameAs: Number(authority.shared),
  });
  const closeness = street === true || near ? 1 : metres === undefined ? 0.5 : Math.max(0, 1 - metres / TOO_FAR);
  const score = Math.max(0, 0.6 * name + 0.4 * closeness - 0.1 * contradictions.length);
  const say = (verdict: Comparison["verdict"], rule: Comparison["rule"]): Comparison => {
    return { verdict, rule, score: rounded({ score: rule === "exact" ? 1 : score })["score"]!, features, contradictions };
  };

  if (isNowhere(a.name) || isNowhere(b.name)) return say("different", "none");
  // 1. Exact: what placeKey calls one, and what differs from it in the spelling of the address alone.
  const nothingElse = streetA === undefined && streetB === undefined && sameTown !== false && (metres === undefined || near);
  if (equal && ((street === true && sameTown !== false) || nothingElse)) {
    return say(authority.differing || contradictions.includes("distance") ? "candidate" : "same", "exact");
  }
  // 2. Strong: like names at one address, at hand of each other, or known to an authority under one id.
  const together = street === true ? sameTown !== false || near || samePostal : near || (samePostal && street === undefined);
  if (name > 0.8 && (together || authority.shared)) return say(contradictions.length === 0 ? "same" : "candidate", "strong");
  // 3. Weak: the same door under another name, a like name somewhere about, a name whose address one source lacks.
  const related = name >= 0.5 || isAcronym(a.name, b.name) || containsName(a.name, b.name);
  const about = metres === undefined ? sameTown === true && street !== false : metres <= 1000;
  const weak = (together && (related || (street === true && near && name >= 0.2))) || (name > 0.8 && about) || authority.shared;
  return weak ? say("candidate", "weak") : say("different", "none");
}

/** Cells of about 200 m. */
const CELL = 0.002;

function sharedKeys(one: PlaceLikeness): bigint[] {
  const tokens = significantWords(one.name);
  const town = foldTown(one.locality) ?? "";
  const street = foldStreet(one.streetAddress);
  const door = houseNumber(street);
  const url = foldUrl(one.url);
  const keys = [hashKey("place name", sortedText(tokens), town)];
  for (const word of rareWords(tokens, 2)) keys.push(hashKey("place word", word, town));
  if (street !== undefined && door !== undefined) keys.push(hashKey("place door", door, street.split(" ")[1] ?? ""));
  if (url !== undefined) keys.push(hashKey("place url", url));
  for (const same of one.sameAs.slice(0, 2)) keys.push(hashKey("place same as", foldUrl(same) ?? same));
  return keys;
}

/** What a place is stored under (at most eight). */
export function placeKeys(one: PlaceLikeness): bigint[] {
  if (isNowhere(one.name)) return [];
  return [
    ...new Set([
      ...sharedKeys(one),
      ...gridCells(one, CELL)
        .slice(0, 1)
        .map((cell) => hashKey("place cell", cell)),
    ]),
  ];
}

/** What is looked up for a place: its own keys and the cells about it. */
export function placeProbes(one: PlaceLikeness): bigint[] {
  if (isNowhere(one.name)) return [];
  return [...new Set([...sharedKeys(one), ...gridCells(one, CELL, CELL).map((cell) => hashKey("place cell", cell))])];
}
