/** Words of people for things that the events call otherwise. */
import { all, any, at, conference, inToronto, kind, name, not, says, type JudgedNeed } from "./rules.ts";
import * as is from "./topics.ts";

const kidsShow = all(is.children, kind("Live Performances", "Theatre"));
const folk = all(is.concert, says(/\bfolk|bluegrass|fiddle|banjo|americana/i));
export const SYNONYMS: readonly JudgedNeed[] = [
  {
    query: "gig",
    need: "A concert, rather in a bar or club than in a hall.",
    grades: [
      [
        3,
        all(is.liveConcert, any(kind("Nightlife"), at(/drom|hughs room|burdock|el mocambo|bovine|lee's palace|houndstooth|tranzac|bsmt/i))),
      ],
      [2, is.liveConcert],
      [1, is.concert],
    ],
  },
  {
    query: "movie night",
    need: "An evening at the cinema or under a screen outdoors.",
    grades: [
      [3, any(is.outdoorFilm, all(is.film, not(is.filmFestival), kind("Film")))],
      [2, is.film],
      [1, name(/sing along|nostalgic movie|in concert$/i)],
    ],
  },
  {
    query: "motion pictures",
    need: "Films.",
    grades: [
      [3, all(is.film, kind("Film"))],
      [2, is.film],
    ],
  },
  {
    query: "stuff for toddlers",
    need: "Things to do with the smallest children.",
    grades: [
      [3, all(inToronto, name(/tiny explorers|jr\. forest|mother goose|parent-child|nature play|stroll together/i))],
      [2, all(is.children, says(/toddler|pre-?school|babies|caregivers|all ages/i))],
      [1, is.children],
    ],
  },
  {
    query: "shows for kids",
    need: "Shows that are made for children.",
    grades: [
      [
        3,
        all(is.children, any(kind("Theatre"), name(/puppet|pantomime|circus|magician|songs of|toy story|charlie brown|munsch|musical/i))),
      ],
      [2, kidsShow],
      [1, is.children],
    ],
  },
  {
    query: "xmas fair",
    need: "Christmas markets and fairs.",
    grades: [
      [3, is.christmasMarket],
      [1, any(is.artisanMarket, is.christmas)],
    ],
  },
  {
    query: "pub quiz",
    need: "Trivia nights.",
    grades: [
      [3, is.trivia],
      [1, all(inToronto, kind("Trivia"))],
    ],
  },
  {
    query: "spooky stroll",
    need: "Haunted walks and ghost tours.",
    grades: [
      [3, is.ghostWalk],
      [2, name(/not so spooky/i)],
      [1, name(/ghost|haunt|halloween|hidden toronto city tour/i)],
    ],
  },
  {
    query: "birdwatching",
    need: "Looking at birds.",
    grades: [
      [3, is.birds],
      [1, is.natureWalk],
    ],
  },
  {
    query: "pottery lesson",
    need: "Learning to work with clay.",
    grades: [
      [3, is.clay],
      [1, all(is.workshop, kind("Artisan", "Arts/Exhibits"))],
    ],
  },
  {
    query: "culinary lesson",
    need: "Cooking and baking classes.",
    grades: [
      [3, is.cookingClass],
      [1, all(is.food, is.workshop)],
    ],
  },
  {
    query: "jogging race",
    need: "Runs; charity walks fit little.",
    grades: [
      [3, name(/\b(5|10)k\b|\brun\b|spring run-off/i)],
      [1, is.run],
    ],
  },
  {
    query: "drama play on stage",
    need: "Plays.",
    grades: [
      [3, all(is.theatre, kind("Live Performances"), not(kind("Comedy", "Music", "Dance")))],
      [2, all(is.theatre, not(kind("Comedy", "Film")))],
      [1, is.theatre],
    ],
  },
  {
    query: "stand up laughs",
    need: "Stand-up comedy.",
    grades: [
      [3, is.standUp],
      [2, is.comedy],
    ],
  },
  {
    query: "illusionist",
    need: "Shows of magic.",
    grades: [
      [3, is.magicShow],
      [1, any(name(/hocus pocus|something strange circus/i), all(inToronto, says(/\bmagicians?\b|illusionist/i)))],
    ],
  },
  {
    query: "block party",
    need: "Street festivals and parties of a neighbourhood.",
    grades: [
      [3, any(name(/block party|street party/i), all(is.streetFestival, any(name(/fest|taste|street|crawl|day|wheels|sensation/i))))],
      [2, is.streetFestival],
    ],
  },
  {
    query: "greengrocer stalls",
    need: "Markets for vegetables and food.",
    grades: [
      [3, any(is.trueFarmersMarket, name(/good food|food market|fresh (produce )?market/i))],
      [2, is.farmersMarket],
      [1, is.market],
    ],
  },
  {
    query: "snapshots on display",
    need: "Exhibitions of photographs.",
    grades: [
      [3, is.photography],
      [1, all(inToronto, kind("Arts/Exhibits"), says(/photo/i))],
    ],
  },
  {
    query: "gay bar night",
    need: "Queer parties and shows at night.",
    grades: [
      [
        3,
        all(
          is.pride,
          not(any(kind("Family/Children", "Museum", "Environmental"), name(/brunch/i))),
          any(kind("Nightlife"), is.drag, name(/party|\bnight\b|\bnite\b|\bball\b/i)),
        ),
      ],
      [2, all(is.pride, kind("Live Performances"))],
      [1, is.pride],
    ],
  },
  {
    query: "infosec meetup",
    need: "Conferences on information security.",
    grades: [
      [3, is.securityProper],
      [2, is.security],
    ],
  },
  {
    query: "k8s",
    need: "Conferences on Kubernetes.",
    grades: [
      [3, is.kubernetes],
      [1, all(conference, says(/container|docker|cloud/i))],
    ],
  },
  {
    query: "machine intelligence symposium",
    need: "Conferences on artificial intelligence.",
    grades: [
      [3, is.machineLearning],
      [2, all(inToronto, name(/machine intelligence|women in a\.i/i))],
    ],
  },
  {
    query: "stylesheets",
    need: "Conferences on CSS.",
    grades: [
      [3, all(conference, any(kind("css"), name(/css/i)))],
      [1, all(is.frontend, name(/front-?end/i))],
    ],
  },
  {
    query: "quality assurance",
    need: "Conferences on testing software.",
    grades: [
      [3, is.testingProper],
      [2, is.testing],
    ],
  },
  {
    query: "recital for keyboard",
    need: "Piano recitals.",
    grades: [
      [3, is.piano],
      [1, all(is.concert, says(/piano/i))],
    ],
  },
  {
    query: "hootenanny folk singing",
    need: "Folk music.",
    grades: [
      [3, all(folk, name(/folk|bluegrass|fiddle|country|ceilidh|david francey|don ross|windborne/i))],
      [2, folk],
    ],
  },
  {
    query: "novelist reading",
    need: "Authors who read or talk.",
    grades: [
      [3, all(inToronto, any(name(/author|book launch|book club|reading|memoir/i), all(is.literary, not(is.poetry))))],
      [2, is.literary],
      [1, is.poetry],
    ],
  },
  {
    query: "paint and sip",
    need: "Painting together in the evening.",
    grades: [
      [3, all(is.paintNight, name(/night|pouring/i))],
      [2, is.paintNight],
      [1, is.paintClass],
    ],
  },
];
