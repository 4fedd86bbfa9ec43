/** Which of the formats that `import` reads a file has, by its beginning (its name decides only between JSON and JSON Lines). */
import { isObject } from "../jsonld/split.ts";
import { parseJson } from "../jsonld/parse-json.ts";

export type InputFormat = "array" | "lines" | "document" | "html" | "calendar" | "empty" | "unknown";

/** How much of the file is looked at. */
const BEGINNING = 1024 * 1024;

export async function sniffFormat(input: { name: string; read(): AsyncIterable<Buffer> }): Promise<InputFormat> {
  const beginning = await readBeginning(input.read());
  const text = beginning
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .trimStart();
  if (text === "") return "empty";
  // In UTF-16 every other byte of it is zero.
  if (/^[\ufffd\0\s]*B\0?E\0?G\0?I\0?N\0?:\0?V\0?C\0?A\0?L/i.test(text)) return "calendar";
  if (text.startsWith("<")) return "html";
  if (/\.(jsonl|ndjson)$/i.test(input.name)) return "lines";
  if (text.startsWith("[")) return "array";
  if (!text.startsWith("{")) return "unknown";
  // A document that is printed over several lines has no line that is a whole object of its own so early.
  const [first = "", second = ""] = text.split("\n", 3);
  return [first, second].some(isWholeObject) ? "lines" : "document";
}

function isWholeObject(line: string): boolean {
  if (!line.startsWith("{")) return false;
  const parsed = parseJson(Buffer.from(line));
  return "value" in parsed && isObject(parsed.value);
}

async function readBeginning(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const read: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    read.push(chunk);
    size += chunk.length;
    if (size >= BEGINNING) break;
  }
  return Buffer.concat(read).subarray(0, BEGINNING);
}
