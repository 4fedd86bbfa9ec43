/** The public base of another node: how an operator may write it, and how it is kept. */

/** A source bears the base as its name. */
const LONGEST = 200;

/**
 * `"https://Node.example/"` -> `{ base: "https://node.example" }`; else why it is none: `{ fault: "…" }`. http or https, no credentials,
 * no query, no slash at the end: every URI of the node begins with the base and a slash.
 */
export function readPeerBase(text: string): { base: string; fault?: undefined } | { base?: undefined; fault: string } {
  if (!URL.canParse(text)) return { fault: `"${text.slice(0, 100)}" is no URL such as https://events.example.org` };
  if (/^[\w.-]+:\d+(?:\/|$)/.test(text)) return { fault: `"${text.slice(0, 100)}" lacks http:// (or https://) at its front` };
  const url = new URL(text);
  if (!["http:", "https:"].includes(url.protocol)) return { fault: `${url.protocol} is not spoken here; expected http: or https:` };
  if (url.username !== "" || url.password !== "")
    return { fault: "it holds a user's name or a password; a key is given apart from the URL" };
  if (url.search !== "" || url.hash !== "") return { fault: "it has a query or a fragment; expected a plain address" };
  const base = url.href.replace(/\/+$/, "");
  return base.length > LONGEST ? { fault: `it is longer than ${LONGEST} characters` } : { base };
}

/** True where the host is an address or this machine's own name: nobody else's DNS says where such a base is. */
export function isFixedAddress(base: string): boolean {
  const { hostname } = new URL(base);
  return hostname.startsWith("[") || /^[\d.]+$/.test(hostname) || /^([^.]+\.)*localhost\.?$/.test(hostname);
}

/** Why a text is no base as it is kept: "is not written as a base is: …". Undefined of one that is. */
export function writtenFault(text: string): string | undefined {
  const { base, fault } = readPeerBase(text);
  if (fault !== undefined) return `is no base: ${fault}`;
  return base === text ? undefined : `is not written as a base is: expected ${base}, found ${text}`;
}

/** True of a base just as it is kept: what a relay names as an origin, or as a node between, must be written so. */
export const isPeerBase = (text: string): boolean => writtenFault(text) === undefined;
