/** What a query says of time, price, place and audience, as people say it. It is Wednesday 20 May 2026, noon in Toronto. */
import { describe, expect, test } from "vitest";
import { parseQuery } from "./parse-query.ts";
import said from "./data/phrase-words.json" with { type: "json" };
import { fold } from "./parse-query.ts";
import { readPhrases, type Phrase } from "./query-phrases.ts";

const NOW = new Date("2026-05-20T16:00:00Z");
const TORONTO = "America/Toronto";

function show(phrase: Phrase): string {
  if (phrase.kind === "dates") return phrase.startDate === phrase.endDate ? phrase.startDate : `${phrase.startDate}/${phrase.endDate}`;
  if (phrase.kind === "weekday") return `weekday ${phrase.days.join(",")}`;
  if (phrase.kind === "hours") return `${phrase.from}-${phrase.until}`;
  if (phrase.kind === "price") return `≤ ${phrase.most} ${phrase.currency ?? "any"}`;
  if (phrase.kind === "place") return `place ${phrase.words.join(" ")}`;
  return phrase.kind;
}

function read(q: string, now = NOW, zone = TORONTO): { rest: string; means: string[] } {
  const { rest, phrases } = readPhrases(parseQuery(q), now, zone);
  return { rest: rest.text, means: phrases.map(show) };
}

describe("phrases", () => {
  test.each<[q: string, rest: string, ...means: string[]]>([
    [
      "Free jazz for kids near Kensington on Saturday afternoon",
      "jazz for kids kensington",
      "free",
      "weekday 6",
      "720-1079",
      "place kensington",
    ],
    // Days by name
    ["concerts today", "concerts", "2026-05-20"],
    ["concerts aujourd’hui", "concerts", "2026-05-20"],
    ["concerts tonight", "concerts", "2026-05-20", "1020-1440"],
    ["spectacle ce soir", "spectacle", "2026-05-20", "1020-1440"],
    ["cet après-midi", "", "2026-05-20", "720-1079"],
    ["tomorrow night comedy", "comedy", "2026-05-21", "1080-180"],
    ["théâtre demain soir", "théâtre", "2026-05-21", "1020-1440"],
    ["this weekend", "", "2026-05-22/2026-05-24"],
    ["marchés cette fin de semaine", "marchés", "2026-05-22/2026-05-24"],
    ["next weekend markets", "markets", "2026-05-29/2026-05-31"],
    ["foire la fin de semaine prochaine", "foire", "2026-05-29/2026-05-31"],
    ["talks this week", "talks", "2026-05-20/2026-05-24"],
    ["ateliers la semaine prochaine", "ateliers", "2026-05-25/2026-05-31"],
    ["opera next month", "opera", "2026-06-01/2026-06-30"],
    // Weekdays
    ["on Saturday dance", "dance", "weekday 6"],
    ["danse le samedi", "danse", "weekday 6"],
    ["Friday evenings salsa", "salsa", "weekday 5", "1020-1440"],
    ["samedi après-midi en famille", "en famille", "weekday 6", "720-1079"],
    ["brunch Saturday and Sunday", "brunch", "weekday 6,7"],
    ["brunch on sun", "brunch", "weekday 7"],
    ["yoga weekends", "yoga", "weekday 6,7"],
    ["jazz this friday", "jazz", "2026-05-22"],
    ["jazz next wednesday", "jazz", "2026-05-27"],
    ["messe dimanche prochain", "messe", "2026-05-24"],
    ["concert mercredi prochain", "concert", "2026-05-27"],
    // The calendar
    ["pride in June", "pride", "2026-06-01/2026-06-30"],
    ["festival juin 2026", "festival", "2026-06-01/2026-06-30"],
    ["pycon berlin 2019", "pycon berlin", "2019-01-01/2019-12-31"],
    ["jazz in 2026", "jazz", "2026-01-01/2026-12-31"],
    ["film in May", "film", "2026-05-20/2026-05-31"],
    ["concerts octobre", "concerts", "2026-10-01/2026-10-31"],
    ["conference in february", "conference", "2027-02-01/2027-02-28"],
    ["fireworks July 1st", "fireworks", "2026-07-01"],
    ["feux le 1er juillet", "feux", "2026-07-01"],
    ["parade Saturday June 13", "parade", "2026-06-13"],
    ["expo du 3 au 5 juillet", "expo", "2026-07-03/2026-07-05"],
    ["fair July 3-5 2027", "fair", "2027-07-03/2027-07-05"],
    ["May the 4th be with you May 4th", "may the 4th be with you", "2027-05-04"],
    ["jazz 2026-06-12", "jazz", "2026-06-12"],
    // Hours
    ["ballet after 7:30 pm", "ballet", "1170-1440"],
    ["concerts à 20h", "concerts", "1200-1259"],
    ["expo avant midi", "expo", "0-720"],
    ["yoga in the morning", "yoga", "300-719"],
    // Price
    ["spectacle gratuit", "spectacle", "free"],
    ["musée entrée libre", "musée", "free"],
    ["concert under $20", "concert", "≤ 20 any"],
    ["théâtre moins de 20 $", "théâtre", "≤ 20 any"],
    ["opéra moins de 35,50 €", "opéra", "≤ 35.5 EUR"],
    ["comedy less than 20 cad", "comedy", "≤ 20 CAD"],
    // Place; the name stays among the words
    ["jazz at The Rex tonight", "jazz the rex", "2026-05-20", "1020-1440", "place rex"],
    ["concert à Montréal", "concert montréal", "place montréal"],
    ["expo près de la gare samedi", "expo la gare", "weekday 6", "place gare"],
    ["march in High Park for kids", "march high park for kids", "place high park"],
    // What asks for anything at all
    ["things to do this weekend", "", "2026-05-22/2026-05-24"],
    ["any free events in Toronto", "any toronto", "free", "place toronto"],
    ["quoi faire ce soir", "", "2026-05-20", "1020-1440"],
    ["The Who tonight", "the who", "2026-05-20", "1020-1440"],
    // How one attends; these stay among the words too
    ["online yoga", "online yoga", "online"],
    ["atelier en ligne", "atelier en ligne", "online"],
    ["wheelchair accessible dance", "wheelchair accessible dance", "accessible"],
    ["jazz or blues tonight", "jazz blues", "2026-05-20", "1020-1440"],
  ])("%s", (q, rest, ...means) => expect(read(q)).toEqual({ rest, means }));

  test("of one word that is the whole query stays a word too", () => {
    for (const q of ["Saturday", "free", "gratuit", "today"]) {
      expect(read(q).rest).toBe(q.toLowerCase());
      expect(read(q).means).toHaveLength(1);
    }
  });

  test("tell which words they were", () => {
    expect(readPhrases(parseQuery("jazz On Saturday afternoon"), NOW, TORONTO).phrases.map(({ text }) => text)).toEqual([
      "on saturday afternoon",
      "on saturday afternoon",
    ]);
  });
});

describe("what is not a phrase", () => {
  test.each([
    '"Saturday Night Fever"',
    "Saturday Night Fever",
    "The Free Times Cafe",
    "Brian May",
    "women's march",
    "march for science",
    "life on mars",
    "june carter tribute",
    "sun ra arkestra",
    "gluten free baking",
    "kids under 12",
    "les moins de 12 ans",
    "virtual reality",
    "theatre in English",
    "Adele in concert",
    "July 32",
    "31 June",
    "jazz -saturday",
    "saturday OR sunday",
    "12th night of the proms",
    "2026",
    "wild things",
  ])("%s", (q) => {
    const parsed = parseQuery(q);
    expect(readPhrases(parsed, NOW, TORONTO)).toEqual({ rest: parsed, phrases: [] });
  });
});

describe("today", () => {
  test("is the day on the wall there, not in UTC", () => {
    const late = new Date("2026-05-21T03:00:00Z");
    expect(read("jazz today", late).means).toEqual(["2026-05-20"]);
    expect(read("jazz today", late, "Europe/Paris").means).toEqual(["2026-05-21"]);
  });

  test.each([
    ["2026-05-18", "2026-05-22/2026-05-24"],
    ["2026-05-23", "2026-05-23/2026-05-24"],
    ["2026-05-24", "2026-05-24"],
  ])("%s: this weekend is what is left of it", (day, expected) => {
    expect(read("jazz this weekend", new Date(`${day}T16:00:00Z`)).means).toEqual([expected]);
  });
});

test("the words of phrases are folded, so that they can be found", () => {
  const texts = Object.values(said)
    .flat(2)
    .filter((word) => typeof word === "string");
  expect(texts.length).toBeGreaterThan(100);
  for (const text of texts.filter((word) => word !== "à")) expect(fold(text)).toBe(text);
});
