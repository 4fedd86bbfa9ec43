/** robots.txt, as RFC 9309 has it: which paths of a host a visitor may ask for, and how far apart. */

export interface RobotsRules {
  rules: { allow: boolean; pattern: string }[];
  /** Seconds between two requests (Crawl-delay, no part of the RFC but common). */
  delay: number | undefined;
}

export const MOST_DELAY = 60;

/** The rules for this product token ("Calends"): of the groups that name it, else of those for "*", else none. */
export function readRobots(text: string, product: string): RobotsRules {
  const named: RobotsRules = { rules: [], delay: undefined };
  const others: RobotsRules = { rules: [], delay: undefined };
  let groups = new Set<RobotsRules>();
  let isNamed = false;
  let inAgents = false;
  for (const line of text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/)) {
    // No pattern over the whole line: one that backtracks takes minutes over a line of 500 KiB.
    const said = line.split("#", 1)[0]!;
    const colon = said.indexOf(":");
    const [key, value] = [said.slice(0, Math.max(0, colon)).trim(), said.slice(colon + 1).trim()];
    switch (key.toLowerCase()) {
      case "user-agent": {
        if (!inAgents) groups = new Set();
        inAgents = true;
        const agent = /^[A-Za-z_-]*/.exec(value)![0].toLowerCase();
        if (value === "*") groups.add(others);
        else if (agent === product.toLowerCase()) {
          groups.add(named);
          isNamed = true;
        }
        break;
      }
      case "allow":
      case "disallow":
        inAgents = false;
        if (value !== "")
          for (const group of groups) group.rules.push({ allow: key.toLowerCase() === "allow", pattern: normalized(value) });
        break;
      case "crawl-delay": {
        const seconds = Number(value);
        if (value !== "" && seconds >= 0)
          for (const group of groups) group.delay = Math.min(MOST_DELAY, Math.max(group.delay ?? 0, Math.ceil(seconds)));
        break;
      }
    }
  }
  return isNamed ? named : others;
}

/** True when `path` (with its query, "/events?day=1") may be asked for: the longest pattern that fits decides, and of two an Allow. */
export function mayVisit({ rules }: RobotsRules, path: string): boolean {
  const asked = normalized(path);
  if (asked === "/robots.txt") return true;
  let best: { allow: boolean; length: number } = { allow: true, length: -1 };
  for (const { allow, pattern } of rules) {
    const length = pattern.length;
    if (length < best.length || (length === best.length && !allow)) continue;
    if (fits(pattern, asked)) best = { allow, length };
  }
  return best.allow;
}

/** `*` stands for any characters, a `$` at the end for the end. Piece by piece from the left: no pattern takes longer than its length times the path's. */
function fits(pattern: string, path: string): boolean {
  const anchored = pattern.endsWith("$");
  const pieces = (anchored ? pattern.slice(0, -1) : pattern).split("*");
  const [first, ...others] = pieces as [string, ...string[]];
  if (!path.startsWith(first)) return false;
  let at = first.length;
  if (anchored) {
    const last = others.pop();
    if (last === undefined) return at === path.length;
    if (!path.endsWith(last)) return false;
    path = path.slice(0, path.length - last.length);
    if (at > path.length) return false;
  }
  for (const piece of others) {
    const found = path.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return true;
}

/** One spelling of what may be percent-encoded (§2.2.2): encoded what is not ASCII, decoded what needs no encoding. */
function normalized(path: string): string {
  return path
    .replace(/[^\x21-\x7e]+/g, (text) => encodeURIComponent(text.toWellFormed()))
    .replace(/%([\dA-Fa-f]{2})/g, (escape, hex: string) => {
      const character = String.fromCharCode(parseInt(hex, 16));
      return /[\w.~-]/.test(character) ? character : escape.toUpperCase();
    });
}
