/** Names that bear accents or other letters, typed with them and without. */
import { all, any, at, conference, kind, name, says, type JudgedNeed } from "./rules.ts";
import * as is from "./topics.ts";

/** A conference of some kind in a city; others there, or others of its kind in the country, fit somewhat. */
const inCity = (query: string, city: RegExp, topic: JudgedNeed["grades"][number][1], country: RegExp): JudgedNeed => ({
  query,
  need: `Such conferences in or named after the city of “${query}”, however it is spelt.`,
  grades: [
    [3, all(conference, any(at(city), name(city)), topic)],
    [1, any(all(conference, any(at(city), name(city))), all(topic, at(country)))],
  ],
});
/** Any conference there. */
const anyIn = (query: string, city: RegExp): JudgedNeed => ({
  query,
  need: "Any conference in or named after this city.",
  grades: [[3, all(conference, any(at(city), name(city)))]],
});
const artist = (query: string, pattern: RegExp, ...more: JudgedNeed["grades"]): JudgedNeed => ({
  query,
  need: "The event of that name, or with that artist.",
  grades: [[3, name(pattern)], [2, says(pattern)], ...more],
});

const MALMO = /[øo]rede/i;
export const ACCENTED: readonly JudgedNeed[] = [
  inCity("zurich devops", /z[uü]rich/i, is.devops, /switzerland/i),
  anyIn("Zürich conference", /z[uü]rich/i),
  inCity("sao paulo javascript", /s[aã]o paulo/i, is.javascript, /brazil/i),
  anyIn("São Paulo", /s[aã]o paulo/i),
  inCity("devopsdays montréal", /montr[eé]al/i, is.devops, /canada/i),
  anyIn("krakow", /krak[oó]w/i),
  inCity("Kraków security", /krak[oó]w/i, is.security, /poland/i),
  artist("oredev malmo", MALMO, [1, all(conference, at(/malm[oö]/i))]),
  artist("Øredev", MALMO),
  inCity("medellin javascript", /medell[ií]n/i, is.javascript, /colombia/i),
  inCity("devopsdays bogota", /bogot[aá]/i, is.devops, /colombia/i),
  inCity("Nurnberg developer", /n[uü]rnberg/i, all(conference, name(/developer|code|software|js|dev\b/i)), /^$/),
  artist("uberconf", /[uü]berconf/i),
  anyIn("münchen", /m[uü]nchen|munich/i),
  inCity("wroclaw ruby", /wroc[lł]aw|wroc_love/i, kind("ruby"), /poland/i),
  artist("Pelleas et Melisande", /pelléas/i),
  artist("vikingur olafsson", /víkingur/i, [1, all(is.piano, at(/koerner/i))]),
  artist("Ivan Fischer Budapest Festival Orchestra", /iván fischer/i, [1, all(is.classical, name(/orchestra/i))]),
  artist("danilo perez", /danilo p[eé]rez/i),
  artist("marc andre hamelin", /marc-andré hamelin/i, [1, is.piano]),
  artist("ephemere manela", /éphémère/i),
  artist("maria chavez dusk soundscapes", /maria chávez/i),
  artist("pathetique songs from the heart", /pathétique/i),
  {
    query: "comedy at Free Times Café",
    need: "Comedy at the Free Times Cafe, which is spelt both ways.",
    grades: [
      [3, all(is.comedy, at(/free times caf[eé]/i))],
      [1, all(is.comedy, kind("Live Performances"))],
    ],
  },
  inCity("reykjavík javascript", /reykjav[ií]k/i, is.javascript, /iceland/i),
  anyIn("Málaga conference", /m[aá]laga/i),
];
