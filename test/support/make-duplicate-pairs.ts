/**
 * `node test/support/make-duplicate-pairs.ts`: writes the labelled pairs of test/fixtures/duplicates from the real input
 * and from mutations of it. Deterministic: every choice is a hash of the pair's own name. A third is held back, by hash.
 */
import { writeFileSync } from "node:fs";
import type { EventLikeness, PlaceLikeness } from "../../src/domain/duplicates.ts";
import { foldName, nameSimilarity } from "../../src/domain/names.ts";
import { normalizeName } from "../../src/domain/similarity.ts";
import { isTranslated, OTHER, OTHER_PLACE, SAME, SAME_PLACE, type Change } from "./duplicate-mutations.ts";
import { DUPLICATE_FIXTURES, type Pair } from "./duplicate-pairs.ts";
import { conferences, digest, idOf, pickFor, shuffled, town, town2025 } from "./duplicate-sources.ts";

const pairs: Pair<EventLikeness>[] = [];
function add(kind: string, label: Pair<unknown>["label"], a: EventLikeness, b: EventLikeness): void {
  const id = idOf(`${kind} ${a.id} ${b.id} ${b.name}`).slice(0, 13);
  pairs.push({
    id,
    kind,
    label,
    split: digest(id)[0]! % 3 === 0 ? "held-back" : "tuning",
    a,
    b: b.id === a.id ? { ...b, id: idOf(`other ${id}`) } : b,
  });
}

/** As changed; what became undefined is no more said. */
function changed<T extends object>(one: T, change: Change<T>): T {
  return JSON.parse(JSON.stringify({ ...one, ...change })) as T;
}

/** The second as another source gives it, with an id of that source's own. */
const elsewhere = (event: EventLikeness, change: Change<EventLikeness>): EventLikeness =>
  changed({ ...event, records: [{ sourceId: "another source", recordKey: idOf(event.name).slice(0, 8) }] }, change);

// 1. Mutations of one event: still the same one.
const sources = [...town.filter((one) => one.venue?.latitude !== undefined), ...conferences.filter((_, n) => n % 40 === 7)];
for (const [kind, mutate] of Object.entries(SAME)) {
  const some = shuffled(sources, kind, (one) => one.id).filter((one) => !kind.startsWith("translated") || isTranslated(one.name));
  const seen = new Set<string>();
  for (const event of some) {
    if (seen.size >= 12) break;
    const change = mutate(event, pickFor(`${kind} ${event.id}`));
    if (change === undefined || seen.has(event.name) || ("name" in change && change.name === event.name)) continue;
    seen.add(event.name);
    add(kind, "same", event, elsewhere(event, change));
  }
}
// Two at once.
const kinds = Object.keys(SAME).filter((kind) => !kind.startsWith("translated"));
for (const event of shuffled(sources, "two at once", (one) => one.id).slice(0, 45)) {
  const pick = pickFor(event.id);
  const [first, second] = [pick(kinds, "first"), pick(kinds, "second")];
  const half = SAME[first]!(event, pick);
  const change = first === second || half === undefined ? undefined : SAME[second]!(changed(event, half), pick);
  if (change !== undefined && /venue|time|clock|zone/.test(first) !== /time|clock|zone/.test(second))
    add("two at once", "same", event, elsewhere(event, { ...half, ...change }));
}

// 2. Mutations that make another event of it.
for (const [kind, mutate] of Object.entries(OTHER)) {
  const some = shuffled(
    town.filter((one) => one.venue?.latitude !== undefined),
    kind,
    (one) => one.id,
  );
  let made = 0;
  for (const [n, event] of some.entries()) {
    const another = some
      .slice(n + 1)
      .find(({ venue }) => venue?.latitude !== undefined && Math.abs(venue.latitude - event.venue!.latitude!) > 0.01);
    const change = another && mutate(event, pickFor(`${kind} ${event.id}`), another);
    if (change === undefined) continue;
    add(kind, "different", changed(event, change[0]), made % 3 === 0 ? elsewhere(event, change[1]) : changed(event, change[1]));
    if (++made >= 18) break;
  }
}

// 3. The real input itself: one source's events at one venue on one day, read by eye where the names are alike.
const READ_AS_SAME =
  /World Partnership Walk|Wyrdos Carnival|Family Fest|Art On The Brain|Gloria: A Winter|InfoQ Dev Summit|EuroSTAR|ConFoo|MAD Summit|Evergreen Brick Works Farmers/;
/** One of the two carries the other's town by mistake of the source: nobody can say. */
const UNREADABLE = /^Devopsdays (Portugal|Poznan)$/;
const alike = (a: EventLikeness, b: EventLikeness) => foldName(a.name) === foldName(b.name);
const venueDays = Map.groupBy(town, (one) => `${normalizeName(one.venue?.name ?? "")} ${one.localDate}`);
const real = [...venueDays.values()].flatMap((some) => some.flatMap((a, n) => some.slice(n + 1).map((b) => ({ a, b }))));
const sameStart = real.filter(
  ({ a, b }) => a.startAt === b.startAt && (alike(a, b) || (READ_AS_SAME.test(a.name) && READ_AS_SAME.test(b.name))),
);
for (const { a, b } of shuffled(sameStart, "real", ({ a, b }) => a.id + b.id).slice(0, 40)) add("listed twice", "same", a, b);
const otherNames = real.filter(({ a, b }) => !alike(a, b) && !(READ_AS_SAME.test(a.name) && READ_AS_SAME.test(b.name)));
for (const { a, b } of shuffled(otherNames, "real", ({ a, b }) => a.id + b.id).slice(0, 70)) add("one venue, one day", "different", a, b);

// The same source a year later: corrected names, places and times of one record's page.
const byUrl = Map.groupBy(town2025, (one) => one.url ?? "");
const corrected = town.flatMap((b) => {
  const some = byUrl.get(b.url ?? "") ?? [];
  const a = some.length === 1 ? some[0]! : undefined;
  const changed =
    a !== undefined &&
    a.localDate === b.localDate &&
    Math.abs(a.startAt - b.startAt) <= 3_600_000 &&
    (a.name !== b.name || a.venueId !== b.venueId || a.startAt !== b.startAt);
  return changed && a.name.slice(0, 5) === b.name.slice(0, 5) ? [{ a, b }] : [];
});
for (const { a, b } of corrected.slice(0, 30)) add("corrected later", "same", a, b);

// Conferences: listed under several topics; others of one town and day; one name in two towns.
const listings = Map.groupBy(conferences, (one) => `${normalizeName(one.name)} ${one.localDate} ${one.venue?.name} ${one.url}`);
for (const [a, b] of shuffled(
  [...listings.values()].filter((some) => some.length > 1),
  "topics",
  (some) => some[0]!.id,
).slice(0, 25))
  add("several topics", "same", a!, b!);
// Of those of one town and day the most alike: the others are too easy.
const townDays = [
  ...Map.groupBy(
    conferences.filter(({ venue }) => venue),
    (one) => `${one.venue?.locality} ${one.localDate}`,
  ).values(),
];
const neighbours = townDays
  .flatMap((some) =>
    some.flatMap((a, n) =>
      some.slice(n + 1).map((b) => ({ a, b, names: [a.name, b.name].toSorted().join("|"), alike: nameSimilarity(a.name, b.name) })),
    ),
  )
  .filter(({ a, b }) => !alike(a, b) && !UNREADABLE.test(a.name) && !UNREADABLE.test(b.name))
  .toSorted((x, y) => y.alike - x.alike);
for (const { a, b } of [...new Map(neighbours.map((pair) => [pair.names, pair])).values()].slice(0, 45)) {
  const same = READ_AS_SAME.test(a.name) && READ_AS_SAME.test(b.name);
  add(same ? "two names in one town" : "one town, one day", same ? "same" : "different", a, b);
}
const years = [
  ...Map.groupBy(
    conferences.filter(({ venue }) => venue),
    (one) => `${normalizeName(one.name)} ${one.localDate.slice(0, 4)}`,
  ).values(),
];
const tours = years.flatMap((some) =>
  some
    .slice(1)
    .filter((b) => b.venue!.locality !== some[0]!.venue!.locality)
    .map((b) => ({ a: some[0]!, b })),
);
for (const { a, b } of shuffled(tours, "tours", ({ a, b }) => a.id + b.id).slice(0, 25))
  add("one name, two towns", "different", a, { ...b, startAt: a.startAt, localDate: a.localDate });

// 4. Places.
const places: Pair<PlaceLikeness>[] = [];
const addPlace = (kind: string, label: Pair<unknown>["label"], a: PlaceLikeness, b: PlaceLikeness) => {
  const id = idOf(`${kind} ${a.id} ${b.id} ${b.name}`).slice(0, 13);
  const other = { ...b, id: idOf(`other place ${id}`) };
  places.push({ id, kind, label, split: digest(id)[0]! % 3 === 0 ? "held-back" : "tuning", a, b: other });
};
const known = new Map<string, PlaceLikeness>();
for (const { venue, venueId } of [...town2025, ...town]) {
  if (venue?.latitude === undefined || /online|virtual|various|locations/i.test(venue.name)) continue;
  if (!known.has(venueId!)) known.set(venueId!, { id: idOf(venueId!), ...venue, country: "CA", sameAs: [] });
}
const all = [...known.values()].filter(({ streetAddress }) => streetAddress !== undefined && /^\d/.test(streetAddress));
for (const [kind, mutate] of Object.entries(SAME_PLACE)) {
  let made = 0;
  for (const place of shuffled(all, kind, (one) => one.id)) {
    const change = mutate(place, pickFor(`${kind} ${place.id}`));
    if (change === undefined || change.name === place.name) continue;
    addPlace(kind, "same", place, changed(place, change));
    if (++made >= 7) break;
  }
}
for (const [kind, mutate] of Object.entries(OTHER_PLACE)) {
  for (const place of shuffled(all, kind, (one) => one.id).slice(0, 9)) {
    const change = mutate(place, pickFor(`${kind} ${place.id}`));
    if (change !== undefined) addPlace(kind, "different", changed(place, change[0]), changed(place, change[1]));
  }
}
// One name and one street number, as the source itself spells the rest.
const spellings = [...Map.groupBy(all, (one) => `${normalizeName(one.name)} ${/\d+/.exec(one.streetAddress!)![0]}`).values()].filter(
  (some) => some.length > 1,
);
for (const [a, b] of shuffled(spellings, "spellings", (some) => some[0]!.id).slice(0, 25))
  addPlace("spelt otherwise by the source", "same", a!, b!);
const READ_AS_OTHER = [
  ["DROM Taberna", "It's OK Studio"],
  ["Daniels Spectrum", "Aki Studio - Native Earth Performing Arts"],
  ["The Rec Room", "Steam Whistle Brewing"],
  ["Nathan Phillips Square", "Podium Roof - Toronto CIty Hall"],
  ["Onsite Gallery", "Yuk Yuk’s Downtown Toronto"],
  ["Isabel Bader Theatre", "Victoria University at the University of Toronto"],
  ["ASpace Gallery", "Abbozzo Gallery"],
  ["Trinity Square Video", "Open Studio"],
  ["Red Head Gallery", "401 Richmond"],
  ["Open Studio", "401 Richmond"],
  ["Youngplace", "Sweet Action Theatre"],
  ["College Park", "Barbara Ann Scott Ice Skating Trail"],
  ["Enercare Centre", "Enercare Centre - Hall C"],
  ["Mel Lastman Square", "North York Civic Centre - Council Chambers"],
  ["Koerner Hall, Royal Conservatory of Music", "Mazzoleni Concert Hall, Royal Conservatory of Music"],
  ["Mazzoleni Concert Hall, Royal Conservatory of Music", "Temerty Theatre, Royal Conservatory of Music"],
  ["Waterworks Food Hall", "50 Brant Street"],
  ["The Commons at 401 Richmond", "Tangled Art + Disability"],
  ["Toronto Reference Library, TD Gallery", "Toronto Reference Library, Beeton Hall"],
] as const;
for (const [one, other] of READ_AS_OTHER) {
  const [a, b] = [one, other].map((name) => [...known.values()].find((place) => place.name === name));
  if (a === undefined || b === undefined) throw new Error(`no place named ${one} or ${other} in the real input`);
  addPlace("neighbours", "different", a, b);
}

for (const [file, list] of Object.entries({ "events.jsonl": pairs, "places.jsonl": places })) {
  writeFileSync(new URL(file, DUPLICATE_FIXTURES), `${list.map((pair) => JSON.stringify(pair)).join("\n")}\n`);
  console.log(
    file,
    list.length,
    Object.fromEntries(
      Object.entries(Object.groupBy(list as Pair<unknown>[], (one) => one.label)).map(([label, some]) => [label, some!.length]),
    ),
  );
}
