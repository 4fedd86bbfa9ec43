/** JSON of a stranger: bounded before it is parsed, for what it grows into costs many times its bytes. */

export interface JsonBounds {
  /** Levels of nesting. */
  depth: number;
  /** Members and elements, counted by their commas, colons and brackets. */
  values: number;
}

/**
 * Levels of a page or a line of a peer's. An item is read as far as it can be refused alone: its document, at most 32 levels deep, stands three
 * levels down. Deep enough for that, and not so deep that a stack is in danger.
 */
export const PEER_LEVELS = 256;

/** Why a text is no JSON that is read here. */
export class BadJson extends Error {
  override name = "BadJson";
  /** True where less of it might do. */
  readonly tooMany: boolean;
  constructor(message: string, { tooMany = false } = {}, cause?: unknown) {
    super(message, { cause });
    this.tooMany = tooMany;
  }
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [34, 92, 44, 58];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];

/** The value of UTF-8 bytes. Throws BadJson. */
export function parseBounded(bytes: Uint8Array, bounds: JsonBounds): unknown {
  assertShallow(bytes, bounds);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) throw new BadJson("it is no JSON", {}, error);
    if (error instanceof TypeError) throw new BadJson("it is no UTF-8", {}, error);
    throw error;
  }
}

function assertShallow(bytes: Uint8Array, bounds: JsonBounds): void {
  let depth = 0;
  let values = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inString) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) inString = false;
      continue;
    }
    if (byte === QUOTE) inString = true;
    else if (byte === COMMA || byte === COLON) values++;
    else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth--;
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      values++;
      if (++depth > bounds.depth) throw new BadJson(`it is nested more than ${bounds.depth} levels deep`);
    }
    if (values > bounds.values) throw new BadJson(`it has more than ${bounds.values.toLocaleString("en")} values`, { tooMany: true });
  }
}
