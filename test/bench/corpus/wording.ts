/** How the corpus names and describes things: templates in English and French, filled from the vocabulary. */
import { chance, weighted, zipf, type Chance } from "./random.ts";
import { makeVocabulary, type Vocabulary } from "./vocabulary.ts";

export type Speech = "en" | "fr";

/** Kinds of event of each domain, English | French | schema.org type. */
const KINDS = {
  music: [
    "concert|concert|MusicEvent",
    "live music|musique live|MusicEvent",
    "recital|récital|MusicEvent",
    "open mic|scène ouverte|MusicEvent",
    "gig|concert|MusicEvent",
    "jam session|bœuf|MusicEvent",
    "choir evening|soirée chorale|MusicEvent",
    "album launch|lancement d'album|MusicEvent",
    "DJ night|soirée DJ|MusicEvent",
    "opera|opéra|MusicEvent",
  ],
  arts: [
    "exhibition|exposition|ExhibitionEvent",
    "theatre|théâtre|TheaterEvent",
    "dance performance|spectacle de danse|DanceEvent",
    "film screening|projection|ScreeningEvent",
    "comedy night|soirée humour|ComedyEvent",
    "gallery opening|vernissage|VisualArtsEvent",
    "puppet show|marionnettes|ChildrensEvent",
    "improv|improvisation|ComedyEvent",
  ],
  culture: [
    "festival|festival|Festival",
    "guided tour|visite guidée|Event",
    "book reading|lecture|LiteraryEvent",
    "heritage day|journée du patrimoine|Event",
    "poetry slam|slam de poésie|LiteraryEvent",
    "storytelling|contes|LiteraryEvent",
  ],
  community: [
    "market|marché|SaleEvent",
    "street party|fête de quartier|SocialEvent",
    "family day|journée en famille|ChildrensEvent",
    "fundraiser|collecte de fonds|SocialEvent",
    "meetup|rencontre|SocialEvent",
    "picnic|pique-nique|FoodEvent",
    "quiz night|soirée quiz|SocialEvent",
  ],
  education: [
    "workshop|atelier|EducationEvent",
    "lecture|conférence|EducationEvent",
    "course|cours|CourseInstance",
    "conference|colloque|BusinessEvent",
    "story time|heure du conte|ChildrensEvent",
    "panel discussion|table ronde|EducationEvent",
  ],
  sports: [
    "run|course à pied|SportsEvent",
    "yoga class|cours de yoga|SportsEvent",
    "match|match|SportsEvent",
    "tournament|tournoi|SportsEvent",
    "bike ride|balade à vélo|SportsEvent",
  ],
  general: ["event|événement|Event", "special evening|soirée spéciale|Event", "open house|portes ouvertes|Event"],
} as const;
export type Domain = keyof typeof KINDS;
const DOMAINS = Object.keys(KINDS) as Domain[];
const domainBy = weighted([30, 20, 12, 15, 12, 6, 5]);

const KEYWORDS =
  "Music,Free,Family,Live Music,Comedy,Theatre,Jazz,Festival,Art,Dance,Kids,Film,Workshop,Community,Food,Outdoors,Exhibition,Rock,Classical,Literature,History,Indie,Electronic,Education,Science,Museum,Nightlife,Pop,Folk,Hip Hop,Charity,Networking,Technology,Wellness,Yoga,Heritage,Poetry,Opera,Ballet,Blues,Soul,Punk,Metal,Choir,Improv,Stand-up,Craft,Photography,Painting,Sculpture,Design,Architecture,Nature,Gardening,Cooking,Wine,Beer,Market,Fashion,Queer,Pride,Indigenous,Black History,Asian Heritage,Latin,Salsa,Tango,Swing,Reggae,World Music,Early Music,Baroque,Contemporary,Experimental,Puppetry,Circus,Magic,Storytelling,Books,Languages,Politics,Environment,Sustainability,Startups,Gaming,Board Games,Running,Cycling,Football,Basketball,Hockey,Tennis,Seniors,Youth,Toddlers,Accessible,Halloween,Christmas,New Year,Carnival,Spring,Summer,Cinéma,Musique,Théâtre,Jeunesse,Patrimoine,Gratuit".split(
    ",",
  );

export interface Wording {
  vocabulary: Vocabulary;
  domain(by: Chance): Domain;
  /** What an event is called, and its schema.org type. */
  event(
    by: Chance,
    about: { domain: Domain; speech: Speech; venue?: string | undefined; performer?: string | undefined; city: string },
  ): { name: string; type: string };
  /** Up to 1,200 characters, many short and some long; undefined for one in six. */
  description(by: Chance): string | undefined;
  keywords(by: Chance): string[];
  /** "Grenalia Brass": words as names have them, the first letters large. */
  title(by: Chance, words: number): string;
}

export function makeWording(): Wording {
  const vocabulary = makeVocabulary();
  const by = chance(11);
  const keywords = [...KEYWORDS];
  while (keywords.length < 200) keywords.push(capital(vocabulary.words[50 + by.below(3_000)]!));
  const keywordRank = zipf(keywords.length, 0.9);
  /** Of 24 steps of 50 characters each. */
  const lengthRank = zipf(24, 0.7);
  const title = (on: Chance, words: number) => Array.from({ length: words }, () => capital(vocabulary.word(on))).join(" ");
  return {
    vocabulary,
    title,
    domain: (on) => DOMAINS[domainBy(on)]!,
    event(on, { domain, speech, venue, performer, city }) {
      const [en, fr, type] = on.one(KINDS[domain]).split("|") as [string, string, string];
      const kind = speech === "fr" ? fr : en;
      const theme = title(on, 1 + on.below(3));
      const [at, withWord, of] = speech === "fr" ? ["au", "avec", "de"] : ["at", "with", "of"];
      const forms = [
        `${theme} ${kind}`,
        `${capital(kind)}: ${theme}`,
        `${capital(kind)} ${of} ${theme}`,
        `${theme} – ${city} ${kind}`,
        performer === undefined ? `${theme} ${kind} ${1 + on.below(12)}` : `${performer}: ${theme}`,
        performer === undefined ? `${capital(kind)} ${withWord} ${theme}` : `${capital(kind)} ${withWord} ${performer}`,
        venue === undefined ? `${theme} ${kind} online` : `${theme} ${at} ${venue}`,
      ];
      return { name: on.one(forms).slice(0, 500), type };
    },
    description(on) {
      if (on.likely(1 / 6)) return undefined;
      const length = 50 * lengthRank(on) + on.below(50);
      const sentences: string[] = [];
      let [written, left] = [0, 0];
      let sentence = "";
      while (written < length) {
        if (left === 0) {
          if (sentence !== "") sentences.push(`${capital(sentence)}.`);
          [sentence, left] = ["", 5 + on.below(15)];
        }
        const word = vocabulary.running(on);
        sentence += sentence === "" ? word : ` ${word}`;
        written += word.length + 1;
        left--;
      }
      const text = [...sentences, sentence === "" ? "" : `${capital(sentence)}.`].join(" ").trim().slice(0, 1_200);
      return text === "" ? undefined : text;
    },
    keywords: (on) => [...new Set(Array.from({ length: on.below(6) }, () => keywords[keywordRank(on)]!))],
  };
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
