/** What two events have in common and what speaks against their being one; duplicates.ts judges by it. */
import { foldUrl, hostOf, isPage, metresBetween, type EventLikeness, type PlaceLikeness } from "./likeness.ts";
import { isCommonName, readContradictions, translatedSimilarity } from "./name-marks.ts";
import { alignWords, containsName, foldName, likeNames, nameSimilarity, readName, significantWords } from "./names.ts";
import { comparePlaces, foldTown, isNowhere, isTown } from "./place-duplicates.ts";
import { normalizeName } from "./similarity.ts";

const MINUTE = 60_000;
/** Of two at other times of a day only these may be one. */
export const VERY_LIKE = 0.9;

export interface EventFacts {
  /** in the names: what speaks against their being one */
  nameContradictions: string[];
  /** 0..1 */
  name: number;
  /** equal normal form */
  sameName: boolean;
  /** equal words once sponsors, years and the venue are off */
  sameCore: boolean;
  /** all words of the one stand in the other, which says more: "Broadsway: The Most Wonderful Time" */
  contained: boolean;
  /** none but words that many names are made of: "Christmas Market" */
  common: boolean;
  /** 0..1, of English and French words for the same */
  translated: number;
  minutes: number;
  /** equal: to five minutes, or one date; close: to 15; date: a date and a time on it; hour: to 90; day: later that day. */
  start: "equal" | "close" | "date" | "hour" | "day" | "apart";
  /** same: one venue or virtual address; town: both say no more than the town; unknown: one says nothing that could be compared. */
  place: "same" | "near" | "town" | "unknown" | "elsewhere";
  metres: number | undefined;
  /** what of the address on the web is the same */
  url: "page" | "site" | undefined;
  urlContradiction: "page" | "site" | undefined;
  organizer: boolean | undefined;
  performers: boolean | undefined;
  end: boolean | undefined;
  sharedSource: boolean;
}

/** Undefined where no rule could say more than "different": most of what shares a key, told by the cheap facts alone. */
export function eventFacts(a: EventLikeness, b: EventLikeness): EventFacts | undefined {
  const start = startFact(a, b);
  if (start === "apart") return undefined;
  const places = placeNames(a, b);
  const [left, right] = [readName(a.name, places), readName(b.name, places)];
  const name = likeNames(left, right);
  if ((start === "hour" || start === "day") && name <= VERY_LIKE) return undefined;
  const metres = metresBetween(a.venue ?? {}, b.venue ?? {});
  const place = placeFact(a, b, metres);
  if (place === "elsewhere") return undefined;
  const [urlA, urlB] = [foldUrl(a.url), foldUrl(b.url)];
  const sameUrl = urlA !== undefined && urlA === urlB;
  const sameCore = left.sorted !== "" && left.sorted === right.sorted;
  return {
    name,
    sameName: normalizeName(a.name) === normalizeName(b.name),
    sameCore,
    nameContradictions: readContradictions(left, right, places.flatMap(significantWords)),
    contained: contains(left.core, right.core) || contains(right.core, left.core),
    common: isCommonName(left),
    translated: translatedSimilarity(left, right),
    minutes: Math.abs(a.startAt - b.startAt) / MINUTE,
    start,
    place,
    metres,
    url: sameUrl ? (isPage(urlA) ? "page" : "site") : undefined,
    urlContradiction: sameUrl || urlA === undefined || urlB === undefined ? undefined : otherUrl(urlA, urlB, sameCore, place),
    organizer: a.organizer === undefined || b.organizer === undefined ? undefined : isNameOf(a.organizer, b.organizer),
    performers: performersFact(a.performers, b.performers),
    end: endFact(a, b),
    sharedSource: a.records.some(({ sourceId }) => b.records.some((other) => other.sourceId === sourceId)),
  };
}

const contains = (all: readonly string[], some: readonly string[]): boolean => some.length > 0 && some.every((word) => all.includes(word));

/** Two pages of one site speak against things of two names; two sites against things of which no venue is known. */
function otherUrl(a: string, b: string, sameCore: boolean, place: EventFacts["place"]): "page" | "site" | undefined {
  if (hostOf(a) !== hostOf(b)) return place === "town" ? "site" : undefined;
  return !sameCore && isPage(a) && isPage(b) ? "page" : undefined;
}

function placeNames(a: EventLikeness, b: EventLikeness): string[] {
  const names = [a.venue, b.venue].flatMap((venue) => (venue === undefined ? [] : [venue.name, foldTown(venue.locality) ?? ""]));
  return [...new Set(names)].filter((name) => name !== "");
}

function startFact(a: EventLikeness, b: EventLikeness): EventFacts["start"] {
  const sameDay = a.localDate === b.localDate;
  if (a.startIsDate && b.startIsDate) return sameDay ? "equal" : "apart";
  if (a.startIsDate || b.startIsDate) return sameDay ? "date" : "apart";
  const minutes = Math.abs(a.startAt - b.startAt) / MINUTE;
  if (minutes < 5) return "equal";
  if (minutes <= 15) return "close";
  if (minutes <= 90) return "hour";
  return sameDay ? "day" : "apart";
}

function placeFact(a: EventLikeness, b: EventLikeness, metres: number | undefined): EventFacts["place"] {
  const [left, right] = [placeOf(a), placeOf(b)];
  if (left === undefined || right === undefined) {
    const virtual = foldUrl(a.virtualUrl);
    return left === undefined && right === undefined && virtual !== undefined && virtual === foldUrl(b.virtualUrl) ? "same" : "unknown";
  }
  const towns = isTown(left) && isTown(right);
  if (left.id === right.id) return towns ? "town" : "same";
  // Without this, most of the time would go into comparing houses that nobody takes for one.
  if (metres !== undefined && metres > 1000 && left.streetAddress?.slice(0, 3) !== right.streetAddress?.slice(0, 3)) return "elsewhere";
  const { verdict } = comparePlaces(left, right);
  if (verdict === "same") return towns ? "town" : "same";
  if (verdict === "candidate" || (metres !== undefined && metres <= 300)) return "near";
  if (metres !== undefined) return "elsewhere";
  const [townA, townB] = [foldTown(left.locality), foldTown(right.locality)];
  if (townA !== undefined && townB !== undefined && townA !== townB) return "elsewhere";
  return left.streetAddress !== undefined && right.streetAddress !== undefined ? "elsewhere" : "unknown";
}

function placeOf(one: EventLikeness): PlaceLikeness | undefined {
  const { venue, venueId } = one;
  if (venue === undefined || isNowhere(venue.name)) return undefined;
  return { ...venue, id: venueId ?? `of ${one.id}`, sameAs: [] };
}

/** One name for another: alike, or one within the other. */
const isNameOf = (a: string, b: string): boolean => a === b || nameSimilarity(a, b) >= 0.6 || containsName(a, b);

function performersFact(a: readonly string[], b: readonly string[]): boolean | undefined {
  if (a.length === 0 || b.length === 0) return undefined;
  return a.some((one) => b.some((other) => isNameOf(one, other)));
}

/** Whether the ends agree: to five minutes, or to the day where either start is a date. */
function endFact(a: EventLikeness, b: EventLikeness): boolean | undefined {
  if (a.endAt === undefined || b.endAt === undefined) return undefined;
  const tolerance = a.startIsDate || b.startIsDate ? 24 * 60 * MINUTE : 5 * MINUTE;
  return Math.abs(a.endAt - b.endAt) < tolerance;
}

/**
 * What speaks against two events' being one, by name: kinds of marks in the names (number, level, audience, …), "words",
 * "source ids", "series", "organizer", "performers", "end", "page" (two pages of one site), "site" (two sites). That one is
 * cancelled and the other is not says nothing: sources learn of it at different times.
 */
export function eventContradictions(a: EventLikeness, b: EventLikeness, facts: EventFacts): string[] {
  const found = [...facts.nameContradictions];
  if (listedTwice(a, b)) found.push("source ids");
  if (a.series !== undefined && a.series === b.series && facts.start !== "equal") found.push("series");
  if (facts.organizer === false && !isVenue(a) && !isVenue(b)) found.push("organizer");
  if (facts.performers === false) found.push("performers");
  if (endsFarApart(a, b)) found.push("end");
  if (facts.urlContradiction !== undefined) found.push(facts.urlContradiction);
  return found;
}

/** One source gives each an id of its own, or lists them side by side under other words: to that source they are two. */
function listedTwice(a: EventLikeness, b: EventLikeness): boolean {
  const sameWords = foldName(a.name) === foldName(b.name);
  return a.records.some(({ sourceId, recordKey }) => {
    const others = b.records.filter((other) => other.sourceId === sourceId);
    if (others.length === 0) return false;
    const without = recordKey === undefined || others.some((other) => other.recordKey === undefined);
    return without ? !sameWords : others.every((other) => other.recordKey !== recordKey);
  });
}

/** A venue that stands as organizer is no word on who organizes. */
const isVenue = (one: EventLikeness): boolean =>
  one.organizer !== undefined &&
  one.venue !== undefined &&
  alignWords(significantWords(one.organizer), significantWords(one.venue.name)).similarity > 0.8;

function endsFarApart(a: EventLikeness, b: EventLikeness): boolean {
  if (a.endAt === undefined || b.endAt === undefined) return false;
  const hours = Math.abs(a.endAt - b.endAt) / (60 * MINUTE);
  return hours > (a.startIsDate || b.startIsDate ? 48 : 2);
}
