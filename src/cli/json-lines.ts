/** JSON Lines as a stream of bytes -> its lines, each exactly as it stands in the file; a broken line spoils no other. */
import { parseJson } from "../jsonld/parse-json.ts";
import type { Slice } from "./json-array.ts";

const NEWLINE = 10;

/** One Slice a line, blank ones left out; every fault `goesOn`. Lines of more than `limit` bytes are passed over. */
export async function* sliceLines(chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Slice> {
  let parts: Buffer[] = [];
  let [size, line, offset] = [0, 0, 0];

  const keep = (part: Buffer) => {
    size += part.length;
    if (size <= limit) parts.push(part);
    else parts = parts.slice(0, 1);
  };
  const finish = (end: number): Slice | undefined => {
    line++;
    const bytes = trimmed(Buffer.concat(parts));
    const whole = size;
    [parts, size] = [[], 0];
    if (whole > limit)
      return {
        fault: `the line has ${whole} bytes; at most ${limit} are read`,
        excerpt: bytes.toString("utf8", 0, 200),
        line,
        column: 1,
        end,
        goesOn: true,
      };
    if (bytes.length === 0) return undefined;
    const parsed = parseJson(bytes);
    return "value" in parsed
      ? { bytes, value: parsed.value, end }
      : { fault: parsed.fault, excerpt: bytes.toString("utf8", 0, 200), line, column: 1, end, goesOn: true };
  };

  for await (const chunk of chunks) {
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
      keep(chunk.subarray(from, to));
      from = to + 1;
      const slice = finish(offset + from);
      if (slice) yield slice;
    }
    keep(chunk.subarray(from));
    offset += chunk.length;
  }
  const last = finish(offset);
  if (last) yield last;
}

/** Without the white space of JSON around it (a carriage return, mostly). */
function trimmed(bytes: Buffer): Buffer {
  let [from, to] = [0, bytes.length];
  while (from < to && isSpace(bytes[from]!)) from++;
  while (to > from && isSpace(bytes[to - 1]!)) to--;
  return bytes.subarray(from, to);
}

const isSpace = (byte: number): boolean => byte === 32 || byte === 9 || byte === 13;
