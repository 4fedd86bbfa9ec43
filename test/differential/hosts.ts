/** The differential test's rules in equal shares under several host zones, each in a process of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Verdicts } from "./judge.ts";

/** Zones and locales of hosts: changes of the clock in both hemispheres, other numerals, other calendars. */
export const HOSTS: readonly { TZ: string; LC_ALL: string }[] = [
  { TZ: "America/New_York", LC_ALL: "en_US.UTF-8" },
  { TZ: "Asia/Tehran", LC_ALL: "fa_IR.UTF-8" },
  { TZ: "Pacific/Apia", LC_ALL: "de_DE.UTF-8" },
];

/** Runs one of this folder's programs under a host's zone and locale; what it prints. */
export async function runUnder(host: { TZ: string; LC_ALL: string }, program: string, words: readonly string[] = []): Promise<string> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(program, import.meta.url)), ...words], {
    env: { ...process.env, ...host, LANG: host.LC_ALL },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${program} under TZ=${host.TZ} ended with ${String(code)}`);
  return said;
}

/** Seed of the n-th host's share: each has rules of its own. */
const seedOf = (seed: number, n: number): number => seed * HOSTS.length + n;

/** Judges `rules` rules of this seed by all oracles, in shares under every host. */
export async function judgeUnderHosts(rules: number, seed: number): Promise<Verdicts> {
  const share = Math.ceil(rules / HOSTS.length);
  const shares = await Promise.all(
    HOSTS.map(async (host, n) =>
      readVerdicts(await runUnder(host, "child.ts", ["--rules", String(share), "--seed", String(seedOf(seed, n))])),
    ),
  );
  return shares.reduce(sumOf);
}

function readVerdicts(text: string): Verdicts {
  const { zones, refused, known, ...rest } = JSON.parse(text) as Verdicts & {
    zones: string[];
    refused: [string, number][];
    known: [string, number][];
  };
  return { ...rest, zones: new Set(zones), refused: new Map(refused), known: new Map(known) };
}

const sumOf = (one: Verdicts, other: Verdicts): Verdicts => ({
  rules: one.rules + other.rules,
  fruitful: one.fruitful + other.fruitful,
  instances: one.instances + other.instances,
  zones: one.zones.union(other.zones),
  compared: {
    "rrule-temporal": one.compared["rrule-temporal"] + other.compared["rrule-temporal"],
    dateutil: one.compared.dateutil + other.compared.dateutil,
    "day by day": one.compared["day by day"] + other.compared["day by day"],
  },
  unjudged: one.unjudged + other.unjudged,
  refused: sumOfCounts(one.refused, other.refused),
  known: sumOfCounts(one.known, other.known),
  disagreements: [...one.disagreements, ...other.disagreements],
});

const sumOfCounts = (one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): Map<string, number> =>
  new Map([...one.keys(), ...other.keys()].map((name) => [name, (one.get(name) ?? 0) + (other.get(name) ?? 0)]));
