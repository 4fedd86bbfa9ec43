/** A kind of event, and where or when. “Now” is Wednesday, 4 June 2025, noon, in Toronto. */
import {
  not,
  all,
  any,
  at,
  begins,
  conference,
  during,
  free,
  hours,
  inToronto,
  kind,
  lastsAtMost,
  name,
  near,
  weekday,
  type Condition,
  type JudgedNeed,
} from "./rules.ts";
import * as is from "./topics.ts";

/** Both kind and time (or place) as asked: 3. The kind alone: 1. */
const when = (query: string, need: string, topic: Condition, fits: Condition, nearly?: Condition): JudgedNeed => ({
  query,
  need,
  grades: [[3, all(topic, fits)], ...(nearly === undefined ? [] : [[2, all(topic, nearly)] as const]), [1, topic]],
});
/** A conference by subject, city and year: all three 3, subject and city 2, subject and year in that country 1. */
const conferenceIn = (query: string, topic: Condition, city: RegExp, year: string, country: RegExp): JudgedNeed => ({
  query,
  need: "Such a conference in that city and year; in other years it fits well.",
  grades: [
    [3, all(topic, at(city), begins(year))],
    [2, all(topic, at(city))],
    [1, any(all(topic, begins(year), at(country)), all(conference, at(city), begins(year)))],
  ],
});
const KENSINGTON = near(43.6547, -79.4005, 1_500);
const WEEKEND = all(during("2025-06-07", "2025-06-08"), lastsAtMost(14));

export const PLACE_TIME: readonly JudgedNeed[] = [
  when(
    "jazz near Kensington",
    "Jazz within a walk of Kensington Market, on any date.",
    is.jazz,
    all(is.jazzInName, KENSINGTON),
    KENSINGTON,
  ),
  when(
    "workshop on Saturday afternoon",
    "Workshops next Saturday between noon and six; other Saturday afternoons fit well.",
    is.workshop,
    all(begins("2025-06-07"), hours(12, 18)),
    all(weekday(6), hours(12, 18)),
  ),
  conferenceIn("python conference Berlin 2019", is.python, /berlin/i, "2019", /germany/i),
  when("markets in June", "Markets this June.", is.market, during("2025-06-01", "2025-06-30")),
  when(
    "comedy tonight",
    "Comedy on Wednesday, 4 June 2025.",
    is.comedy,
    all(during("2025-06-04"), lastsAtMost(14)),
    all(during("2025-06-05"), lastsAtMost(14)),
  ),
  when(
    "live music Friday night",
    "Concerts next Friday after six; other Friday nights fit well.",
    is.liveConcert,
    all(begins("2025-06-06"), hours(17, 24)),
    all(weekday(5), hours(17, 24)),
  ),
  when("drag brunch Sunday", "Drag brunches on a Sunday.", is.drag, all(is.dragBrunch, weekday(0)), is.dragBrunch),
  when("family events this weekend", "For families on 7 and 8 June 2025.", is.children, WEEKEND),
  when(
    "festivals this weekend",
    "Festivals on 7 and 8 June 2025.",
    all(inToronto, any(kind("Street Festival"), name(/festival|fest\b/i))),
    WEEKEND,
  ),
  when("walking tours in June", "Walking tours this June.", is.walkingTour, begins("2025-06")),
  {
    query: "Canada Day July 1",
    need: "Celebrations of Canada Day.",
    grades: [
      [3, name(/canada day|proud to be canadian/i)],
      [1, all(inToronto, begins("2025-07-01"))],
    ],
  },
  when(
    "Christmas market December",
    "Christmas and holiday markets in December 2025.",
    is.christmasMarket,
    during("2025-12-01", "2025-12-25"),
  ),
  {
    query: "New Year's Eve party",
    need: "Parties on 31 December.",
    grades: [
      [3, all(inToronto, begins("2025-12-31"))],
      [2, name(/new year'?s eve/i)],
      [1, name(/new year/i)],
    ],
  },
  conferenceIn("javascript Amsterdam 2022", is.javascript, /amsterdam/i, "2022", /netherlands/i),
  conferenceIn("devops London 2019", is.devops, /london/i, "2019", /u\.k\./i),
  conferenceIn("UX conference Toronto 2019", is.design, /toronto/i, "2019", /canada/i),
  {
    query: "security conference Las Vegas in August",
    need: "Security conferences in Las Vegas in an August.",
    grades: [
      [3, all(is.security, at(/las vegas/i), (event) => event.start.slice(5, 7) === "08")],
      [2, all(is.security, at(/las vegas/i))],
      [1, all(conference, at(/las vegas/i))],
    ],
  },
  when(
    "exhibitions at the Art Gallery of Ontario",
    "Exhibitions at the AGO.",
    all(inToronto, at(/art gallery of ontario/i)),
    all(is.exhibition, at(/art gallery of ontario/i)),
    kind("Arts/Exhibits"),
  ),
  when("Koerner Hall March 2026", "What is on at Koerner Hall in March 2026.", at(/koerner hall/i), begins("2026-03")),
  when("tree planting in May", "Tree planting in a May.", is.treePlanting, begins("2025-05")),
  {
    query: "ruby conference Japan",
    need: "Ruby conferences in Japan.",
    grades: [
      [3, all(is.ruby, at(/japan/i))],
      [1, all(conference, at(/japan/i))],
    ],
  },
  when(
    "Harbourfront Centre in July",
    "What is on at Harbourfront Centre in July 2025.",
    all(inToronto, at(/harbourfront cent/i)),
    during("2025-07-01", "2025-07-31"),
  ),
  {
    query: "March Break at the museum",
    need: "Museums' programmes in March Break.",
    grades: [
      [3, all(name(/march break/i), is.museum)],
      [2, name(/march break/i)],
      [1, all(is.museum, during("2026-03-14", "2026-03-22"), lastsAtMost(20), is.children)],
    ],
  },
  when(
    "pride party June",
    "Pride parties this June.",
    all(is.pride, any(kind("Nightlife", "Celebration", "Celebrations"), name(/party|celebration|ball/i))),
    begins("2025-06"),
  ),
  when(
    "outdoor movies July",
    "Films in the open air in July 2025.",
    is.film,
    all(is.outdoorFilm, during("2025-07-01", "2025-07-31")),
    is.outdoorFilm,
  ),
  when("farmers market Thursday", "Farmers' markets on a Thursday.", is.farmersMarket, weekday(4)),
  when("nature walk High Park", "Nature walks in High Park.", is.natureWalk, at(/high park/i)),
  when("food festival Nathan Phillips Square", "Food festivals on that square.", is.foodFestival, at(/nathan phil+ips? square/i)),
  when(
    "free concerts in the park August",
    "Concerts in parks in August 2025 that cost nothing.",
    all(is.concert, any(free, at(/\bpark\b|garden/i)), not(name(/skate|market/i))),
    all(free, at(/\bpark\b|garden/i), during("2025-08-01", "2025-08-31")),
    all(free, at(/\bpark\b|garden/i)),
  ),
];
