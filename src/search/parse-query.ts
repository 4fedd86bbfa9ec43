/**
 * Reads what people type into a search field: words, "quoted phrases", `or` between two terms, and `-` before what
 * must not be there, as PostgreSQL's websearch_to_tsquery does. `or` binds tighter than the space, as on the web:
 * `free jazz or blues` wants free, and one of the two. Words are cut as PostgreSQL's parser cuts them or more coarsely,
 * so each may be handed to phraseto_tsquery as it stands ("hip-hop", "don't" and "ac/dc" are one word here).
 */
import { RegistryError } from "../domain/errors.ts";
import stopWords from "./data/stop-words.json" with { type: "json" };

/** `words`: NFKC and lower case, accents kept. A word has one; a phrase has one or more, which must stand side by side. */
export interface Term {
  kind: "word" | "phrase";
  words: string[];
  excluded: boolean;
}

export interface ParsedQuery {
  /** Conjunction of alternatives: every group must match by one of its terms (OR). An excluded term stands alone in its group. */
  groups: Term[][];
  /** All words without quotes and operators, in order, for the meaning leg; none that is excluded. */
  text: string;
  /** True when quotes, OR in capitals or minus were used: then the query is meant literally. A small "or" is how people talk. */
  literal: boolean;
}

export const MOST_WORDS = 64;
export const MOST_CHARACTERS = 1000;

/** Words that say nothing of an event by themselves, English and French. Those that mean something in the other language (car, son) are left out. */
export const STOP_WORDS: ReadonlySet<string> = new Set([...stopWords.en, ...stopWords.fr]);

// Joiners (ZWNJ, ZWJ) are part of words in Persian and Hindi. A connector binds only singly and between letters: "a--b" is two.
// A sign of money stays with its number ("under $20"); PostgreSQL drops it.
const WORD =
  /(?:[$€£](?=\p{N}))?[\p{L}\p{N}][\p{L}\p{N}\p{M}\u200c\u200d]*(?:['./&@-][\p{L}\p{N}][\p{L}\p{N}\p{M}\u200c\u200d]*)*(?:(?<=\p{N})[$€£])?/gu;
// An OR or a quote counts anywhere, a minus only where it is bound to what follows and not to what precedes.
const PIECE = /(?<minus>(?<![^\s"(])-+)?(?:"(?<quoted>[^"]*)(?:"|$)|(?<bare>[^\s"]+))/gu;
const ELIDED = /^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)'(?=[aeiouyhàâæéèêëîïôœùûü])/u;

/** A piece of the query as typed: a term's words, or the word `or`, which may turn out to be an operator. */
interface Piece extends Term {
  or?: "or" | "OR";
}

/**
 * `free jazz OR blues -"open mic"` -> groups free; jazz or blues; not "open mic". Never fails for odd quoting: an
 * unclosed quote runs to the end. Only punctuation or emoji -> no groups. Throws `invalid_query` (pointer /q) above
 * MOST_CHARACTERS or MOST_WORDS.
 */
export function parseQuery(q: string): ParsedQuery {
  const pieces = piecesOf(readable(q));
  const count = pieces.reduce((sum, { words }) => sum + words.length, 0);
  if (count > MOST_WORDS) throw tooMuch(`${MOST_WORDS} words`);
  const groups: Term[][] = [];
  let literal = false;
  let joins = false;
  for (const [at, { or, ...term }] of pieces.entries()) {
    if (or !== undefined && !joins && canJoin(pieces[at - 1]) && canJoin(pieces[at + 1])) {
      joins = true;
      literal ||= or === "OR";
      continue;
    }
    literal ||= term.excluded || term.kind === "phrase";
    if (joins) groups.at(-1)!.push(term);
    else groups.push([term]);
    joins = false;
  }
  return { groups, text: textOf(groups), literal };
}

/** The query in its one spelling: parsed again, it is the same. */
export function printQuery({ groups, literal }: ParsedQuery): string {
  return groups.map((terms) => terms.map(printTerm).join(literal ? " OR " : " or ")).join(" ");
}

/** The words of a query's groups, as `text` holds them. */
export function textOf(groups: readonly Term[][]): string {
  return groups
    .flat()
    .filter(({ excluded }) => !excluded)
    .flatMap(({ words }) => words)
    .join(" ");
}

/**
 * The query without its lone stop words ("a concert for kids" -> concert, kids) and what is said again; with its stop words
 * where nothing would be left to find. Its `text` stays whole.
 */
export function significant(parsed: ParsedQuery): ParsedQuery {
  const once = [...new Map(parsed.groups.map((terms) => [printQuery({ ...parsed, groups: [terms] }), terms])).values()];
  const groups = once.filter(([term, ...others]) => !(others.length === 0 && term !== undefined && isStopWord(term)));
  return { ...parsed, groups: groups.some((terms) => terms.some(({ excluded }) => !excluded)) ? groups : once };
}

const isStopWord = ({ kind, words, excluded }: Term): boolean => kind === "word" && !excluded && STOP_WORDS.has(words[0]!);

const printTerm = ({ kind, words, excluded }: Term): string => {
  // A bare "or" would be read as the operator between its neighbours; French gold ("l'or") is not.
  const said = kind === "word" && !excluded && words[0] === "or" ? "l'or" : words.join(" ");
  return `${excluded ? "-" : ""}${kind === "phrase" ? `"${said}"` : said}`;
};

/** Neither an excluded term nor another `or` can be one of several alternatives. */
const canJoin = (piece: Piece | undefined): boolean => piece !== undefined && !piece.excluded && piece.or === undefined;

/** One spelling for signs that look alike; trade marks go, since NFKC would make letters of them. */
function readable(q: string): string {
  // Far above the bound even before it is normalised, which can only shrink it so much.
  if (q.length > 4 * MOST_CHARACTERS || Array.from(q).length > MOST_CHARACTERS) throw tooMuch(`${MOST_CHARACTERS} characters`);
  const text = q
    .replaceAll(/[™℠®©]/g, " ")
    .normalize("NFKC")
    .replaceAll(/[“”„‟«»]/g, '"')
    .replaceAll(/[‘’ʼ]/g, "'")
    .replaceAll(/[‐‑]/g, "-")
    .replaceAll(/(?<=\d),(?=\d\d\s*[$€£])/g, ".")
    .replaceAll(/(?<=\p{N})\s+(?=[$€£](?!\p{N}))/gu, "")
    .replaceAll(/https?:\/\//gi, "");
  if (Array.from(text).length > MOST_CHARACTERS) throw tooMuch(`${MOST_CHARACTERS} characters`);
  return text;
}

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (const { groups } of text.matchAll(PIECE)) {
    const { minus, quoted, bare } = groups ?? {};
    const excluded = minus !== undefined;
    const words = wordsOf(quoted ?? bare ?? "");
    if (words.length === 0) continue;
    if (quoted !== undefined) pieces.push({ kind: "phrase", words, excluded });
    else if (!excluded && /^or$/i.test(bare!)) pieces.push({ kind: "word", words, excluded, or: bare === "OR" ? "OR" : "or" });
    else for (const word of words) pieces.push({ kind: "word", words: [word.replace(ELIDED, "")], excluded });
  }
  return pieces;
}

/** Lower case; "İ" becomes a plain i, as in PostgreSQL. */
const wordsOf = (text: string): string[] => text.toLowerCase().replaceAll("i\u0307", "i").normalize("NFKC").match(WORD) ?? [];

const tooMuch = (bound: string): RegistryError =>
  new RegistryError("invalid_query", { detail: `q: expected at most ${bound}.`, pointer: "/q" });

/** Lower case without accents. */
export const fold = (word: string): string => word.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
