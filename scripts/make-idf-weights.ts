/**
 * Writes src/search/embedders/idf-weights.json, the frozen word weights of the lexical-hash embedder, from files of
 * events: `node scripts/make-idf-weights.ts FILE…` (schema.org JSON-LD, one array or one event a line).
 *
 * Run it only to change the weights on purpose: each change is a new version, and every node then embeds every event again.
 * The committed file was made from two days of a city's festivals (contains information licensed under the Open Government
 * Licence – Toronto) and a list of technology conferences.
 */
import { readFile, writeFile } from "node:fs/promises";
import { wordsOf } from "../src/search/embedders/words.ts";

const OUT = new URL("../src/search/embedders/idf-weights.json", import.meta.url);
/** Words of fewer events count as rare. */
const LEAST_EVENTS = 4;

/** English and French words that hold sentences together (as wordsOf writes them): they weigh nothing, however often they stand. */
const FUNCTION_WORDS = `
  a about above after again all also am an and any are as at be because been before being below between both but by can could d did do
  does doing down during each etc few for from further get had has have having he her here hers him his how i if in into is it its
  just ll m me more most my no nor not of off on once only or other our ours out over own per re s same she should so some such t than
  that the their theirs them then there these they this those through to too under until up us ve very via was we were what when where
  which while who whom whose why will with would you your yours
  au aux avec ce ceci cela ces cet cette ceux chez comme comment dans de des donc du elle elles en entre est et etaient etait etant
  eu eux il ils j je l la le les leur leurs lors lui mais meme memes mes moi mon n ne ni nos notre nous ont ou par pas pendant plus pour
  pourquoi puis qu quand que quel quelle quelles quels qui sa sans se selon sera ses si son sont sous sur ta te tes toi ton tous tout toute
  toutes tu un une vers vos votre vous y
`
  .trim()
  .split(/\s+/);

interface Document {
  name?: string;
  description?: string;
  keywords?: string[];
  location?: { name?: string; address?: { addressLocality?: string } };
  organizer?: { name?: string };
}

async function readEvents(file: string): Promise<Document[]> {
  const text = await readFile(file, "utf8");
  if (!file.endsWith(".jsonl")) return JSON.parse(text) as Document[];
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Document);
}

const textOf = ({ name, keywords, location, organizer, description }: Document) =>
  [name, keywords?.join(" "), location?.name, location?.address?.addressLocality, organizer?.name, description].filter(Boolean).join("\n");

const texts = new Set<string>();
for (const file of process.argv.slice(2)) {
  // An event that stands in two files counts once, unless its text changed.
  for (const event of await readEvents(file)) texts.add(textOf(event));
}
const eventsWith = new Map<string, number>();
for (const text of texts) for (const word of new Set(wordsOf(text))) eventsWith.set(word, (eventsWith.get(word) ?? 0) + 1);

const idf = (events: number) => Math.log((texts.size + 1) / (events + 1));
const most = idf(LEAST_EVENTS - 1);
const tenths = new Map<number, string[]>([[0, FUNCTION_WORDS]]);
for (const [word, events] of eventsWith) {
  const weight = Math.max(1, Math.round((10 * idf(events)) / most));
  if (events < LEAST_EVENTS || weight >= 10 || FUNCTION_WORDS.includes(word)) continue;
  tenths.set(weight, [...(tenths.get(weight) ?? []), word]);
}
const sorted = [...tenths].toSorted(([a], [b]) => a - b).map(([weight, words]) => [weight, words.toSorted().join(" ")]);
const file = { made: "scripts/make-idf-weights.ts", events: texts.size, tenths: Object.fromEntries(sorted) as Record<string, string> };
await writeFile(OUT, `${JSON.stringify(file, null, 2)}\n`);
console.log(
  `${texts.size} texts, ${eventsWith.size} words, ${sorted.map(([weight, words]) => `${weight}: ${String(words).split(" ").length}`).join(", ")}`,
);
