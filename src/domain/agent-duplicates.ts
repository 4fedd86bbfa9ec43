/** When two organizations or persons are one: by name, address on the web, and the towns they are known in. */
import { foldUrl, hashKey, hostOf, isPage, rounded, type AgentLikeness, type Comparison } from "./likeness.ts";
import { readContradictions } from "./name-marks.ts";
import { containsName, isAcronym, likeNames, rareWords, readName, significantWords, sortedText } from "./names.ts";
import { foldTown, sameAsFacts } from "./place-duplicates.ts";
import { normalizeName } from "./similarity.ts";

/** Hosts where everyone has a page: the page tells who it is, the host nothing. */
const SHARED_HOST =
  /(^|\.)(facebook|instagram|eventbrite|meetup|linktr|linkedin|youtube|x|twitter|tiktok|bandcamp|soundcloud|wordpress|blogspot|wixsite|square|ticketmaster|universe|bit|lu)\.(com|ca|ee|ly|be|site|ma|org)$/;

const LEGAL = /[\s,]+(inc|incorporated|ltd|limited|llc|corp|gmbh|e\.?v|ltée|s\.?a|plc|co)\.?$/iu;
const bare = (name: string): string => name.replace(LEGAL, "");

/** "Smith, John" -> "John Smith"; organizations lose their legal form. */
function nameOf(one: AgentLikeness): string {
  return one.kind === "person" ? one.name.replace(/^([^,]+),\s*([^,]+)$/u, "$2 $1") : bare(one.name);
}

function siteFacts(a: string | undefined, b: string | undefined): { same: boolean; differing: boolean } {
  const [left, right] = [foldUrl(a), foldUrl(b)];
  if (left === undefined || right === undefined) return { same: false, differing: false };
  const [hostA, hostB] = [hostOf(left), hostOf(right)];
  if (hostA !== hostB) return { same: false, differing: !SHARED_HOST.test(hostA) && !SHARED_HOST.test(hostB) };
  return SHARED_HOST.test(hostA) ? { same: left === right && isPage(left), differing: left !== right } : { same: true, differing: false };
}

/** Whether two agents are one. Symmetric. A name alone never makes two persons one: many share theirs. */
export function compareAgents(a: AgentLikeness, b: AgentLikeness): Comparison {
  if (b.id < a.id) [a, b] = [b, a];
  const [nameA, nameB] = [nameOf(a), nameOf(b)];
  const [left, right] = [readName(nameA), readName(nameB)];
  const name = likeNames(left, right);
  const equal = normalizeName(nameA) === normalizeName(nameB);
  const site = siteFacts(a.url, b.url);
  const authority = sameAsFacts(a.sameAs, b.sameAs);
  const towns = b.localities.map(foldTown);
  const sharedTown = a.localities.some((one) => towns.includes(foldTown(one)));
  const apart = a.localities.length > 0 && b.localities.length > 0 && !sharedTown;

  const contradictions = readContradictions(left, right);
  if (site.differing && !authority.shared) contradictions.push("url");
  if (authority.differing) contradictions.push("authority");
  if (apart && !site.same && !authority.shared) contradictions.push("locality");
  if (a.kind !== b.kind) contradictions.push("kind");
  const features = rounded({ name, url: Number(site.same), sameAs: Number(authority.shared), locality: Number(sharedTown) });
  const score = Math.max(
    0,
    0.6 * name + 0.4 * Math.max(features["url"]!, features["sameAs"]!, sharedTown ? 0.5 : 0) - 0.1 * contradictions.length,
  );
  const say = (verdict: Comparison["verdict"], rule: Comparison["rule"]): Comparison => {
    return { verdict, rule, score: rounded({ score: rule === "exact" ? 1 : score })["score"]!, features, contradictions };
  };

  const merged = contradictions.length === 0 ? "same" : "candidate";
  const known = site.same || authority.shared;
  if (equal && known) return say(merged, "exact");
  if (name > 0.8 && (known || (equalWords(nameA, nameB) && sharedTown && a.kind === "organization"))) return say(merged, "strong");
  const related = name > 0.7 || isAcronym(nameA, nameB) || containsName(nameA, nameB);
  const weak = (name > 0.8 && !apart) || (related && (sharedTown || known)) || authority.shared || equalWords(nameA, nameB);
  return weak ? say("candidate", "weak") : say("different", "none");
}

const equalWords = (a: string, b: string): boolean => sortedText(significantWords(a)) === sortedText(significantWords(b));

/** What an agent is stored under (at most eight); typing errors late in a word are met by the words' beginnings. */
export function agentKeys(one: AgentLikeness): bigint[] {
  const tokens = significantWords(nameOf(one));
  const starts = tokens.map((word) => word.slice(0, 4));
  const keys = [hashKey("agent name", sortedText(tokens)), hashKey("agent starts", sortedText(starts))];
  for (const town of one.localities.slice(0, 2).map(foldTown)) {
    for (const word of rareWords(tokens, 1)) keys.push(hashKey("agent word", word, town ?? ""));
  }
  const url = foldUrl(one.url);
  if (url !== undefined) keys.push(hashKey("agent url", SHARED_HOST.test(hostOf(url)) ? url : hostOf(url)));
  for (const same of one.sameAs.slice(0, 2)) keys.push(hashKey("agent same as", foldUrl(same) ?? same));
  return [...new Set(keys)];
}

/** What is looked up for an agent: its own keys. */
export const agentProbes = (one: AgentLikeness): bigint[] => agentKeys(one);
