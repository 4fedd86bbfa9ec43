/** Names, typed as they are written. What bears the name: 3; the same series, house or kind of evening: 1. */
import { all, any, at, by, inToronto, kind, name, says, type JudgedNeed } from "./rules.ts";
import * as is from "./topics.ts";

/** A named event and nothing else. */
const named = (query: string, pattern: RegExp, ...more: JudgedNeed["grades"]): JudgedNeed => ({
  query,
  need: `The event called “${query}”, on any date.`,
  grades: [[3, name(pattern)], ...more],
});

export const EXACT: readonly JudgedNeed[] = [
  named("Toronto Outdoor Picture Show", /outdoor picture show/i, [1, is.outdoorFilm]),
  named("Inside Out Toronto 2SLGBTQ+ Film Festival", /inside out toronto/i, [
    1,
    any(is.filmFestival, all(is.film, kind("LGBTQ2S+", "2SLGBTQ+"))),
  ]),
  named("Kensington Flea", /kensington flea/i, [1, all(inToronto, at(/kensington market/i))]),
  named("Breaking Bard: An Improvised Shakespeare", /breaking bard/i, [1, all(is.comedy, says(/improvised/i))]),
  named("Shab-e She'r Poetry Night", /shab-e she/i, [1, is.poetry]),
  named("Where The Wild Things Are", /where the wild things are/i, [1, at(/young people's theatre/i)]),
  named("Penn and Teller: 50 Years of Magic", /penn and teller/i, [1, name(/magician|wizard with/i)]),
  named("Polaris Music Prize", /polaris music prize/i),
  named("One Of a Kind Christmas Show", /one of a kind/i),
  named("DakhaBrakha", /dakhabrakha/i),
  named("Queer Emo Nite", /queer emo nite/i),
  named("By the Lake Book Club", /by the lake book club/i, [1, all(is.literary, at(/assembly hall/i))]),
  named("Taste of Little Italy", /taste of little italy/i, [1, all(is.foodFestival, name(/taste of/i))]),
  named("Yayoi Kusama's INFINITY MIRRORED ROOM", /kusama/i),
  named("Tchaikovsky's Swan Lake", /swan lake/i, [1, all(inToronto, says(/tchaikovsky/i))]),
  named("KubeCon CloudNativeCon", /kubecon/i, [1, is.kubernetes]),
  named("FOSDEM", /\bfosdem/i),
  named("Strange Loop", /strange loop/i),
  named("JSConf EU", /jsconf eu\b/i, [1, all(is.javascript, name(/jsconf/i))]),
  named("Rubyfuza", /rubyfuza/i, [1, all(is.ruby, at(/south africa/i))]),
  {
    query: "PyCon US",
    need: "PyCon of the United States, which is also called just PyCon.",
    grades: [
      [3, all(name(/^pycon( \(?us\)?)?$/i), at(/u\.s\.a/i))],
      [1, all(is.python, name(/pycon/i))],
    ],
  },
  {
    query: "Koerner Hall",
    need: "What is on at Koerner Hall, the concert hall; other halls of the Royal Conservatory fit somewhat.",
    grades: [
      [3, at(/koerner hall/i)],
      [1, at(/royal conservatory|temerty|mazzoleni/i)],
    ],
  },
  {
    query: "DROM Taberna",
    need: "What is on at DROM Taberna.",
    grades: [[3, any(at(/drom taberna/i), name(/drom taberna/i))]],
  },
  {
    query: "Alan Cross Talks",
    need: "The talk by Alan Cross.",
    grades: [
      [3, name(/alan cross/i)],
      [1, any(name(/history of music and pop culture|punk in toronto/i))],
    ],
  },
  {
    query: "Toronto Games Week",
    need: "Any part of Toronto Games Week.",
    grades: [
      [3, any(name(/toronto games week/i))],
      [2, all(inToronto, says(/toronto games week/i))],
      [1, name(/xp game summit|come play werewolf|video game industry|vector festival game/i)],
    ],
  },
  {
    query: "Backroom Comedy Club",
    need: "Shows at the Backroom Comedy Club; stand-up elsewhere fits little.",
    grades: [
      [3, any(at(/backroom comedy club/i), by(/backroom comedy club/i))],
      [1, is.standUp],
    ],
  },
];
