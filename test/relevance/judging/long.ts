/** Sentences of 8 to 25 words, as one asks a friend. “Now” is Wednesday, 4 June 2025, noon, in Toronto. */
import {
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
  not,
  online,
  says,
  weekday,
  type JudgedNeed,
} from "./rules.ts";
import * as is from "./topics.ts";

export const LONG: readonly JudgedNeed[] = [
  {
    query: "free jazz concert for kids near Kensington Market on a Saturday afternoon",
    need: "Jazz near Kensington Market; free, for children and on a Saturday afternoon is better still, but no event has all of it.",
    grades: [
      [3, all(is.jazz, near(43.6547, -79.4005, 1_500), any(free, weekday(6), kind("Family/Children")))],
      [2, any(all(is.jazzInName, any(free, weekday(6), kind("Family/Children"))), all(is.jazz, near(43.6547, -79.4005, 1_500)))],
      [1, any(is.jazz, all(is.liveConcert, kind("Family/Children"), free))],
    ],
  },
  {
    query: "I want to learn how to paint with friends over a glass of wine in the evening",
    need: "Paint nights.",
    grades: [
      [3, all(is.paintNight, any(name(/night/i), hours(17, 24)))],
      [2, is.paintNight],
      [1, all(is.workshop, kind("Arts/Exhibits"))],
    ],
  },
  {
    query: "where can I buy fresh vegetables directly from local farmers at the weekend",
    need: "Farmers' markets on Saturday or Sunday.",
    grades: [
      [3, all(is.trueFarmersMarket, weekday(0, 6))],
      [2, is.trueFarmersMarket],
      [1, any(all(inToronto, kind("Farmers Market", "Farmers' Market")), name(/good food market|fresh (produce )?market/i))],
    ],
  },
  {
    query: "a scary evening walk through old Toronto with stories about ghosts and haunted buildings",
    need: "Ghost tours at night.",
    grades: [
      [3, is.ghostWalk],
      [1, any(is.historyWalk, name(/ghost/i))],
    ],
  },
  {
    query: "conference about artificial intelligence and machine learning in San Francisco or the Bay Area",
    need: "Conferences on AI around San Francisco.",
    grades: [
      [
        3,
        all(
          is.machineLearning,
          at(
            /san francisco|san jose|oakland|berkeley|mountain view|palo alto|santa clara|burlingame|redwood city|san mateo|sunnyvale|menlo park/i,
          ),
        ),
      ],
      [
        2,
        all(
          conference,
          kind("data"),
          at(/san francisco|san jose|oakland|berkeley|mountain view|palo alto|santa clara|burlingame|redwood city|san mateo|sunnyvale/i),
        ),
      ],
      [1, is.machineLearning],
    ],
  },
  {
    query: "somewhere to take my children during the school holidays in March with crafts or baking",
    need: "March Break programmes for children.",
    grades: [
      [3, all(name(/march break|cookie decorating at the historic/i))],
      [2, all(is.children, during("2026-03-14", "2026-03-22"), lastsAtMost(20))],
      [1, all(is.children, any(is.workshop, is.cookingClass, says(/craft/i)))],
    ],
  },
  {
    query: "choir singing Christmas carols in a church before the holidays start",
    need: "Choirs in churches at Christmas.",
    grades: [
      [3, all(is.choir, is.christmasConcert, at(/church|citadel|trinity|congregation/i))],
      [2, any(all(is.choir, is.christmasConcert), all(is.christmasConcert, at(/church|citadel|trinity/i)))],
      [1, any(is.christmasConcert, all(is.choir, at(/church/i)))],
    ],
  },
  {
    query: "stand-up comedy show late at night with local comedians and cheap tickets",
    need: "Stand-up that begins at nine or later.",
    grades: [
      [3, all(is.standUp, any(hours(21, 24), hours(0, 3), name(/late night|midnight/i)))],
      [2, is.standUp],
      [1, is.comedy],
    ],
  },
  {
    query: "help plant trees in a park with my family as volunteers this spring",
    need: "Tree planting events.",
    grades: [
      [3, is.treePlanting],
      [1, all(inToronto, kind("Environmental"), says(/volunteer|stewardship|planting/i))],
    ],
  },
  {
    query: "guided walk about the history of immigrants and neighbourhoods in the old city",
    need: "Walks through the history of neighbourhoods and those who came there.",
    grades: [
      [
        3,
        all(
          is.historyWalk,
          any(
            name(/chinatown|greek|migration|black on king|cultures|little india|jamaica|immigra/i),
            says(/immigra|newcomer|migrant|diaspora/i),
          ),
        ),
      ],
      [2, is.historyWalk],
      [1, all(inToronto, kind("Tour"), kind("History"))],
    ],
  },
  {
    query: "photography exhibition in a small gallery that is free and open during the week",
    need: "Free exhibitions of photographs in galleries.",
    grades: [
      [3, all(is.photography, free, at(/gallery|koffler|onsite|image centre|daniels|lisgar/i))],
      [2, is.photography],
      [1, all(is.exhibition, free)],
    ],
  },
  {
    query: "looking for a devops or kubernetes conference in Germany in the autumn of 2023",
    need: "Such conferences in Germany, best from September to November 2023.",
    grades: [
      [3, all(is.devops, at(/germany/i), begins("2023-09", "2023-12"))],
      [2, all(is.devops, at(/germany/i), begins("2023"))],
      [1, any(all(is.devops, at(/germany/i)), all(is.devops, begins("2023-09", "2023-11")))],
    ],
  },
  {
    query: "an evening of classical piano music by Beethoven or Chopin in a concert hall",
    need: "Piano recitals; other classical concerts with that music fit well.",
    grades: [
      [3, all(is.piano, at(/hall/i), is.classical)],
      [2, any(all(inToronto, kind("Music"), name(/chopin|beethoven/i)), all(is.classical, says(/beethoven|chopin/i)), is.piano)],
      [1, is.classical],
    ],
  },
  {
    query: "drag queens performing while we have brunch and mimosas on Mother's Day",
    need: "Drag brunches, best on Mother's Day.",
    grades: [
      [3, all(name(/drag brunch/i), name(/mother/i))],
      [2, name(/drag brunch/i)],
      [1, any(is.drag, name(/mother['’]s day/i))],
    ],
  },
  {
    query: "watch short films by young directors from all around the world at a festival",
    need: "Festivals of short films.",
    grades: [
      [3, all(is.filmFestival, any(name(/short|minute/i), says(/short films?|shorts/i)))],
      [2, is.filmFestival],
      [1, is.film],
    ],
  },
  {
    query: "early morning walk to see migrating birds with an expert in High Park",
    need: "Bird walks in High Park.",
    grades: [
      [3, all(is.birds, any(at(/high park|discovery cent/i), name(/high park/i)))],
      [2, is.birds],
      [1, all(is.natureWalk, at(/high park/i))],
    ],
  },
  {
    query: "buy handmade gifts from local artisans at a winter market before Christmas",
    need: "Christmas markets of artisans.",
    grades: [
      [
        3,
        all(
          is.christmasMarket,
          any(kind("Artisan", "Arts/Exhibits"), says(/artisan|handmade|handcrafted|local (makers|vendors|artists)/i)),
        ),
      ],
      [2, is.christmasMarket],
      [1, is.artisanMarket],
    ],
  },
  {
    query: "online conference about web security that I can join from home without travelling",
    need: "Conferences on security that are held online.",
    grades: [
      [3, all(is.securityProper, online)],
      [2, all(is.security, online)],
      [1, any(is.security, all(conference, online, says(/privacy|identity/i)))],
    ],
  },
  {
    query: "poets reading their own work in an open mic night at a small club",
    need: "Nights of poetry.",
    grades: [
      [3, all(is.poetry, name(/poetry/i))],
      [2, is.poetry],
      [1, all(inToronto, kind("Literary"))],
    ],
  },
  {
    query: "taste dishes from many cultures at an outdoor food festival with live music in summer",
    need: "Food festivals of the summer.",
    grades: [
      [3, all(is.foodFestival, during("2025-06-01", "2025-09-15"), not(name(/food tour/i)))],
      [2, is.foodFestival],
      [1, all(inToronto, kind("Street Festival"), during("2025-06-01", "2025-09-15"))],
    ],
  },
  {
    query: "movies shown outside in the park after dark that cost nothing",
    need: "Films in the open air, free.",
    grades: [
      [3, all(is.outdoorFilm, free)],
      [2, is.outdoorFilm],
      [1, all(is.film, free)],
    ],
  },
  {
    query: "a play or musical for the whole family at the theatre around Christmas",
    need: "Family theatre at Christmas.",
    grades: [
      [3, all(is.theatre, any(kind("Family/Children"), name(/family/i)), during("2025-11-20", "2026-01-05"))],
      [
        2,
        any(
          all(is.theatre, during("2025-11-20", "2026-01-05"), name(/carol|christmas|miracle|merry/i)),
          all(inToronto, name(/pantomime/i)),
        ),
      ],
      [1, all(is.theatre, kind("Family/Children"))],
    ],
  },
  {
    query: "two day React or JavaScript conference for frontend developers somewhere in Scandinavia",
    need: "JavaScript conferences in Denmark, Sweden, Norway, Finland or Iceland.",
    grades: [
      [3, all(is.javascript, at(/denmark|sweden|norway/i))],
      [2, all(is.javascript, at(/finland|iceland/i))],
      [1, all(conference, at(/denmark|sweden|norway/i), kind("css", "ux", "general"))],
    ],
  },
  {
    query: "celebrate pride month with a dance party and live performances by queer artists",
    need: "Queer parties and performances, best in June.",
    grades: [
      [3, all(is.pride, begins("2025-06"), any(kind("Nightlife", "Live Performances", "Dance"), name(/party/i)))],
      [2, all(is.pride, kind("Nightlife", "Live Performances", "Dance"))],
      [1, is.pride],
    ],
  },
];
