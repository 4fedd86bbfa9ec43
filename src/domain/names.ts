/**
 * Names as duplicates are judged by: folded to plain words, freed of what sources add (sponsors, years, the venue), and
 * compared word by word with room for typing errors. English and French; other languages go through unchanged.
 */

/** Letters that Unicode does not take apart. */
const LETTERS: Record<string, string> = { ß: "ss", ø: "o", ł: "l", æ: "ae", œ: "oe", đ: "d", ı: "i", þ: "th", ð: "d" };
// oxlint-disable-next-line no-control-regex -- the whole of ASCII is meant
const ASCII = /^[\x00-\x7f]*$/;
const ELISION = /(?<![\p{L}\p{N}])(l|d|j|qu|n|c|m|t|s)['’](?=\p{L})/gu;

/** "L'Été à la Reine & Co's" -> "ete a la reine and cos": no accents, case, punctuation or elided articles. */
export function foldName(name: string): string {
  const plain = ASCII.test(name)
    ? name.toLowerCase()
    : name
        .normalize("NFKD")
        .replace(/\p{M}/gu, "")
        .toLowerCase()
        .replace(/[ßøłæœđıþð]/gu, (letter) => LETTERS[letter]!);
  if (/^[a-z0-9 ]*$/.test(plain)) return plain.replace(/ {2,}/g, " ").trim();
  return plain
    .replace(/\bc\+\+/g, "cpp")
    .replace(/\b([cf])#/g, "$1sharp")
    .replace(ELISION, " ")
    .replace(/['’‘`´]/g, "")
    .replaceAll("&", " and ")
    .replaceAll("@", " at ")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

const words = (text: string): string[] => (text === "" ? [] : text.split(" "));

const list = (text: string): ReadonlySet<string> => new Set(words(text));
const STOPS = list(
  "the a an of and or in at on for with by from to into le la les un une de du des et ou en dans au aux pour par avec sur chez el los las y der die das den und mit im am",
);
/** Words that many events or organizations bear: no ground to look two of them up by. */
const GENERIC = list(
  "event events workshop workshops class classes concert concerts festival festivals fest show shows live night nights day days evening " +
    "music musical art arts dance party tour tours exhibition exhibit film screening series summit conference conf week weekend annual " +
    "community free family kids children adults summer winter spring fall international world presents special weekly monthly " +
    "market markets christmas holiday artisan farmers craft book trivia karaoke yoga storytime fair open house celebration online virtual session sessions program performance theatre theater comedy jazz paint painting " +
    "monday tuesday wednesday thursday friday saturday sunday atelier spectacle exposition soiree musique fete visite marche " +
    "inc ltd llc company association society foundation group club centre center productions production studio studios gallery museum " +
    "church park library school university college hall room street",
);

/** The words of a name without those that carry no meaning; all of them where nothing else is there ("The The"). */
export function significantWords(name: string): string[] {
  const all = words(foldName(name));
  const some = all.filter((word) => !STOPS.has(word));
  return some.length === 0 ? all : some;
}

/** The `count` longest words that few other names share, for looking up; generic ones only where there is no other. */
export function rareWords(tokens: readonly string[], count: number): string[] {
  const unique = [...new Set(tokens)].filter((word) => word.length > 2 || tokens.length === 1);
  const rare = unique.filter((word) => !GENERIC.has(word));
  return (rare.length === 0 ? unique : rare).toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1)).slice(0, count);
}

export const isGeneric = (word: string): boolean => GENERIC.has(word);

const PRESENTS = /^.{2,80}?\s(?:proudly\s)?(?:presents?|présentent|présente|presente)\b\s*[:\-–—|,]?\s*(?=\S{3})(.{3,})$/iu;
const PRESENTED_BY =
  /^(.{3,}?)[\s,(\-–—|:]+(?:proudly\s)?(?:presented|sponsored|powered|brought to you|présentée?s?|commanditée?s?|offerte?s?)\s+(?:by|par)\b.+$/iu;
const YEAR = /^(19|20)\d\d$/;
const EDITION_WORDS = list("annual annuel annuelle edition");
export const ORDINAL = /^(\d+)(?:st|nd|rd|th|e|er|ere|eme|ieme)$/;

const STATUS =
  /^\W*(sold[ -]?out|cancell?ed|postponed|rescheduled|complet|annulée?|reportée?)\b[\s:!*\])\-–—|]*(?=\S{3})|[\s([*\-–—|]+(sold[ -]?out|cancell?ed|postponed|rescheduled|annulée?|reportée?)\W*$/iu;

/** "SOLD OUT: Acme presents: Jazz Night, sponsored by Bank" -> "Jazz Night". */
export function withoutSponsor(name: string): string {
  const event = name.replace(STATUS, "");
  const tail = PRESENTS.exec(event)?.[1] ?? event;
  return PRESENTED_BY.exec(tail)?.[1] ?? tail;
}

/** A name read once, for many comparisons. */
export interface Name {
  /** all of it, folded */
  folded: string;
  /** its words but the sponsor's and the place's, small ones too */
  words: string[];
  /** the words that carry its meaning, without years, editions, sponsors and places */
  core: string[];
  /** the core in alphabetical order */
  sorted: string;
}

/**
 * Reads a name; `places` (the event's venue, its town) are taken off its end: "3rd Annual Jazz Night 2026 @ The Rex",
 * ["The Rex"] -> core ["jazz", "night"]. The core of a name of words is never empty.
 */
export function readName(name: string, places: readonly string[] = []): Name {
  const folded = foldName(name);
  const own = withoutSponsor(name);
  let all = words(own === name ? folded : foldName(own));
  // Twice, as a town may stand behind a venue or before it.
  for (const place of [...places, ...places]) all = withoutEnd(all, significantWords(place));
  const significant = all.filter((word) => !STOPS.has(word));
  const meant = significant.length === 0 ? all : significant;
  const timeless = meant.filter((word, n) => !YEAR.test(word) && !EDITION_WORDS.has(word) && !isEdition(word, meant[n + 1]));
  const core = timeless.length === 0 ? meant : timeless;
  return { folded, words: all, core, sorted: sortedText(core) };
}

const isEdition = (word: string, next: string | undefined): boolean => EDITION_WORDS.has(next ?? "") && ORDINAL.test(word);

/** Takes the place off the end, small words between its words or before it included; never all there is. */
function withoutEnd(all: string[], place: readonly string[]): string[] {
  let end = all.length;
  const dropStops = () => {
    while (end > 0 && STOPS.has(all[end - 1]!)) end--;
  };
  for (const word of place.toReversed()) {
    dropStops();
    if (end === 0 || all[end - 1] !== word) return all;
    end--;
  }
  dropStops();
  return place.length === 0 || end === 0 ? all : all.slice(0, end);
}

/** Words in any order as one text. */
export const sortedText = (tokens: readonly string[]): string => tokens.toSorted().join(" ");

function trigrams(text: string): Set<string> {
  const found = new Set<string>();
  for (const word of words(text)) {
    const padded = `  ${word} `;
    for (let n = 0; n + 3 <= padded.length; n++) found.add(padded.slice(n, n + 3));
  }
  return found;
}

/** As pg_trgm's similarity(): shared trigrams of all trigrams, 0..1, whatever the order of words. Takes folded text. */
export function trigramSimilarity(a: string, b: string): number {
  if (a === b) return a === "" ? 0 : 1;
  const [left, right] = [trigrams(a), trigrams(b)];
  let shared = 0;
  for (const one of left) if (right.has(one)) shared++;
  const all = left.size + right.size - shared;
  return all === 0 ? 0 : shared / all;
}

/** Damerau-Levenshtein distance (optimal string alignment): insert, delete, replace, swap of neighbours. Above `limit`: limit + 1. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, before[j - 2]! + 1);
      row.push(best);
    }
    before = last;
    last = row;
  }
  return Math.min(last[b.length]!, limit + 1);
}

/** Numbers, and scripts in which one sign is a word: no sign of these is a slip of the pen. */
const NO_ALPHABET = /[\p{N}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

/** The same word but for a typing error, an ending or a shortening: "crooner"/"croner", "fest"/"festival". Never two numbers. */
export function isVariant(a: string, b: string): boolean {
  if (a === b) return true;
  const shorter = Math.min(a.length, b.length);
  // An error that changes both ends of a word is too rare to look for.
  if (shorter < 4 || (a[0] !== b[0] && a.at(-1) !== b.at(-1))) return false;
  if (NO_ALPHABET.test(a) || NO_ALPHABET.test(b)) return false;
  if (a.startsWith(b) || b.startsWith(a)) return true;
  const limit = shorter < 8 ? 1 : 2;
  return editDistance(a, b, limit) <= limit;
}

export interface Alignment {
  /** Letters of matched words in all letters, 0..1; a variant counts nine tenths. */
  similarity: number;
  leftA: string[];
  leftB: string[];
}

/** Pairs the words of two names, equal ones first, then what is only spaced otherwise ("paint night", "paintnight"), then variants. */
export function alignWords(a: readonly string[], b: readonly string[]): Alignment {
  let [leftA, leftB] = [[...a], [...b]];
  let matched = 0;
  const pair = (alike: (x: string, y: string) => boolean, weight: number) => {
    leftA = leftA.filter((word) => {
      const at = leftB.findIndex((other) => alike(word, other));
      if (at < 0) return true;
      matched += weight * (word.length + leftB[at]!.length);
      leftB.splice(at, 1);
      return false;
    });
  };
  pair((x, y) => x === y, 1);
  const joined = leftA.join("");
  if (joined !== "" && joined === leftB.join("")) {
    matched += joined.length * 2;
    [leftA, leftB] = [[], []];
  }
  pair(isVariant, 0.9);
  const letters = [...a, ...b].reduce((sum, word) => sum + word.length, 0);
  return { similarity: letters === 0 ? 0 : matched / letters, leftA, leftB };
}

/** 0..1: the best of trigrams and paired words, over the whole names and over their cores. Of names without a word: 0. */
export function likeNames(a: Name, b: Name): number {
  if (a.sorted === b.sorted) return a.sorted === "" ? 0 : 1;
  return Math.max(trigramSimilarity(a.folded, b.folded), trigramSimilarity(a.sorted, b.sorted), alignWords(a.core, b.core).similarity);
}

/** likeNames of two names as they are written. */
export const nameSimilarity = (a: string, b: string, places?: readonly string[]): number =>
  likeNames(readName(a, places), readName(b, places));

/** True where all of one name's words stand in the other: "Nutmeg Studio", "Old Pros and Nutmeg Studios". */
export function containsName(a: string, b: string): boolean {
  const [left, right] = [significantWords(a), significantWords(b)];
  const { leftA, leftB } = alignWords(left, right);
  return (left.length > 0 && leftA.length === 0) || (right.length > 0 && leftB.length === 0);
}

/** True where one name is the other's initials: "ROM", "Royal Ontario Museum". */
export function isAcronym(a: string, b: string): boolean {
  const initials = (name: string) =>
    significantWords(name)
      .map((word) => word[0])
      .join("");
  const bears = (short: string, long: string) =>
    long.length >= 3 && words(foldName(short)).some((word) => long.startsWith(word) && word.length >= 3);
  return bears(a, initials(b)) || bears(b, initials(a));
}
