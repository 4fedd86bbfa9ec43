/** The flags of `peer add` and `peer set`, and what they say. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { BOOTSTRAP_WAYS, MOST_ENTITIES, PEER_DIRECTIONS, type PeerFilters } from "../domain/peer.ts";
import { boxFault } from "../domain/peer-filters.ts";
import { EVENT_DOMAINS, type EventDomain } from "../domain/vocabulary.ts";
import { oneOf, textOf, UsageError, wholeNumber, type Cli, type Option } from "./command.ts";

export const PEER_OPTIONS = {
  name: { type: "string", value: "TEXT", help: "what it is called here (its own name by default)" },
  trust: { type: "string", value: "N", help: "1 to 10, for its word beside those of others (default 5)" },
  direction: { type: "string", value: "WORD", help: "pull (default), push or both: who asks whom" },
  relay: { type: "boolean", help: "it may also pass on what other nodes say, with their custody" },
  "no-relay": { type: "boolean", help: "it speaks for its own events alone (default)" },
  bbox: {
    type: "string",
    value: "W,S,E,N",
    help: "let in only events and places there, in degrees (organizations and persons always pass; west above east: over the 180th meridian); or all",
  },
  domains: { type: "string", value: "A,B", help: `let in only events of these: ${EVENT_DOMAINS.join(", ")}; or all` },
  origins: { type: "string", value: "URL,…", help: "of a relay: let in only what these nodes say; or all" },
  most: { type: "string", value: "N", help: `of how many entities it may tell, or default (${MOST_ENTITIES.toLocaleString("en")})` },
  key: { type: "string", value: "KEY", help: "the key that it gave us; - reads it from standard input, none forgets it" },
  every: {
    type: "string",
    value: "TIME",
    help: "how often it is pulled: 30s, 5m, 2h (default 5m); once a minute at most where it offers no stream",
  },
  bootstrap: { type: "string", value: "WORD", help: `how the first copy is made: ${BOOTSTRAP_WAYS.join(", ")}` },
} as const satisfies Record<string, Option>;

type Flags = { [K in keyof typeof PEER_OPTIONS]?: string | boolean | undefined };

/** The flags with the key that `--key -` reads: the first line of standard input, so that it is in no history and no list of processes. */
export async function withKey<Given extends Flags>(flags: Given, { stdin, stderr, stopping }: Cli): Promise<Given> {
  if (flags.key !== "-") return flags;
  const terminal = stdin.isTTY === true;
  if (terminal) stderr.write("The key that it gave us: ");
  // What is typed is not shown.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: silent, terminal, signal: stopping });
  let key = "";
  for await (const line of lines) {
    key = line.trim();
    break;
  }
  lines.close();
  if (terminal) stderr.write("\n");
  if (key === "") throw new UsageError("--key -: expected the key on the first line of standard input.");
  return { ...flags, key };
}

/** What the flags say of a peer, without what they do not; `before` are the filters that stay where no flag names them. */
export function peerSettings(flags: Flags, before: PeerFilters = {}) {
  if (flags.relay === true && flags["no-relay"] === true) throw new UsageError("--relay and --no-relay contradict each other.");
  const settings = {
    name: textOf(flags.name),
    trust: wholeNumber("trust", flags.trust, 1, 10),
    direction: oneOf(
      "direction",
      flags.direction,
      PEER_DIRECTIONS.filter((direction) => direction !== "none"),
    ),
    relay: flags.relay === true ? true : flags["no-relay"] === true ? false : undefined,
    filters: filtersOf(flags, before),
    accessKey: flags.key === "none" ? null : textOf(flags.key),
    everySeconds: secondsOf(flags.every),
    bootstrapBy: oneOf("bootstrap", flags.bootstrap, BOOTSTRAP_WAYS),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as {
    [K in keyof typeof settings]?: Exclude<(typeof settings)[K], undefined>;
  };
}

function filtersOf({ bbox, domains, origins, most }: Flags, before: PeerFilters): PeerFilters | undefined {
  if ([bbox, domains, origins, most].every((flag) => flag === undefined)) return undefined;
  const now = {
    bbox: bbox === undefined ? before.bbox : boxOf(String(bbox)),
    domains: domains === undefined ? before.domains : domainsOf(String(domains)),
    origins: origins === undefined ? before.origins : originsOf(String(origins)),
    maxEntities: most === undefined ? before.maxEntities : most === "default" ? undefined : wholeNumber("most", most, 0, 999_999_999),
  };
  return Object.fromEntries(Object.entries(now).filter(([, value]) => value !== undefined));
}

function boxOf(text: string): PeerFilters["bbox"] {
  if (text === "all") return undefined;
  const box = listed(text).map(Number);
  const fault = boxFault(box);
  if (fault !== undefined)
    throw new UsageError(`--bbox "${text}" is not usable (expected: west,south,east,north such as -79.7,43.5,-79.1,43.9): ${fault}.`);
  return box as PeerFilters["bbox"];
}

function domainsOf(text: string): EventDomain[] | undefined {
  return text === "all" ? undefined : listed(text).map((word) => oneOf("domains", word, EVENT_DOMAINS)!);
}

function originsOf(text: string): string[] | undefined {
  if (text === "all") return undefined;
  const urls = listed(text).map((url) => url.replace(/\/+$/, ""));
  const odd = urls.find((url) => !/^https?:$/.test(URL.parse(url)?.protocol ?? ""));
  if (odd !== undefined)
    throw new UsageError(`--origins "${odd}" is not usable: expected the bases of nodes, such as https://city.example.`);
  return urls;
}

const listed = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

const UNITS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** "5m" -> 300. */
function secondsOf(given: string | boolean | undefined): number | undefined {
  if (given === undefined) return undefined;
  const [, number, unit = "s"] = /^(\d{1,5})([smhd])$/.exec(String(given)) ?? [];
  const seconds = Number(number) * UNITS[unit as keyof typeof UNITS];
  if (!(seconds >= 10 && seconds <= 86_400))
    throw new UsageError(`--every "${given}" is not usable: expected 10s to 1d with its unit (s, m, h or d), such as 30s, 5m or 2h.`);
  return seconds;
}
