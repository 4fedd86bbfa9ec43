/**
 * What events are found by as duplicates, so that a million are never compared pair by pair: two that share no key are not
 * compared. Every key holds a day, and with it a thing that few events of one day share, so that no block grows with the registry.
 */
import { foldUrl, gridCells, hashKey, hostOf, isPage, type EventLikeness } from "./likeness.ts";
import { isGeneric, rareWords, readName, sortedText } from "./names.ts";
import { foldStreet, foldTown, isNowhere } from "./place-duplicates.ts";

const HALF_HOUR = 30 * 60 * 1000;
const DAY = 24 * 60 * 60 * 1000;
/** Degrees: about a kilometre. */
const CELL = 0.01;
/** Degrees: about 330 m, further than two points of one venue lie apart. */
const REACH = 0.003;

/** The keys that hold a day, for that day: venue, door, address on the web, name, the two rarest words of the name. */
function keysOfDay(one: EventLikeness, day: string): bigint[] {
  const venue = one.venue !== undefined && !isNowhere(one.venue.name) ? one.venue : undefined;
  const virtual = foldUrl(one.virtualUrl);
  const url = foldUrl(one.url);
  const town = foldTown(venue?.locality) ?? "";
  const { core: tokens, sorted } = readName(one.name, venue === undefined ? [] : [venue.name, town].filter((name) => name !== ""));
  const [door, street] = foldStreet(venue?.streetAddress)?.split(" ") ?? [];
  const keys: bigint[] = [];
  if (one.venueId !== undefined && venue !== undefined) keys.push(hashKey("event venue", one.venueId, day));
  if (door !== undefined && street !== undefined) keys.push(hashKey("event door", door, street, day));
  // A site's front page stands for all that goes on there: its events of a day are few, but not those of a ticket shop.
  for (const address of new Set([url, virtual])) {
    if (address !== undefined) keys.push(hashKey("event url", address, isPage(address) ? "" : sortedText(rareWords(tokens, 1)), day));
  }
  // "Open House" is borne by thousands on one day: only those of one town meet.
  keys.push(hashKey("event name", sorted, tokens.every(isGeneric) ? town : "", day));
  const where = town || (virtual === undefined ? "" : hostOf(virtual));
  for (const word of rareWords(tokens, 2).filter((one) => !isGeneric(one))) keys.push(hashKey("event word", word, where, day));
  return keys;
}

function cellKeys(one: EventLikeness, reach: number, halfHours: readonly number[]): bigint[] {
  if (one.venue === undefined || isNowhere(one.venue.name)) return [];
  const times = one.startIsDate ? [one.localDate] : halfHours.map((step) => String(Math.floor(one.startAt / HALF_HOUR) + step));
  return gridCells(one.venue, CELL, reach).flatMap((cell) => times.map((time) => hashKey("event cell", cell, time)));
}

/** What an event is stored under (at most eight, as the index grows with them). */
export function eventKeys(one: EventLikeness): bigint[] {
  return [...new Set([...keysOfDay(one, one.localDate), ...cellKeys(one, 0, [0]).slice(0, 1)])].slice(0, 8);
}

/**
 * What is looked up for an event: its own keys, the cells and half hours beside its own, and where it is nowhere on Earth
 * also the days beside its own, as nobody knows whose day a source meant.
 */
export function eventProbes(one: EventLikeness): bigint[] {
  const placeless = one.venue === undefined || isNowhere(one.venue.name);
  const days = placeless && !one.startIsDate ? [-DAY, DAY].map((step) => dayAfter(one.localDate, step)) : [];
  const beside = days.flatMap((day) => keysOfDay(one, day));
  return [...new Set([...eventKeys(one), ...beside, ...cellKeys(one, REACH, [0, -1, 1])])];
}

const dayAfter = (day: string, step: number): string => new Date(Date.parse(day) + step).toISOString().slice(0, 10);
