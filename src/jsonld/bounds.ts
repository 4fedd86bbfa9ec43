/**
 * The limits that a document must keep before any JSON-LD work is done on it: expansion is recursive, and its
 * cost grows with every node.
 */
import { escapeToken } from "../domain/pointer.ts";
import { RegistryError } from "../domain/errors.ts";

export const MAX_DEPTH = 32;
export const MAX_NODES = 20_000;
export const MAX_STRING = 100_000;
/** Each costs a copy of all of schema.org's terms, about a millisecond. */
export const MAX_CONTEXTS = 64;

/** Names that reach a JavaScript object's prototype when a library copies keys carelessly. */
const UNSAFE_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Throws `too_complex`, naming the place, when a JSON value is deeper than 32, has more than 20,000 nodes (values
 * of any kind) or 64 contexts, or holds a string or key beyond 100,000 characters; `invalid_body` for a
 * prototype-reaching key.
 * `pointer` is where `document` itself stands in what was sent.
 */
export function assertBounded(document: unknown, pointer = ""): void {
  let nodes = 0;
  let contexts = 0;
  // The way down to the present value; made into a pointer only when there is something to say.
  const steps: (string | number)[] = [];
  const here = (): string => pointer + steps.map((step) => `/${escapeToken(String(step))}`).join("");

  const walk = (value: unknown): void => {
    if (++nodes > MAX_NODES) throw tooComplex(pointer, `expected at most ${MAX_NODES.toLocaleString("en")} values, found more`);
    if (typeof value === "string") {
      if (value.length <= MAX_STRING) return;
      throw tooComplex(
        here(),
        `expected at most ${MAX_STRING.toLocaleString("en")} characters, found ${value.length.toLocaleString("en")}`,
      );
    }
    if (typeof value !== "object" || value === null) return;
    if (steps.length >= MAX_DEPTH) throw tooComplex(here(), `expected at most ${MAX_DEPTH} levels of nesting, found more`);
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) step(index, value[index]);
      return;
    }
    for (const key of Object.keys(value)) {
      if (UNSAFE_KEYS.has(key))
        throw new RegistryError("invalid_body", { detail: `The key "${key}" is not allowed`, pointer: ancestor(here()) });
      if (key.length > MAX_STRING) throw tooComplex(here(), "a key is too long");
      const member = (value as Record<string, unknown>)[key];
      step(key, member);
      if (key !== "@context") continue;
      contexts += Array.isArray(member) ? member.length : 1;
      if (contexts > MAX_CONTEXTS) throw tooComplex(`${here()}/@context`, `expected at most ${MAX_CONTEXTS} contexts in all, found more`);
    }
  };
  const step = (name: string | number, value: unknown): void => {
    steps.push(name);
    walk(value);
    steps.pop();
  };
  walk(document);
}

function tooComplex(path: string, detail: string): RegistryError {
  const pointer = ancestor(path);
  return new RegistryError("too_complex", { detail: `${pointer || "The document"}: ${detail}`, pointer });
}

/** The pointer, or that of its nearest ancestor that an answer can show. */
function ancestor(pointer: string): string {
  return pointer.length <= 200 ? pointer : pointer.slice(0, pointer.lastIndexOf("/", 200));
}
