/** What other sources do to an event (still the same one) and what makes another event of it: the kinds of the labelled pairs. */
import type { EventLikeness, PlaceLikeness } from "../../src/domain/duplicates.ts";

/** Deterministic choice for a pair: the same seed, the same pick. */
export type Pick = <T>(list: readonly T[], salt?: string) => T;
/** What is said otherwise; undefined: no more said at all. */
export type Change<T> = { [K in keyof T]?: T[K] | undefined };
type Mutation = (event: EventLikeness, pick: Pick) => Change<EventLikeness> | undefined;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A start moved by `by` milliseconds, with its end; undefined where that leaves the day or the start is a date. */
function moved(event: EventLikeness, by: number): Change<EventLikeness> | undefined {
  if (event.startIsDate) return undefined;
  const local = (at: number) => at - 5 * HOUR;
  if (Math.floor(local(event.startAt) / DAY) !== Math.floor(local(event.startAt + by) / DAY)) return undefined;
  return { startAt: event.startAt + by, ...(event.endAt !== undefined && { endAt: event.endAt + by }) };
}

const dayAfter = (event: EventLikeness, days: number): Change<EventLikeness> => ({
  startAt: event.startAt + days * DAY,
  ...(event.endAt !== undefined && { endAt: event.endAt + days * DAY }),
  localDate: new Date(Date.parse(event.localDate) + days * DAY).toISOString().slice(0, 10),
});

/** The venue as another source spells it, unknown to the registry so far. */
function venueSpelt(
  event: EventLikeness,
  spell: (venue: NonNullable<EventLikeness["venue"]>) => object,
): Change<EventLikeness> | undefined {
  if (event.venue === undefined) return undefined;
  return { venueId: `${event.venueId} spelt otherwise`, venue: { ...event.venue, ...spell(event.venue) } };
}

const ACCENTS: Record<string, string> = { a: "à", e: "é", i: "î", o: "ô", u: "ü", c: "ç", E: "É", A: "À" };
const accented = (name: string) => name.replace(/[aeiouc](?=[^aeiou]*$)|(?<=^[^aeiou]*)[eao]/giu, (letter) => ACCENTS[letter] ?? letter);
const words = (name: string) => name.split(/\s+/);

const SPONSORS = [
  "Scotiabank",
  "RBC",
  "TD Bank Group",
  "The Arts Council",
  "Northern Lights Productions",
  "CBC Music",
  "Bell",
  "Collective Concerts",
];
export const STREETS: readonly [RegExp, string][] = [
  [/\bSt\b\.?/, "Street"],
  [/\bAve\b\.?/, "Avenue"],
  [/\bRd\b\.?/, "Road"],
  [/\bDr\b\.?/, "Drive"],
  [/\bBlvd\b\.?/, "Boulevard"],
  [/ W$/, " West"],
  [/ E$/, " East"],
];
export const spellStreet = (street: string) => STREETS.reduce((text, [short, long]) => text.replace(short, long), street);

/** One letter lost, doubled, replaced or swapped with its neighbour, in the longest word. */
export function mistyped(name: string, pick: Pick): string | undefined {
  const word = words(name).toSorted((a, b) => b.length - a.length)[0]!;
  if (word.length < 6 || !/^\p{L}+$/u.test(word)) return undefined;
  const at = pick([2, 3, 4], "where");
  const [head, one, two, tail] = [word.slice(0, at), word[at]!, word[at + 1]!, word.slice(at + 2)];
  const typo = pick([head + two + tail, head + one + one + two + tail, `${head}x${two}${tail}`, head + two + one + tail], "typo");
  return typo === word ? undefined : name.replace(word, typo);
}

/** Names of the real input in French, by hand. */
const IN_FRENCH: Record<string, string> = {
  "A Very Merry Mirvish Holiday Concert": "Un très joyeux concert des Fêtes Mirvish",
  "Beaches Jazz Festival": "Festival de jazz des Beaches",
  "Holiday Artisan Market": "Marché artisanal des Fêtes",
  "Romeo and Juliet": "Roméo et Juliette",
  "The Threepenny Opera": "L'Opéra de quat'sous",
  "Old Chinatown Walking Tour": "Visite à pied du vieux quartier chinois",
  "Spring Bird Festival": "Festival des oiseaux du printemps",
  "Good Neighbours Food Market": "Marché alimentaire des bons voisins",
  "Jurassic Weekend at ROM": "Fin de semaine jurassique au ROM",
  "Candle Painting Workshop": "Atelier de peinture de bougies",
  "Clay Sculpting Workshop": "Atelier de sculpture sur argile",
  "Linocut Reduction Printmaking Workshop": "Atelier de linogravure à planche perdue",
  "T-Shirt Printing Workshop": "Atelier d'impression de t-shirts",
  "Canada Day at Thomson Memorial Park": "Fête du Canada au parc Thomson Memorial",
  "Toronto Sketch Comedy Festival": "Festival de sketchs comiques de Toronto",
  "Doors Open at Scarborough Museum": "Portes ouvertes au musée de Scarborough",
  "Christian Music Festival": "Festival de musique chrétienne",
  "Northern Lights Painting Workshop": "Atelier de peinture d'aurores boréales",
  "Toronto's Santa Claus Parade Exhibition": "Exposition sur le défilé du père Noël de Toronto",
  "Holiday Lamplight Tours at Spadina Museum": "Visites des Fêtes à la lanterne au musée Spadina",
  "Summer Eco-Day at Scarborough Museum": "Journée écologique d'été au musée de Scarborough",
  "Intro to Square Dancing": "Initiation à la danse carrée",
  "World Wildlife Day Nature Walk in High Park": "Promenade nature à High Park pour la Journée mondiale de la vie sauvage",
  "Greektown on the Danforth Walking Tour": "Visite à pied du quartier grec",
  "New Year's Eve Celebrations at Harbourfront Centre": "Célébrations du Nouvel An au Harbourfront Centre",
};
export const isTranslated = (name: string): boolean => name in IN_FRENCH;

export const SAME: Record<string, Mutation> = {
  accents: ({ name }) => ({ name: accented(name) }),
  "case and punctuation": ({ name }) => ({ name: `${name.toUpperCase().replace(/[-:|–,]/g, " ")}!` }),
  "word order": ({ name }) => (words(name).length === 2 ? { name: words(name).toReversed().join(", ") } : halves(name)),
  articles: ({ name }, pick) => ({ name: name.startsWith("The ") ? name.slice(4) : `${pick(["The", "Le", "La"])} ${name}` }),
  "and, &, et": ({ name }) =>
    / (and|&) /.test(name) ? { name: name.replace(/ (and|&) /, (_, one) => (one === "and" ? " & " : " et ")) } : undefined,
  "sponsor before": ({ name }, pick) => ({
    name: `${pick(SPONSORS)} ${pick(["presents:", "presents", "proudly presents", "présente :"], "verb")} ${name}`,
  }),
  "sponsor after": ({ name }, pick) => ({
    name: `${name}${pick([", presented by", " - sponsored by", " (présenté par", " powered by"], "verb")} ${pick(SPONSORS)}`,
  }),
  "typing error": ({ name }, pick) => ({ name: mistyped(name, pick) ?? name }),
  year: ({ name, localDate }, pick) => {
    const year = localDate.slice(0, 4);
    return name.includes(year) ? undefined : { name: pick([`${name} ${year}`, `${year} ${name}`, `${name} (${year})`]) };
  },
  edition: ({ name }, pick) =>
    /annual|\d/i.test(name) ? undefined : { name: `${pick(["3rd Annual", "12th annual", "21e édition :", "Annual"])} ${name}` },
  "venue in the name": ({ name, venue }, pick) =>
    venue === undefined || name.includes(venue.name)
      ? undefined
      : { name: pick([`${name} @ ${venue.name}`, `${name} at ${venue.name}`, `${name} (${venue.name})`, `${name} - ${venue.name}`]) },
  "sponsor stuck on": ({ name }, pick) => ({ name: `${pick(["RBC", "Bell", "Scotiabank", "TD"])} ${name}` }),
  "subtitle dropped": ({ name }) => {
    const [title, ...rest] = name.split(/\s*[:|–]\s+|\s+-\s+/);
    return rest.length === 1 && title!.length > 8 ? { name: title!, url: undefined } : undefined;
  },
  "house by another name": (event, pick) =>
    venueSpelt(event, ({ latitude, longitude }) => ({
      name: pick(["Main Stage", "The Old Post Office", "Centre for Performance", "Upstairs Hall"]),
      ...(latitude !== undefined && { latitude: latitude + 0.0002, longitude: longitude! - 0.0002 }),
    })),
  "sold out": ({ name }, pick) => ({ name: pick([`SOLD OUT: ${name}`, `${name} (Sold Out)`, `CANCELLED - ${name}`]) }),
  "venue spelt otherwise": (event, pick) =>
    venueSpelt(event, ({ name, streetAddress }) => ({
      name: pick([
        `The ${name}`,
        name.toUpperCase(),
        name
          .replace(/Theatre/, "Theater")
          .replace(/Centre/, "Center")
          .replace(/&/, "and"),
        `${name}.`,
      ]),
      ...(streetAddress !== undefined && { streetAddress: spellStreet(streetAddress) }),
    })),
  "venue without point": (event) =>
    venueSpelt(event, ({ name, streetAddress, locality }) => ({
      name,
      streetAddress: streetAddress && spellStreet(streetAddress),
      locality,
      postalCode: undefined,
      latitude: undefined,
      longitude: undefined,
    })),
  "venue without address": (event, pick) =>
    venueSpelt(event, ({ latitude, longitude }) => ({
      streetAddress: undefined, locality: undefined, postalCode: undefined,
      ...(latitude !== undefined && { latitude: latitude + pick([0.0003, -0.0004]), longitude: longitude! + pick([0.0004, -0.0003], "east") }),
    })), // prettier-ignore
  "doors or show": (event, pick) => moved(event, pick([5, 10, 15, -10, -15]) * MINUTE),
  "clock an hour off": (event, pick) => moved(event, pick([HOUR, -HOUR, 30 * MINUTE])),
  "time zone forgotten": (event) => moved(event, -4 * HOUR),
  "date without time": (event) =>
    event.startIsDate ? undefined : { startAt: Date.parse(`${event.localDate}T04:00:00Z`), startIsDate: true, endAt: undefined },
  "translated, same page": ({ name }) => ({ name: IN_FRENCH[name] }),
  "translated, own page": ({ name, url }) => ({ name: IN_FRENCH[name], url: url?.replace(/^(https?:\/\/[^/]+)\/?/, "$1/fr/") }),
  "bare facts": () => ({ organizer: undefined, endAt: undefined, url: undefined, performers: [] }),
  "another seller": ({ name, endAt }, pick) => ({
    url: `https://tickets.example/e/${pick([1123, 2231, 3312, 4459])}`, organizer: undefined,
    name: `${name}${pick(["", " - Live", " Tickets"])}`, ...(endAt !== undefined && { endAt: endAt + pick([0, 30, -30]) * MINUTE }),
  }), // prettier-ignore
  "cancelled at one": () => ({ lifecycleState: "cancelled" }),
  "tracking in the address": ({ url, name }) =>
    url === undefined
      ? undefined
      : { url: `${url}${url.includes("?") ? "&" : "?"}utm_source=list&utm_medium=web`, name: name.toLowerCase() },
};

/** "A Night of Jazz: Gala" -> "Gala - A Night of Jazz". */
function halves(name: string): Change<EventLikeness> | undefined {
  const parts = name.split(/\s*[:|–]\s*|\s+-\s+/);
  return parts.length === 2 ? { name: `${parts[1]} - ${parts[0]}` } : undefined;
}

/** Both sides, where the difference is made of both; the second alone otherwise. */
export const OTHER: Record<string, (event: EventLikeness, pick: Pick, another: EventLikeness) => [Change<EventLikeness>, Change<EventLikeness>] | undefined> = {
  "same series, another day": (event, pick) => [{}, dayAfter(event, pick([1, 7, 14, -7, 2]))],
  "next year's": (event) => [{}, dayAfter(event, 364)],
  "another venue": (_event, _pick, { venue, venueId }) => [{}, { venue, venueId, organizer: undefined }],
  "another town": (event, pick) => {
    const town = pick(["Hamilton", "Ottawa", "Montréal", "Guelph", "London"]);
    return [{}, { venueId: `in ${town}`, venue: { name: event.venue?.name ?? town, locality: town }, url: undefined }];
  },
  part: ({ name }, pick) => {
    const form = pick([["Part 1", "Part 2"], ["Vol. 3", "Vol. 4"], ["Week One", "Week Two"], ["Chapter I", "Chapter II"], ["1st Show", "2nd Show"], ["Level 1", "Level 2"]]);
    return [{ name: `${name} ${form[0]}` }, { name: `${name} ${form[1]}` }];
  },
  "ages in numbers": ({ name }, pick) => {
    const [a, b] = pick([["U12", "U14"], ["Ages 4-6", "Ages 7-9"], ["(5+)", "(12+)"]]);
    return [{ name: `${name} ${a}` }, { name: `${name} ${b}` }];
  },
  audience: ({ name }, pick) => {
    const [a, b] = pick([[" for Kids", " for Adults"], [" (Teens)", " (Seniors)"], ["", " for Children"], [" - Family Session", ""], [" pour enfants", " pour adultes"], [": Men's", ": Women's"]]);
    return [{ name: `${name}${a}` }, { name: `${name}${b}` }];
  },
  level: ({ name }, pick) => {
    const [a, b] = pick([["Beginner", "Advanced"], ["Introductory", "Intermediate"], ["débutant", "avancé"]]);
    return [{ name: `${name} - ${a}` }, { name: `${name} - ${b}` }];
  },
  "early and late": (event, pick) => {
    const late = moved(event, pick([2.5, 3, 2]) * HOUR);
    const [a, b] = pick([["Early Show", "Late Show"], ["Matinee", "Evening"], ["", ""]]);
    return late && [{ name: `${event.name} ${a}`.trim() }, { name: `${event.name} ${b}`.trim(), ...late }];
  },
  "another person": ({ name }, pick) => {
    const [a, b] = pick([["Anna Petrov", "Maria Lopez"], ["the Kim Trio", "the Ortiz Quartet"], ["Dr. Chen", "Prof. Abara"], ["Red Hot Ramble", "Pat Temple"]]);
    return [{ name: `${name} with ${a}` }, { name: `${name} with ${b}` }];
  },
  "other performers": ({ name }, pick) => {
    const [a, b] = pick([["Anna Petrov", "Maria Lopez"], ["Kim Trio", "Ortiz Quartet"], ["The Hi-Lo Players", "Botany"]]);
    return [{ performers: [a!] }, { performers: [b!], name: `${name} Live` }];
  },
  language: ({ name }, pick) => {
    const [a, b] = pick([["in English", "in French"], ["(English)", "(français)"], ["", "in Mandarin"]]);
    return [{ name: `${name} ${a}`.trim() }, { name: `${name} ${b}` }];
  },
  letter: ({ name }, pick) => {
    const [a, b] = pick([["Group A", "Group B"], ["Session B", "Session C"], ["Heat A", "Heat C"]]);
    return [{ name: `${name} - ${a}` }, { name: `${name} - ${b}` }];
  },
  "part of the whole": ({ name }, pick) => [{}, { name: `${name}${pick([" After-Party", ": Opening Reception", " - VIP Meet and Greet", " Brunch", ": Rehearsal", " Masterclass"])}` }],
  "another room": ({ name }, pick) => {
    const [a, b] = pick([["Candle", "Pottery"], ["Salsa", "Tango"], ["Printmaking", "Watercolour"], ["Yoga", "Pilates"]]);
    return [{ name: `${name}: ${a} Hour` }, { name: `${name}: ${b} Hour` }];
  },
}; // prettier-ignore

type PlaceMutation = (place: PlaceLikeness, pick: Pick) => Change<PlaceLikeness> | undefined;

export const SAME_PLACE: Record<string, PlaceMutation> = {
  "street spelt out": ({ streetAddress }) =>
    streetAddress === undefined || spellStreet(streetAddress) === streetAddress ? undefined : { streetAddress: spellStreet(streetAddress) },
  "no postal code, point a little off": ({ latitude, longitude }, pick) => ({
    postalCode: undefined,
    latitude: latitude! + pick([0.0005, -0.0004]),
    longitude: longitude! + pick([0.0006, -0.0003], "east"),
  }),
  article: ({ name }) => ({ name: name.startsWith("The ") ? name.slice(4) : `The ${name}` }),
  "accents and case": ({ name }) => ({ name: accented(name).toUpperCase() }),
  "typing error": ({ name }, pick) => ({ name: mistyped(name, pick) ?? name }),
  "theatre, theater": ({ name }) =>
    /Theatre|Centre|&/.test(name)
      ? { name: name.replace("Theatre", "Theater").replace("Centre", "Center").replace("&", "and") }
      : undefined,
  "town in the name": ({ name, locality }) =>
    locality === undefined || name.includes(locality) ? undefined : { name: `${name}, ${locality}` },
  "only name and town": () => ({ streetAddress: undefined, postalCode: undefined, latitude: undefined, longitude: undefined }),
  "only name and point": ({ latitude }, pick) => ({
    streetAddress: undefined,
    postalCode: undefined,
    locality: undefined,
    latitude: latitude! + pick([0.0002, -0.0003]),
  }),
};

export const OTHER_PLACE: Record<string, (place: PlaceLikeness, pick: Pick) => [Change<PlaceLikeness>, Change<PlaceLikeness>] | undefined> = {
  "another hall": ({ name }, pick) => {
    const [a, b] = pick([["Hall A", "Hall B"], ["Studio 1", "Studio 2"], ["Main Stage", "Side Stage"], ["", "Rooftop"], ["North Building", "South Building"], ["2nd Floor", "3rd Floor"]]);
    return [{ name: `${name} ${a}`.trim() }, { name: `${name} ${b}` }];
  },
  "another town": ({ streetAddress }, pick) => [{}, { locality: pick(["Hamilton", "Ottawa", "Guelph"]), region: "ON", postalCode: undefined, latitude: pick([43.2557, 45.4215]), longitude: -79.87, streetAddress }],
  branch: (place, pick) => {
    const [a, b] = pick([["Lillian H. Smith", "Spadina Road"], ["Runnymede", "Bloor Gladstone"], ["Cedarbrae", "Albert Campbell"]]);
    return [{ name: `Public Library - ${a} Branch` }, { name: `Public Library - ${b} Branch`, streetAddress: "239 College St", latitude: place.latitude! + 0.01, longitude: place.longitude! + 0.01 }];
  },
  "another house of the chain": ({ name, latitude, longitude }, pick) => [{}, { name, streetAddress: pick(["700 Kennedy Rd", "55 Elm Ave", "2901 Bayview Ave"]), postalCode: undefined, latitude: latitude! + 0.04, longitude: longitude! - 0.03 }],
}; // prettier-ignore
