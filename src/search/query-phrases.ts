/**
 * Reads a query as a person would say it: "free jazz for kids near Kensington on Saturday afternoon" speaks of a price,
 * a place, a weekday and hours besides its words. English and French, by rules over data (data/phrase-words.json): what
 * is not surely a phrase stays words. Nothing is looked up: a place is the words after its preposition.
 */
import { Temporal } from "temporal-polyfill";
import said from "./data/phrase-words.json" with { type: "json" };
import { calendarDays, dates, lengthOf, namedDays, type Dates, type Day, type Found, type Row } from "./date-phrases.ts";
import { daypart, hours, weekdays, type Hours, type Weekday } from "./hour-phrases.ts";
import { fold, STOP_WORDS, textOf, type ParsedQuery } from "./parse-query.ts";

type Meaning =
  | Dates
  | Weekday
  | Hours
  | { kind: "free" }
  /** `most` in the currency, which nobody said where it is absent: "$" is many countries' sign. */
  | { kind: "price"; most: number; currency?: string }
  /** Up to four words after a preposition; the place's name is all of them or their beginning. */
  | { kind: "place"; words: string[] }
  | { kind: "online" }
  | { kind: "accessible" };

/** What some words of the query mean; `text` is those words. */
export type Phrase = Meaning & { text: string };

/**
 * `rest` lacks the words of time and price; of a place only the preposition goes, since its name is in the index too,
 * and online and accessible stay. Beside a phrase, what asks for anything at all ("things to do") goes too, so `rest`
 * may be empty. Where the phrase is one word and the whole query ("Saturday"), `rest` is the query. A literal query has
 * no phrases. Today is `now` in `timezone` (IANA).
 */
export function readPhrases(parsed: ParsedQuery, now: Date, timezone: string): { rest: ParsedQuery; phrases: Phrase[] } {
  if (parsed.literal) return { rest: parsed, phrases: [] };
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(timezone).toPlainDate();
  const typed = parsed.groups.map((terms) => (terms.length === 1 ? terms[0]!.words.join(" ") : ""));
  const row = typed.map(fold);
  const phrases: Phrase[] = [];
  const left: number[] = [];
  const taken = new Set<number>();
  for (let at = 0; at < row.length;) {
    const name = lengthOf(said.names, row, at);
    const found = name > 0 ? undefined : phraseAt(row, at, today);
    const length = found?.length ?? Math.max(name, 1);
    const text = typed.slice(at, at + length).join(" ");
    for (const means of found?.means ?? []) phrases.push({ ...means, text });
    const places = Array.from({ length }, (_, n) => at + n);
    if (found !== undefined) for (const place of places) taken.add(place);
    if (found === undefined || !found.goes) left.push(...places);
    at += length;
  }
  const { places, dropped } = readPlaces(typed, row, taken);
  const kept = left.filter((at) => !dropped.has(at));
  const telling = kept.length === row.length ? kept : withoutAnything(kept, typed, row);
  const groups = telling.map((at) => parsed.groups[at]!);
  const rest = row.length === 1 || telling.length === row.length ? parsed : { ...parsed, groups, text: textOf(groups) };
  return { rest, phrases: [...phrases, ...places] };
}

/** Beside a phrase, "things to do" and "events" ask for anything at all; "The Who" does not. */
function withoutAnything(kept: readonly number[], typed: Row, row: Row): readonly number[] {
  const some = kept.filter((at) => !said.anything.includes(row[at]!));
  const asks = some.length < kept.length || said.asks.includes(kept.map((at) => row[at]).join(" "));
  return asks && some.every((at) => STOP_WORDS.has(typed[at]!)) ? [] : some;
}
function phraseAt(row: Row, at: number, today: Day): (Found<Meaning> & { goes: boolean }) | undefined {
  const going = timeAt(row, at, today) ?? price(row, at) ?? free(row, at);
  if (going !== undefined) return { ...going, goes: true };
  for (const kind of ["online", "accessible"] as const) {
    const length = lengthOf(said[kind], row, at);
    if (length > 0) return { length, means: [{ kind }], goes: false };
  }
  return undefined;
}

/** A time, and the part of the day that follows it: "tomorrow night", "Saturday in the afternoon", "this morning". */
function timeAt(row: Row, at: number, today: Day): Found<Meaning> | undefined {
  const tonight = lengthOf(said.tonight, row, at);
  if (tonight > 0) return { length: tonight, means: [dates(today), { kind: "hours", from: 1020, until: 1440 }] };
  const this_ = lengthOf(said.this, row, at);
  const part = this_ > 0 ? daypart(row, at + this_) : undefined;
  if (part !== undefined) return { length: this_ + part.length, means: [dates(today), ...part.means] };
  const day = namedDays(row, at, today) ?? calendarDays(row, at, today) ?? weekdays(row, at, today);
  if (day === undefined) return hours(row, at);
  const next = at + day.length;
  // "Saturday June 13": the date says it all.
  const date = day.means[0]?.kind === "weekday" ? calendarDays(row, next, today) : undefined;
  if (date !== undefined) return { length: day.length + date.length, means: date.means };
  const during = daypart(row, next);
  return during === undefined ? day : { length: day.length + during.length, means: [...day.means, ...during.means] };
}

/** "free", "entrée libre"; not "gluten free", nor a name ("the Free Times Cafe"). */
function free(row: Row, at: number): Found<Meaning> | undefined {
  const length = lengthOf(said.free, row, at);
  const named = said.notFreeAfter.includes(row[at - 1] ?? "") || said.notFreeBefore.includes(row[at + length] ?? "");
  return length === 0 || (length === 1 && named) ? undefined : { length, means: [{ kind: "free" }] };
}

/** "under $20", "moins de 20 $", "less than 20 euros". A bare number may be an age. */
function price(row: Row, at: number): Found<Meaning> | undefined {
  const lead = lengthOf(said.under, row, at);
  const [, before, amount, after] = /^([$€£])?(\d{1,6}(?:\.\d{1,2})?)([$€£])?$/.exec((lead > 0 && row[at + lead]) || "") ?? [];
  if (amount === undefined) return undefined;
  const sign = before ?? after;
  const word = row[at + lead + 1] ?? "";
  const named = Object.hasOwn(said.currencies, word);
  if (sign === undefined && !named) return undefined;
  const currency = named ? said.currencies[word as keyof typeof said.currencies] : { "€": "EUR", "£": "GBP" }[sign ?? ""];
  return { length: lead + (named ? 2 : 1), means: [{ kind: "price", most: Number(amount), ...(currency != null && { currency }) }] };
}

/** The names after "near", "at", "in", "à" …: up to the next phrase or preposition. "à" only with its accent: "a" is English. */
function readPlaces(typed: Row, row: Row, taken: ReadonlySet<number>): { places: Phrase[]; dropped: Set<number> } {
  const places: Phrase[] = [];
  const dropped = new Set<number>();
  for (let at = 0; at < row.length; at++) {
    const lead = typed[at] === "à" ? Math.max(1, lengthOf(said.place, row, at)) : lengthOf(said.place, row, at);
    if (lead === 0 || taken.has(at)) continue;
    const from = at + lead + lengthOf(said.articles, row, at + lead);
    let end = from;
    while (end < from + 4 && end < row.length && !taken.has(end) && row[end] !== "" && !ends(typed[end]!, row[end]!)) end++;
    if (end === from || said.notPlace.includes(row[from]!)) continue;
    places.push({ kind: "place", text: typed.slice(at, end).join(" "), words: typed.slice(from, end) });
    for (let n = at; n < at + lead; n++) dropped.add(n);
    at = end - 1;
  }
  return { places, dropped };
}

const ends = (typed: string, word: string): boolean => typed === "à" || said.placeEnds.includes(word);
