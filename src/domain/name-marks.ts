/**
 * What in two like names says that they are two: numbers, levels, ages, sessions, parts of a whole. "Part 1" and
 * "Part 2" are nine tenths alike and never the same.
 */
import { alignWords, isGeneric, ORDINAL, readName, type Name } from "./names.ts";

type MarkKind = "number" | "edition" | "year" | "clock" | "level" | "audience" | "session" | "part" | "weekday" | "language" | "letter";

/** Kinds that count even where only one of the names bears them: "Paint Night", "Paint Night for Kids". */
const ONE_SIDED: ReadonlySet<MarkKind> = new Set(["number", "level", "audience", "part", "language", "letter"]);

/** "value: words …" per line. */
function table(kind: MarkKind, lines: string): [string, { kind: MarkKind; value: string }][] {
  return lines
    .trim()
    .split("\n")
    .flatMap((line) => {
      const [value, ...some] = line.trim().split(/[:\s]+/);
      return some.map((word): [string, { kind: MarkKind; value: string }] => [word, { kind, value: value! }]);
    });
}

const MARKS = new Map([
  ...table(
    "level",
    `beginner: beginner beginners debutant debutants intro introduction introductory initiation novice basics
     intermediate: intermediate intermediaire intermediaires
     advanced: advanced avance avancee avances expert experts`,
  ),
  ...table(
    "audience",
    `children: kid kids child children childrens childs enfant enfants junior juniors
     youth: youth teen teens teenagers ados jeunes jeunesse
     small: toddler toddlers baby babies bebe bebes preschool
     family: family families famille familles
     adults: adult adults adulte adultes
     seniors: senior seniors aine aines elders
     men: men mens hommes
     women: women womens femmes ladies
     boys: boys garcons
     girls: girls filles`,
  ),
  ...table(
    "session",
    `morning: morning mornings matin
     afternoon: afternoon afternoons matinee matinees
     evening: evening evenings soir soiree
     early: early
     late: late midnight`,
  ),
  ...table(
    "part",
    `after: afterparty after apres
     before: preshow pre preview avant
     rehearsal: rehearsal repetition
     opening: opening vernissage ouverture launch lancement kickoff
     closing: closing finissage cloture
     talk: talkback qa talk
     vip: vip
     stream: livestream stream livestreamed
     workshop: workshop workshops atelier ateliers masterclass
     tour: tour tours visite visites
     meal: brunch lunch dinner breakfast
     audition: audition auditions
     parking: parking camping
     gala: gala
     half: half demi`,
  ),
  ...table(
    "weekday",
    `1: monday mondays lundi lundis
     2: tuesday tuesdays mardi mardis
     3: wednesday wednesdays mercredi mercredis
     4: thursday thursdays jeudi jeudis
     5: friday fridays vendredi vendredis
     6: saturday saturdays samedi samedis
     7: sunday sundays dimanche dimanches`,
  ),
  ...table(
    "language",
    `en: english anglais
     fr: french francais francaise
     es: spanish espagnol espanol
     de: german allemand
     zh: mandarin cantonese chinese`,
  ),
  ...table(
    "number",
    `1: one first i premier premiere
     2: two second ii deux deuxieme
     3: three third iii trois troisieme
     4: four fourth iv quatre
     5: five fifth cinq
     6: six sixth vi
     7: seven seventh vii sept
     8: eight eighth viii huit
     9: nine ninth ix neuf
     10: ten tenth dix`,
  ),
]);

const YEAR = /^(19|20)\d\d$/;
const CLOCK = /^(\d{1,2})(?:h(\d\d)?|am|pm)$/;
const LETTERED = new Set(
  "group team hall room section session cohort class level stage heat pool block stream groupe salle niveau".split(" "),
);
const COUNTED = new Set("part act chapter volume vol episode round week module level day night show partie acte semaine jour".split(" "));

/** The marks of a name by kind: "U12 Soccer, Week Two (2026)" -> number: 12, 2; year: 2026. */
export function nameMarks({ words: tokens }: Name): Map<MarkKind, Set<string>> {
  const marks = new Map<MarkKind, Set<string>>();
  const add = (kind: MarkKind, value: string) => marks.set(kind, (marks.get(kind) ?? new Set()).add(value));
  tokens.forEach((word, n) => {
    const [previous = "", next = ""] = [tokens[n - 1], tokens[n + 1]];
    const ordinal = ORDINAL.exec(word)?.[1];
    if (YEAR.test(word)) add("year", word);
    else if (CLOCK.test(word) || (/^\d{1,2}$/.test(word) && /^(am|pm)$/.test(next))) add("clock", word.replace(/[a-z]+/g, ""));
    else if (ordinal !== undefined) add(/^(annual|annuel|annuelle|edition|anniversary)$/.test(next) ? "edition" : "number", ordinal);
    else if (/\d/.test(word)) for (const digits of word.match(/\d+/g) ?? []) add("number", String(Number(digits)));
    else if (/^[vx]$/.test(word) && COUNTED.has(previous)) add("number", word === "v" ? "5" : "10");
    else if (word === "i" && !COUNTED.has(previous)) return;
    else if (/^[a-z]$/.test(word) && (LETTERED.has(previous) || (n === tokens.length - 1 && n > 0 && word !== "s"))) add("letter", word);
    else {
      const mark = MARKS.get(word);
      if (mark !== undefined) add(mark.kind, mark.value);
    }
  });
  return marks;
}

/** Words that say nothing of which event it is. */
const SOFT = /^(live|show|event|concert|festival|fest|presents|person|free|tickets?|online|feat|ft|featuring|guests?|special|edition)$/;

/**
 * Why the names cannot be of one thing: kinds of marks that differ, and "words" where each has words of its own that the
 * other lacks ("Yoga with Anna", "Yoga with Maria"). Empty where nothing contradicts. `about` are words of
 * the place, which may stand anywhere.
 */
export function readContradictions(a: Name, b: Name, about: readonly string[] = []): string[] {
  const [marksA, marksB] = [nameMarks(a), nameMarks(b)];
  const found: string[] = [];
  for (const kind of new Set([...marksA.keys(), ...marksB.keys()])) {
    const [some, others] = [marksA.get(kind) ?? new Set(), marksB.get(kind) ?? new Set()];
    const bothSpeak = some.size > 0 && others.size > 0;
    // Sets keep the order of the name: "Table 1, set 2" is not "Table 2, set 1".
    const differ = kind === "number" ? [...some].join() !== [...others].join() : some.symmetricDifference(others).size > 0;
    if ((bothSpeak || ONE_SIDED.has(kind)) && differ) found.push(kind);
  }
  const { leftA, leftB } = alignWords(a.core, b.core);
  const own = (left: string[]) => left.filter((word) => !SOFT.test(word) && !about.includes(word));
  if (own(leftA).length > 0 && own(leftB).length > 0) found.push("words");
  return found.toSorted();
}

/** readContradictions of two names as they are written. */
export const nameContradictions = (a: string, b: string): string[] => readContradictions(readName(a), readName(b));

/** Event words of English and French that mean the same. */
const MEANINGS = new Map(
  `concert spectacle show; exhibition exposition expo exhibit; workshop atelier; tour visite; guided guidee; theatre theater; music musique;
   dance danse; night nuit soiree evening; day jour journee; market marche; reading lecture; tale tales conte contes; family famille familles families;
   winter hiver; summer ete; spring printemps; autumn fall automne; opening vernissage ouverture; children kids enfants; christmas noel; museum musee;
   book books livre livres; garden jardin; park parc; walk promenade; light lights lumiere lumieres; meeting rencontre; song songs chanson chansons;
   choir choeur; festival fete fest; comedy humour comedie; conference conferences congres; film films cinema; art arts; free gratuit gratuite;
   world monde; history histoire; photography photographie; painting peinture; food cuisine; flower flowers fleur fleurs; lecture talk causerie;
   celebration fete celebrations; stories histoires; games jeux; open ouvert ouverte; house maison; new nouveau nouvelle; year annee; street rue`
    .split(";")
    .flatMap((line) => {
      const [first, ...others] = line.trim().split(/\s+/);
      return others.map((word) => [word, first!] as const);
    }),
);

/** Share of letters that mean the same in English and French, 0..1: "Marché de Noël", "Christmas Market" -> 1. */
export function translatedSimilarity(a: Name, b: Name): number {
  const meaning = ({ core }: Name) => core.map((word) => MEANINGS.get(word) ?? word);
  return alignWords(meaning(a), meaning(b)).similarity;
}

/** A name of none but generic words ("Open House") is borne by many. */
export const isCommonName = ({ core }: Name): boolean => core.every(isGeneric);
