/** A text as it may stand elsewhere: in bytes as they were received, in JSON, and inside of notes. */

export interface Copies {
  /** Spellings to look for in received bytes. */
  inBytes: string[];
  /** Beginnings to look for in JSON that may quote only so much. */
  inJson: string[];
}

/** A shorter text stands in many places that have nothing to do with it. */
const LEAST = 20;
/** PostgreSQL quotes 64 bytes of a value in its messages. */
const QUOTED = 40;

/** `copiesOf(["Grüße …"])` -> it, and it as JSON may spell it. Texts of less than 20 characters are not looked for. */
export function copiesOf(texts: readonly string[]): Copies {
  const long = texts.filter((text) => text.length >= LEAST);
  const spellings = long.flatMap((text) => [text, inJson(text), inAscii(inJson(text)), inJson(text).replaceAll("/", "\\/")]);
  return { inBytes: [...new Set(spellings)], inJson: [...new Set(long.map((text) => inJson(text.slice(0, QUOTED))))] };
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
const inAscii = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- everything beyond ASCII
  text.replaceAll(/[^\u0000-\u007f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The value with every string in it that is one of `texts`, or holds one of 20 characters or more, replaced; the same value where there is none. */
export function withoutCopies(value: unknown, texts: readonly string[]): unknown {
  const holds = (said: string) => texts.some((text) => said === text || (text.length >= LEAST && said.includes(text)));
  const clean = (one: unknown): unknown => {
    if (typeof one === "string") return holds(one) ? "(taken down)" : one;
    if (Array.isArray(one)) return one.map(clean);
    if (typeof one !== "object" || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, each]) => [key, clean(each)]));
  };
  const cleaned = clean(value);
  return JSON.stringify(cleaned) === JSON.stringify(value) ? value : cleaned;
}
