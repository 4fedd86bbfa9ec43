/**
 * What nobody in good faith asks of search, and what somebody does all the same: each is answered with a bounded page
 * or refused with a 400 that names the parameter. The tests send them for their answers, the bench for what they cost.
 */
export interface HostileQuery {
  readonly name: string;
  /** The query string as it goes onto the wire. */
  readonly query: string;
  /** The parameter that the refusal names; absent: the query is answered. */
  readonly refused?: string;
}

const of = (parameters: Record<string, string>): string => new URLSearchParams(parameters).toString();
const taken = (name: string, parameters: Record<string, string>): HostileQuery => ({ name, query: of(parameters) });
const refused = (name: string, parameter: string, query: string | Record<string, string>): HostileQuery => ({
  name,
  query: typeof query === "string" ? query : of(query),
  refused: parameter,
});
const times = (count: number, text: (n: number) => string, between = " "): string =>
  Array.from({ length: count }, (_, n) => text(n)).join(between);
const spiral = (count: number): string =>
  times(
    count,
    (n) =>
      `${(-79.4 + 0.1 * Math.cos((n * Math.PI * 2) / count)).toFixed(6)},${(43.6 + 0.1 * Math.sin((n * Math.PI * 2) / count)).toFixed(6)}`,
    ";",
  );

/** What q may hold without being any worse than a word. */
export const HOSTILE_WORDS: readonly (readonly [name: string, q: string])[] = [
  ["a regular expression", "^(a+)+$ .* [^x]{1,99} (?:jazz|blues)*\\b"],
  ["a regular expression that backtracks", `${"a".repeat(200)}!`],
  ["only stop words", "the of and for with a an in on at"],
  ["French stop words", "le la les de du des et à au aux"],
  ["only a minus", "-"],
  ["nothing but exclusions", "-jazz -music -theatre"],
  ["a word and its opposite", "jazz -jazz"],
  ["only punctuation", "!?.,;:()[]{}<>/\\|@#$%^&*_+=~`'"],
  ["only quotes", '"""""'],
  ["an open quote", '"free jazz'],
  ["empty phrases", '"" "" jazz ""'],
  ["only OR", "OR OR OR OR"],
  ["OR at both ends", "OR jazz OR"],
  ["emoji", "🎷🎺🥁 🎭 👨‍👩‍👧‍👦"],
  ["emoji by the hundred", "🎷".repeat(500)],
  ["right to left", "موسيقى الجاز في تورونتو"],
  ["Hebrew with its marks", "מוּזִיקָה חַיָּה"],
  ["overrides of direction", "\u202Ezzaj\u202C \u2066free\u2069 \u200Fjazz\u200E"],
  ["invisible letters", "j\u200Ba\u200Bz\u200Bz \u2060 \uFEFF \u00AD"],
  ["combining marks piled up", `j${"\u0301".repeat(300)}azz`],
  ["a script without spaces", "東京ジャズフェスティバル無料子供向け音楽会"],
  ["Thai", "ดนตรีแจ๊สฟรีสำหรับเด็ก"],
  ["ligatures and fullwidth letters", "ﬁlm ｊａｚｚ №１ ½ ㎏"],
  ["letters that grow when lowered", "İİİİ ẞ ŉ ǰ ΐ"],
  ["SQL", "'; drop table events; --"],
  ["SQL that is always true", "' or 1=1 union select * from api_keys --"],
  ["SQL that waits", "1); select pg_sleep(10); --"],
  ["dollar quotes", "$$ $tag$ $1 $2 :name ?"],
  ["operators of a tsquery", "a & | ! <-> :* (("],
  ["more operators of a tsquery", "jazz:* & !blues | (free <2> kids):ABCD <-> 'x'"],
  ["weights of a tsquery", "jazz:A free:BCD* :D"],
  ["backslashes and quotes", "\\\\ \\' '' \\\" \\n \\0 E'\\x00' jazz\\"],
  ["the signs of LIKE", "%_%%__%"],
  ["markup", "<script>alert(1)</script> <b>jazz</b> &amp; &#x3C;"],
  ["a template", "{{7*7}} ${7*7} #{7*7} <%= 7 %>"],
  ["an address", "https://user:pass@host.example:8080/a/b?c=d&e=f#g ../../etc/passwd"],
  ["JSON", '{"$where":"1","q":["jazz"]}'],
  ["one word of 1,000 letters", "z".repeat(1_000)],
  ["64 words", times(64, (n) => `word${n}`)],
  ["64 of the most common words", times(64, (n) => ["music", "free", "festival", "toronto"][n % 4]!)],
  ["32 alternatives", times(32, (n) => `jazz${n}`, " OR ")],
  ["a phrase of 60 words", `"${times(60, () => "jazz")}"`],
  ["64 single letters", times(64, (n) => String.fromCodePoint(97 + (n % 26)))],
  ["hyphens and dots", "a-b-c-d-e-f.g.h.i.j/k/l/m --x --- ..."],
  ["numbers", "1e308 -1 0x1F 99999999999999999999 1.2.3.4 ∞ NaN"],
  ["phrases of time that contradict each other", "today tomorrow yesterday this weekend next month tonight"],
  ["words misspelt beyond help", "qqqqzzzxxx wwwvvvbbb kkkjjjhhh"],
  ["a negation of everything common", "jazz -the -a -of -music -free -festival"],
];

const HEAVY: readonly HostileQuery[] = [
  taken("a circle as wide as may be, with no words", { near: "43.65,-79.38", radius: "200000" }),
  taken("nearest first on a wide circle", { near: "43.65,-79.38", radius: "200000", sort: "distance", limit: "100" }),
  taken("the north pole", { near: "90,0", radius: "200000" }),
  taken("the south pole", { near: "-90,180", radius: "200000", sort: "distance" }),
  taken("a circle over the antimeridian", { near: "-18,179.99", radius: "200000", q: "music" }),
  taken("a circle on the other side of the antimeridian", { near: "-18,-180", radius: "200000", sort: "distance" }),
  taken("a circle of a metre", { near: "0,0", radius: "1" }),
  taken("a box over the antimeridian", { bbox: "179,-90,-179,90" }),
  taken("the whole world as a box", { bbox: "-180,-90,180,90", q: "music" }),
  taken("all the world but a strip", { bbox: "0.001,-90,-0.001,90" }),
  taken("a box without an inside", { bbox: "10,10,10,10" }),
  taken("a polygon as small as can be written", { polygon: "0,0;0.000000000000001,0;0,0.000000000000001" }),
  taken("a polygon of 100 vertices", { polygon: spiral(100) }),
  taken("the whole world as a polygon", { polygon: "-180,-90;0,-90;180,-90;180,90;0,90;-180,90" }),
  taken("a polygon over a pole", { polygon: "-180,80;-90,80;0,80;90,80;180,80;180,90;0,90;-180,90" }),
  taken("a box, a circle and a polygon that exclude each other", {
    bbox: "0,0,1,1",
    near: "-45,100",
    polygon: "50,50;51,50;51,51",
  }),
  taken("hours past midnight", { hours: "23:59-00:00" }),
  taken("every hour of every day", { hours: "0-24", dayOfWeek: "1-7" }),
  taken("all of time", { startDate: "0001-01-01", endDate: "9999-12-31" }),
  taken("the end of time", { startDate: "9999-12-31", tz: "Pacific/Kiritimati" }),
  taken("the beginning of time", { endDate: "0001-01-01", tz: "Pacific/Niue" }),
  taken("any price", { minPrice: "0", maxPrice: "999999999" }),
  taken("a price of twelve decimals", { maxPrice: "0.000000000001", currency: "XXX" }),
  taken("every facet of everything", {
    facets: "domain,city,region,country,keyword,language,free,accessibility,origin,state",
    limit: "100",
  }),
  taken("everything explained", { q: "free jazz", explain: "true", facets: "domain", limit: "100" }),
  taken("400 keywords", { keywords: times(400, () => "a", ",") }),
  taken("a city of signs", { city: "%_' or 1=1 --" }),
  taken("an organizer nobody knows", { organizerId: "https://elsewhere.example/organizations/1?x=%27" }),
  taken("an origin nobody knows", { origin: "https://elsewhere.example:8443/base" }),
  taken("features nobody has", { accessibility: times(20, (n) => `feature ${n}`, ",") }),
  taken("empty values", { q: "", city: "", near: "", limit: "", after: "" }),
  taken("every filter at once", {
    q: "free jazz for kids this weekend",
    startDate: "2026-01-01",
    endDate: "2026-12-31",
    tz: "America/Toronto",
    city: "Toronto",
    near: "43.65,-79.38",
    radius: "10000",
    bbox: "-80,43,-79,44",
    polygon: "-80,43;-79,43;-79,44;-80,44",
    dayOfWeek: "FR-SU",
    hours: "10-23",
    maxPrice: "50",
    currency: "CAD",
    free: "true",
    accessibility: "wheelchair",
    language: "en",
    origin: "local",
    facets: "domain,city",
    explain: "true",
  }),
];

const REFUSED: readonly HostileQuery[] = [
  refused("10 kB of words", "q", { q: "jazz ".repeat(2_000) }),
  refused("1,000 terms", "q", { q: times(1_000, (n) => `w${n}`) }),
  refused("65 words", "q", { q: times(65, (n) => `w${n}`) }),
  refused("200 single letters", "q", { q: times(200, () => "a") }),
  refused("one letter more than 1,000", "q", { q: "z".repeat(1_001) }),
  refused("letters that unfold beyond the bound", "q", { q: "ﷺ".repeat(1_000) }),
  refused("a NUL", "q", "q=jazz%00blues"),
  refused("other control characters", "q", "q=%1B%5B31mjazz%07"),
  refused("half a surrogate pair", "q", "q=jazz%ED%A0%80"),
  refused("the other half", "q", "q=%ED%BF%BFjazz"),
  refused("no UTF-8", "q", "q=%FF%FE%FA"),
  refused("an overlong encoding", "q", "q=%C0%AF"),
  refused("an escape cut off", "q", "q=100%"),
  refused("two queries", "q", "q=jazz&q=blues"),
  refused("a list of queries", "q[]", "q[]=jazz"),
  refused("an unknown parameter", "colour", "colour=red"),
  refused("a parameter of the prototype", "__proto__", "__proto__=1"),
  refused("a parameter by another case", "Q", "Q=jazz"),
  refused("a circle larger than the earth", "radius", { near: "0,0", radius: "99999999" }),
  refused("a radius that is no number", "radius", { near: "0,0", radius: "NaN" }),
  refused("a radius below nothing", "radius", { near: "0,0", radius: "-5" }),
  refused("a radius around nothing", "radius", { radius: "5" }),
  refused("a place beyond the pole", "near", { near: "90.0001,0" }),
  refused("infinity", "near", { near: "Infinity,0" }),
  refused("a number with an exponent", "near", { near: "1e1,0" }),
  refused("a box upside down", "bbox", { bbox: "0,10,1,-10" }),
  refused("a polygon that crosses itself", "polygon", { polygon: "0,0;1,1;1,0;0,1" }),
  refused("a polygon that is a line", "polygon", { polygon: "0,0;1,1;2,2" }),
  refused("a polygon that is a point", "polygon", { polygon: "0,0;0,0;0,0" }),
  refused("a polygon over the antimeridian", "polygon", { polygon: "179,0;-179,0;-179,1;179,1" }),
  refused("a polygon of 101 vertices", "polygon", { polygon: spiral(101) }),
  refused("a polygon of 500 vertices", "polygon", { polygon: spiral(500) }),
  refused("well-known text", "polygon", { polygon: "POLYGON((0 0,1 0,1 1,0 0))" }),
  refused("a day that is none", "dayOfWeek", { dayOfWeek: "0" }),
  refused("hours that are none", "hours", { hours: "99:99-aa:bb" }),
  refused("a price in hexadecimal", "minPrice", { minPrice: "0x10" }),
  refused("prices the wrong way round", "maxPrice", { minPrice: "10", maxPrice: "9.99" }),
  refused("a zone that is a path", "tz", { tz: "../../etc/localtime", startDate: "2026-05-01" }),
  refused("a day that is not in the calendar", "startDate", { startDate: "2026-02-30" }),
  refused("a limit of everything", "limit", { limit: "1000000" }),
  refused("a cursor of rubbish", "after", { after: "AAAA" }),
  refused("a cursor that is too long", "after", { after: "A".repeat(12_001) }),
  refused("a cursor with a foreign letter", "after", { after: "a b/c" }),
  refused("meaning without words", "mode", { mode: "semantic" }),
  refused("nearest to nothing", "sort", { sort: "distance", q: "jazz" }),
];

export const HOSTILE_QUERIES: readonly HostileQuery[] = [
  ...HOSTILE_WORDS.map(([name, q]) => taken(name, { q })),
  ...HOSTILE_WORDS.map(([name, q]) =>
    taken(`${name}, strictly, with a filter`, { q, strict: "true", startDate: "2026-05-01", facets: "city" }),
  ),
  ...HEAVY,
  ...REFUSED,
];
