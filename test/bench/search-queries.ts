/**
 * The query classes of the search bench: for each a few hundred different requests, the same for every run and, where
 * they are made of words, for every size of corpus. Words come from the index itself, by how common they are there;
 * phrases and pairs are taken from names, so that they find something.
 */
import { CITIES, type City } from "./corpus/cities.ts";
import { chance, zipf, type Chance } from "./corpus/random.ts";
import { query } from "./database.ts";

/** Paths by class. */
export type QueryClasses = Record<string, string[]>;

const SEARCH = "/api/v1/events/search";
const SUGGEST = "/api/v1/events/suggest";
const DAY = 86_400_000;
const TODAY = Date.UTC(2026, 4, 22);
const DOMAINS = ["music", "arts", "culture", "community", "education", "sports"];
/** Words that stand in names and that no reader would look for. */
const IDLE = new Set("the and with for from online des les une avec".split(" "));

/** Words of names, the commonest first; `count` of each band. */
export interface Bands {
  frequent: string[];
  middle: string[];
  rare: string[];
}

/** Reads the bands from one corpus, to be asked of every one. Words are of letters, as names spell them. */
export async function readBands(url: string): Promise<Bands> {
  const rows = await query<{ word: string }>(
    url,
    `select word from (select lower(word) as word, count(*) as uses from
      (select name from events where lifecycle_state = 'published' order by id limit 100000) e, regexp_split_to_table(e.name, '[^[:alpha:]]+') word
      where length(word) between 4 and 20 group by 1) w where uses >= 2 order by uses desc, word`,
  );
  const words = rows.map((row) => row.word).filter((word) => !IDLE.has(word));
  return { frequent: words.slice(0, 400), middle: words.slice(400, 5_000), rare: words.slice(5_000) };
}

/** Two neighbouring words of letters, of names spread over this corpus. */
async function readPairs(url: string, count: number): Promise<[string, string][]> {
  const rows = await query<{ pair: string[] }>(
    url,
    `select distinct pair from (select regexp_match(name, '([[:upper:]][[:alpha:]]{3,19}) ([[:alpha:]]{4,20})(?![[:alpha:]])') as pair
      from events tablesample system (20) repeatable (1) where lifecycle_state = 'published') n where pair is not null
      order by 1 limit 20000`,
  );
  return drawn(chance(3), rows.map((row) => row.pair as [string, string]).filter((pair) => !pair.some((word) => IDLE.has(word.toLowerCase()))), count); // prettier-ignore
}

/** `count` requests of every class, drawn with one seed. */
export async function queriesFor(url: string, bands: Bands, count: number): Promise<QueryClasses> {
  const by = chance(17);
  const pairs = await readPairs(url, count);
  const cityRank = zipf(CITIES.length, 0.9);
  const city = () => CITIES[cityRank(by)]!;
  const [frequent, middle, rare] = [drawn(by, bands.frequent, count), drawn(by, bands.middle, count), drawn(by, bands.rare, count)];
  /** A word of any band by turns. */
  const mixed = frequent.map((word, n) => [word, middle[n]!, rare[n]!][n % 3]!);
  const each = <T>(list: readonly T[], path: (one: T, n: number) => string) => unique(list.map(path));
  const some = (path: (n: number) => string) => unique(Array.from({ length: count }, (_, n) => path(n)));
  const words = (list: readonly string[]) => each(list, (q) => search({ q, mode: "lexical" }));
  return {
    "frequent words": words(frequent),
    "middle words": words(middle),
    "rare words": words(rare),
    "two words": words(pairs.map((pair) => pair.join(" ").toLowerCase())),
    phrase: words(pairs.map((pair) => `"${pair.join(" ").toLowerCase()}"`)),
    "words and dates": each(mixed, (q) => search({ q, mode: "lexical", ...dates(by, 1 + by.below(31)) })),
    "words near": each(mixed, (q) => search({ q, mode: "lexical", ...near(by, city()) })),
    near: some(() => search({ ...near(by, city()), sort: "distance" })),
    "box and dates": some(() => search({ ...box(by, city()), ...dates(by, 1 + by.below(31)) })),
    "filters by start": some(() => search({ city: city().name, domain: by.one(DOMAINS), ...dates(by, 90), sort: "start" })),
    "long sentences": each(pairs, ([one, other], n) => search({ q: `${mixed[n]} ${one} with ${other} for ${middle[n]}`, mode: "lexical" })),
    hybrid: each(mixed, (q, n) => search({ q: n % 2 === 0 ? q : `${q} ${frequent[(n + 1) % frequent.length]}`, mode: "hybrid" })),
    semantic: each(pairs, (pair, n) => search({ q: `${pair.join(" ")} ${mixed[n % mixed.length]}`, mode: "semantic" })),
    "semantic filtered": each(pairs, (pair) => search({ q: pair.join(" "), mode: "semantic", city: city().name, ...dates(by, 31) })),
    misspelt: each(drawn(by, bands.middle.filter((word) => word.length >= 6), count), (word) => search({ q: misspell(by, word) })), // prettier-ignore
    suggest: each(mixed, (word) => `${SUGGEST}?${new URLSearchParams({ q: word.slice(0, 2 + by.below(5)) })}`),
  };
}

const search = (parameters: Record<string, string>) => `${SEARCH}?${new URLSearchParams(parameters)}`;
const date = (instant: number) => new Date(instant).toISOString().slice(0, 10);

function dates(by: Chance, days: number): { startDate: string; endDate: string } {
  const first = TODAY + by.skewed(300, 1.5) * DAY;
  return { startDate: date(first), endDate: date(first + days * DAY) };
}

function near(by: Chance, { latitude, longitude }: City): Record<string, string> {
  const aside = () => by.gauss() * 0.03;
  return { near: `${fixed(latitude + aside())},${fixed(longitude + aside())}`, radius: by.one(["1000", "2000", "5000", "10000", "25000"]) };
}

/** From a few blocks to a whole city. */
function box(by: Chance, { latitude, longitude }: City): { bbox: string } {
  const half = 0.005 + by.skewed(100, 2) / 400;
  const [y, x] = [latitude + by.gauss() * 0.02, longitude + by.gauss() * 0.02];
  return { bbox: [x - half, y - half, x + half, y + half].map(fixed).join(",") };
}

const LETTERS = "a e i o r s t l n".split(" ");
const fixed = (degrees: number) => degrees.toFixed(4);

/** One slip of the finger: a letter lost, doubled, exchanged or swapped with the next, never the first. */
function misspell(by: Chance, word: string): string {
  const at = 1 + by.below(word.length - 2);
  const [before, letter, after] = [word.slice(0, at), word[at]!, word.slice(at + 1)];
  return by.one([
    before + after,
    before + letter + letter + after,
    before + by.one(LETTERS) + after,
    before + after[0]! + letter + after.slice(1),
  ]);
}

/** `count` of the list without repetition, or all. */
function drawn<T>(by: Chance, list: readonly T[], count: number): T[] {
  const rest = [...list];
  const out: T[] = [];
  while (out.length < count && rest.length > 0) {
    const n = by.below(rest.length);
    out.push(rest[n]!);
    rest[n] = rest.at(-1)!;
    rest.pop();
  }
  return out;
}

const unique = (paths: readonly string[]) => [...new Set(paths)];
