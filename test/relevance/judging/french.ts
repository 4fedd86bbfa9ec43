/** Queries in French. Most events are described in English, so what is meant counts, in whichever language it is told. */
import { all, any, at, begins, conference, free, inToronto, kind, name, not, says, type JudgedNeed } from "./rules.ts";
import * as is from "./topics.ts";

const french = all(
  inToronto,
  any(name(/francophonie|hantée|french|éphémère|pelléas|paris/i), says(/\bfrench\b|\bfrançais|francophone|québ[eé]cois/i)),
);

export const FRENCH: readonly JudgedNeed[] = [
  {
    query: "concert gratuit",
    need: "Concerts without a charge.",
    grades: [
      [3, all(is.liveConcert, free)],
      [2, all(is.concert, free)],
      [2, all(inToronto, free, kind("Live Performances"), says(/live music|concert|\bbands?\b/i))],
      [1, is.liveConcert],
    ],
  },
  {
    query: "atelier pour enfants",
    need: "Workshops for children.",
    grades: [
      [3, all(any(is.workshop, is.cookingClass), any(kind("Family/Children"), name(/\bkids\b|child|youth/i)))],
      [2, any(all(is.children, says(/workshop|craft|hands-on/i)), name(/jr\. forest|parent-child/i))],
      [1, is.workshop],
    ],
  },
  {
    query: "conférence développeurs Paris",
    need: "Conferences for developers in Paris.",
    grades: [
      [3, all(conference, at(/paris, france/i), not(kind("ux", "product", "leadership")))],
      [2, all(conference, any(at(/paris, france/i), name(/\bparis\b/i)))],
      [1, all(conference, at(/france/i))],
    ],
  },
  {
    query: "marché de Noël",
    need: "Christmas and holiday markets.",
    grades: [
      [3, is.christmasMarket],
      [1, all(is.market, begins("2025-11-15", "2025-12-31"))],
    ],
  },
  {
    query: "marche hantée",
    need: "Haunted walks; one is given in French.",
    grades: [
      [3, name(/hantée|haunted walk/i)],
      [2, is.ghostWalk],
      [1, name(/ghost signs|haunt/i)],
    ],
  },
  {
    query: "cinéma en plein air",
    need: "Films in the open air.",
    grades: [
      [3, is.outdoorFilm],
      [1, is.film],
    ],
  },
  {
    query: "marché fermier",
    need: "Farmers' markets.",
    grades: [
      [3, is.trueFarmersMarket],
      [2, is.farmersMarket],
      [1, is.market],
    ],
  },
  {
    query: "festival de films",
    need: "Film festivals.",
    grades: [
      [3, is.filmFestival],
      [1, is.film],
    ],
  },
  {
    query: "spectacle d'humour",
    need: "Comedy on stage.",
    grades: [
      [3, is.standUp],
      [2, is.comedy],
    ],
  },
  {
    query: "théâtre pour enfants",
    need: "Plays and musicals for children.",
    grades: [
      [3, all(is.theatre, kind("Family/Children"))],
      [2, any(all(is.children, name(/puppet|pantomime|musical/i)), all(inToronto, at(/young people's theatre|wychwood theatre/i)))],
      [1, is.theatre],
    ],
  },
  {
    query: "exposition de photographies",
    need: "Exhibitions of photographs.",
    grades: [
      [3, all(is.photography, name(/photo|pinhole|lens\b/i))],
      [2, is.photography],
      [1, is.exhibition],
    ],
  },
  {
    query: "francophonie",
    need: "What concerns the French-speaking world.",
    grades: [
      [3, name(/francophonie/i)],
      [2, name(/hantée/i)],
      [1, french],
    ],
  },
  {
    query: "cours de cuisine",
    need: "Cooking classes.",
    grades: [
      [3, is.cookingClass],
      [1, all(inToronto, kind("Food/Culinary"), kind("Seminars/Workshops"))],
    ],
  },
  {
    query: "promenade historique guidée",
    need: "Guided walks through the city's history.",
    grades: [
      [3, is.historyWalk],
      [2, is.walkingTour],
      [1, all(inToronto, kind("Tour"))],
    ],
  },
  {
    query: "concert de Noël chorale",
    need: "Choirs that sing at Christmas.",
    grades: [
      [3, all(is.choir, is.christmasConcert)],
      [2, is.christmasConcert],
      [1, any(is.choir, all(inToronto, kind("Music"), says(/christmas/i)))],
    ],
  },
  {
    query: "soirée jazz",
    need: "An evening of jazz.",
    grades: [
      [3, is.jazzInName],
      [2, is.jazz],
      [1, all(inToronto, says(/\bjazz/i))],
    ],
  },
  {
    query: "sécurité informatique conférence",
    need: "Conferences on computer security.",
    grades: [
      [3, is.securityProper],
      [2, is.security],
      [1, all(conference, says(/privacy|identity/i))],
    ],
  },
  {
    query: "cours de peinture",
    need: "Lessons in painting.",
    grades: [
      [3, any(is.paintNight)],
      [2, is.paintClass],
      [1, all(is.workshop, kind("Arts/Exhibits"))],
    ],
  },
  {
    query: "spectacle de danse",
    need: "Dance on stage.",
    grades: [
      [3, all(is.dance, kind("Live Performances"), not(kind("Nightlife", "Seminars/Workshops")))],
      [1, is.dance],
    ],
  },
  {
    query: "soirée de poésie",
    need: "Evenings of poetry.",
    grades: [
      [3, all(is.poetry, name(/poetry/i))],
      [2, is.poetry],
      [1, all(inToronto, kind("Literary"))],
    ],
  },
  {
    query: "conférence design Montréal",
    need: "Conferences on design in Montréal.",
    grades: [
      [3, all(is.design, at(/montreal/i))],
      [1, any(all(conference, at(/montreal/i)), all(is.design, at(/canada/i)))],
    ],
  },
  {
    query: "musée gratuit",
    need: "Museums that cost nothing.",
    grades: [
      [3, all(is.museum, free, not(is.farmersMarket))],
      [2, all(is.museum, free)],
      [1, is.museum],
    ],
  },
  {
    query: "marché d'artisanat",
    need: "Markets of crafts.",
    grades: [
      [3, all(is.artisanMarket, any(kind("Artisan"), name(/artisan|craft|art/i)))],
      [2, is.artisanMarket],
      [1, any(is.market, kind("Artisan"))],
    ],
  },
];
