/** Plurals, singulars and forms of verbs that differ from the words of the events. */
import { all, any, at, inToronto, kind, name, not, says, type JudgedNeed } from "./rules.ts";
import * as is from "./topics.ts";

export const INFLECTED: readonly JudgedNeed[] = [
  {
    query: "planting trees",
    need: "Events at which trees are planted.",
    grades: [
      [3, is.treePlanting],
      [1, is.treeTour],
    ],
  },
  {
    query: "jazz concerts",
    need: "Concerts of jazz.",
    grades: [
      [3, is.jazzInName],
      [2, is.jazz],
      [1, all(inToronto, says(/\bjazz/i))],
    ],
  },
  {
    query: "walked tours",
    need: "Walking tours of the city.",
    grades: [
      [3, all(is.walkingTour, name(/walking tour|guided walk|historical tour/i))],
      [2, all(is.walkingTour, kind("Tour"))],
      [1, any(is.walkingTour, all(inToronto, kind("Tour")))],
    ],
  },
  {
    query: "painted workshops",
    need: "Workshops in painting.",
    grades: [
      [3, is.paintNight],
      [2, is.paintClass],
      [1, all(is.workshop, at(/artbox/i))],
    ],
  },
  {
    query: "bird walks",
    need: "Walks to look at birds.",
    grades: [
      [3, all(is.birds, any(name(/walk|tour/i), kind("Walking", "Tour", "Run/Walk")))],
      [2, is.birds],
      [1, all(inToronto, name(/nature walk|wildlife walk/i))],
    ],
  },
  {
    query: "candles makings",
    need: "Workshops in making candles.",
    grades: [
      [3, all(is.candles, name(/making/i))],
      [2, is.candles],
      [2, name(/candles, sprays/i)],
    ],
  },
  {
    query: "haunting tour",
    need: "Haunted walks and ghost tours.",
    grades: [
      [3, is.ghostWalk],
      [1, name(/ghost signs|haunt/i)],
    ],
  },
  {
    query: "scavenger hunting",
    need: "Scavenger hunts.",
    grades: [
      [3, all(inToronto, name(/scavenger hunt/i))],
      [2, name(/the grand hunt|hunt for the brightwing|egg search/i)],
    ],
  },
  {
    query: "pianist",
    need: "Concerts of a pianist.",
    grades: [
      [3, is.piano],
      [2, all(inToronto, kind("Music"), says(/pianist/i))],
    ],
  },
  {
    query: "strings quartets",
    need: "String quartets.",
    grades: [
      [3, is.stringQuartet],
      [1, is.quartet],
    ],
  },
  {
    query: "photographic exhibitions",
    need: "Exhibitions of photographs.",
    grades: [
      [3, all(is.photography, name(/photo|pinhole|lens\b/i))],
      [2, is.photography],
    ],
  },
  {
    query: "improvising comedians",
    need: "Improvised comedy.",
    grades: [
      [3, is.improv],
      [1, is.comedy],
    ],
  },
  {
    query: "skating party",
    need: "Parties on ice or roller skates.",
    grades: [
      [3, all(inToronto, name(/skat/i))],
      [2, all(inToronto, name(/roller (express)/i))],
    ],
  },
  {
    query: "choirs singing Christmas carol",
    need: "Choirs that sing at Christmas.",
    grades: [
      [3, all(is.choir, name(/christmas|carol|holiday|messiah|season|merry|winter|advent/i))],
      [2, any(all(inToronto, kind("Music"), name(/carol/i)), all(is.choir, says(/christmas/i)))],
      [1, any(is.choirInName, is.christmasConcert)],
    ],
  },
  {
    query: "puppets",
    need: "Shows with puppets.",
    grades: [
      [3, all(inToronto, name(/puppet/i))],
      [2, all(inToronto, says(/puppet/i))],
    ],
  },
  {
    query: "baking class for child",
    need: "Baking with children.",
    grades: [
      [3, all(inToronto, name(/bak(e|ing)/i), any(kind("Family/Children"), name(/child|kids/i)))],
      [2, all(is.cookingClass, any(kind("Family/Children"), name(/child|kids|cookie/i)))],
      [1, is.cookingClass],
    ],
  },
  {
    query: "tester conferences",
    need: "Conferences on software testing.",
    grades: [
      [3, is.testingProper],
      [2, is.testing],
    ],
  },
  {
    query: "securing software conference",
    need: "Conferences on security.",
    grades: [
      [3, is.securityProper],
      [2, is.security],
    ],
  },
  {
    query: "poems nights",
    need: "Evenings of poetry.",
    grades: [
      [3, all(is.poetry, name(/poetry/i))],
      [1, any(is.poetry, name(/creative writing/i))],
    ],
  },
  {
    query: "dancer performing",
    need: "Performances of dance.",
    grades: [
      [3, all(is.dance, kind("Live Performances"), not(kind("Nightlife", "Seminars/Workshops")), says(/\bdancers?\b|choreograph/i))],
      [2, all(is.dance, kind("Live Performances"))],
      [1, is.dance],
    ],
  },
  {
    query: "knitted",
    need: "Knitting.",
    grades: [
      [3, all(inToronto, name(/\bknit/i))],
      [1, all(inToronto, any(name(/textile|quilt|weav/i), says(/\bknit/i)))],
    ],
  },
  {
    query: "films festivals",
    need: "Film festivals.",
    grades: [
      [3, is.filmFestival],
      [1, is.film],
    ],
  },
  {
    query: "museums exhibition",
    need: "Exhibitions in museums.",
    grades: [
      [3, all(is.museum, is.exhibition)],
      [2, all(is.museum, kind("Arts/Exhibits"))],
      [1, is.museum],
    ],
  },
  {
    query: "sculpted clay",
    need: "Working with clay.",
    grades: [
      [3, is.clay],
      [1, all(inToronto, says(/ceramics?\b|pottery/i))],
    ],
  },
];
