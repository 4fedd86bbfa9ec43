/**
 * A JSON array as a stream of bytes -> its elements, each exactly as it stands in the file, in bounded memory.
 * Only the array's own brackets and commas are read here; each element is then given to JSON.parse.
 */
import { parseJson } from "../jsonld/parse-json.ts";

/** An element and its bytes, or why reading stopped (or, when `goesOn`, why one element was passed over). Offsets count bytes. */
export type Slice =
  | { bytes: Buffer; value: unknown; end: number }
  | { fault: string; excerpt: string; line: number; column: number; end: number; goesOn: boolean };

const code = (text: string): number => text.charCodeAt(0);
const QUOTE = code('"'),
  BACKSLASH = code("\\"),
  COMMA = code(","),
  NEWLINE = 10;
const OPEN = code("["),
  CLOSE = code("]"),
  BRACE = code("{"),
  UNBRACE = code("}");
const isSpace = (byte: number): boolean => byte === 32 || byte === NEWLINE || byte === 13 || byte === 9;

type Phase = "before" | "first" | "value" | "inside" | "after" | "end";

/**
 * The elements of the array that `chunks` hold. A fault in one element, or between two, ends it there, because what
 * follows cannot be told apart any more; only an element of more than `limit` bytes is passed over.
 */
export async function* sliceArray(chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Slice> {
  let phase = "before" as Phase;
  let [depth, inString, escaped, isScalar] = [0, false, false, false];
  let [offset, line, lineStart] = [0, 1, 0];
  let start = { line: 1, column: 1 };
  let parts: Buffer[] = [];
  let size = 0;

  const fault = (what: string, excerpt: Buffer, at: { line: number; column: number }, end: number, goesOn = false): Slice => ({
    fault: what,
    excerpt: excerpt.toString("utf8", 0, 200),
    ...at,
    end,
    goesOn,
  });

  for await (const chunk of chunks) {
    let from = 0;
    const keep = (to: number) => {
      size += to - from;
      if (size <= limit) parts.push(chunk.subarray(from, to));
      else parts = parts.slice(0, 1);
    };
    const finish = (to: number): Slice => {
      keep(to);
      const bytes = Buffer.concat(parts);
      const [whole, end] = [size, offset + to];
      [parts, size, phase] = [[], 0, "after"];
      if (whole > limit) return fault(`the element has ${whole} bytes; at most ${limit} are read`, bytes, start, end, true);
      const parsed = parseJson(bytes);
      return "value" in parsed ? { bytes, value: parsed.value, end } : fault(parsed.fault, bytes, start, end);
    };

    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (byte === NEWLINE) [line, lineStart] = [line + 1, offset + at + 1];
      if (phase === "inside") {
        if (inString) {
          if (escaped) escaped = false;
          else if (byte === BACKSLASH) escaped = true;
          else if (byte === QUOTE) inString = false;
          if (inString || depth > 0) continue;
        } else if (isScalar) {
          if (!isSpace(byte) && byte !== COMMA && byte !== CLOSE) continue;
          const slice = finish(at);
          yield slice;
          if ("fault" in slice && !slice.goesOn) return;
          at--; // the byte that ended it has its own meaning
          if (byte === NEWLINE) line--;
          continue;
        } else if (byte === QUOTE) {
          inString = true;
          continue;
        } else if (byte === OPEN || byte === BRACE) {
          depth++;
          continue;
        } else if ((byte !== CLOSE && byte !== UNBRACE) || --depth > 0) continue;
        const slice = finish(at + 1);
        yield slice;
        if ("fault" in slice && !slice.goesOn) return;
        continue;
      }
      if (isSpace(byte)) continue;
      const here = { line, column: offset + at - lineStart + 1 };
      if (phase === "before" && byte === OPEN) phase = "first";
      else if ((phase === "first" || phase === "after") && byte === CLOSE) phase = "end";
      else if (phase === "after" && byte === COMMA) phase = "value";
      else if ((phase === "first" || phase === "value") && byte !== COMMA && byte !== CLOSE && byte !== UNBRACE) {
        [phase, start, from] = ["inside", here, at];
        [inString, escaped] = [byte === QUOTE, false];
        depth = byte === OPEN || byte === BRACE ? 1 : 0;
        isScalar = depth === 0 && !inString;
      } else {
        const expected = {
          before: "[",
          first: "an element or ]",
          value: "an element",
          after: ", or ]",
          end: "nothing after the closing ]",
        }[phase];
        yield fault(
          `expected ${expected}, found ${JSON.stringify(String.fromCharCode(byte))}`,
          chunk.subarray(at, at + 200),
          here,
          offset + at,
        );
        return;
      }
    }
    if (phase === "inside") keep(chunk.length);
    offset += chunk.length;
  }
  if (phase === "end") return;
  const here = phase === "inside" ? start : { line, column: offset - lineStart + 1 };
  const what =
    phase === "inside"
      ? "the file ends inside this element"
      : phase === "before"
        ? "expected [, found nothing"
        : "the file ends before the array's closing ]";
  yield fault(what, Buffer.concat(parts), here, offset);
}
