/** The streaming splitter against JSON.parse: the same elements, their exact bytes, and a fault where JSON.parse sees one. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sliceArray, type Slice } from "./json-array.ts";
import { sliceLines } from "./json-lines.ts";

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const slicesOf = (text: string | Buffer, size = 7, limit = 1_000_000): Promise<Slice[]> =>
  Array.fromAsync(sliceArray(chunked(Buffer.from(text), size), limit));
const values = (slices: Slice[]): unknown[] => slices.flatMap((slice) => ("value" in slice ? [slice.value] : []));
const faults = (slices: Slice[]): string[] =>
  slices.flatMap((slice) => ("fault" in slice ? [`${slice.line}:${slice.column} ${slice.fault}`] : []));

const arrays = fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 6 });
const indents = fc.constantFrom(undefined, 1, "\t");

describe("an array's elements", () => {
  test("are those of JSON.parse, byte for byte, however the bytes arrive", async () => {
    await fc.assert(
      fc.asyncProperty(arrays, indents, fc.integer({ min: 1, max: 40 }), async (array, indent, size) => {
        const text = ` ${JSON.stringify(array, null, indent)}\n`;
        const slices = await slicesOf(text, size);
        expect(faults(slices)).toEqual([]);
        expect(values(slices)).toEqual(JSON.parse(text));
        for (const slice of slices) {
          const bytes = "bytes" in slice ? slice.bytes : Buffer.alloc(0);
          expect(Buffer.from(text).subarray(slice.end - bytes.length, slice.end)).toEqual(bytes);
        }
      }),
    );
  });

  test("of a damaged array end in a fault exactly where JSON.parse refuses it", async () => {
    const damage = fc.record({
      at: fc.nat(),
      remove: fc.nat(2),
      insert: fc.constantFrom("", ",", "]", "[", "{", "}", '"', "\\", "x", " ", "1"),
    });
    await fc.assert(
      fc.asyncProperty(arrays, damage, fc.integer({ min: 1, max: 40 }), async (array, { at, remove, insert }, size) => {
        const sound = JSON.stringify(array);
        const place = at % (sound.length + 1);
        // toWellFormed: cutting a surrogate pair in two makes text that has no bytes.
        const text = (sound.slice(0, place) + insert + sound.slice(place + remove)).toWellFormed();
        let parsed: unknown;
        try {
          parsed = JSON.parse(text);
        } catch {
          parsed = undefined;
        }
        const slices = await slicesOf(text, size);
        expect(faults(slices).length).toBe(Array.isArray(parsed) ? 0 : 1);
        if (Array.isArray(parsed)) expect(values(slices)).toEqual(parsed);
      }),
      { numRuns: 500 },
    );
  });

  test("before a fault are kept, and the fault says where it is", async () => {
    const slices = await slicesOf('[\n {"name": "Jazz"},\n {"name": Blues},\n {"name": "Soul"}\n]');
    expect(values(slices)).toEqual([{ name: "Jazz" }]);
    expect(faults(slices)).toEqual([expect.stringMatching(/^3:2 not JSON/)]);
    expect(faults(await slicesOf('[{"name": "Jazz"} {"name": "Soul"}]'))).toEqual(['1:19 expected , or ], found "{"']);
    expect(faults(await slicesOf('[{"name": "Jazz"}'))).toEqual(["1:18 the file ends before the array's closing ]"]);
    expect(faults(await slicesOf('[{"name": "Ja'))).toEqual(["1:2 the file ends inside this element"]);
    expect(faults(await slicesOf(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d])))).toEqual(["1:2 not UTF-8 text"]);
  });

  test("that are too large are passed over without being held, and the next is read", async () => {
    const slices = await slicesOf(`[1, "${"x".repeat(5_000)}", 2]`, 64, 100);
    expect(values(slices)).toEqual([1, 2]);
    expect(faults(slices)).toEqual(["1:5 the element has 5002 bytes; at most 100 are read"]);
  });
});

describe("JSON Lines", () => {
  const linesOf = (text: string, size = 5, limit = 1_000) => Array.fromAsync(sliceLines(chunked(Buffer.from(text), size), limit));

  test("are one value each, with the line's exact bytes; blank lines are nothing", async () => {
    await fc.assert(
      fc.asyncProperty(arrays, fc.integer({ min: 1, max: 40 }), fc.constantFrom("\n", "\r\n", "\n\n"), async (array, size, end) => {
        const slices = await linesOf(array.map((value) => JSON.stringify(value)).join(end), size, 1_000_000);
        expect(values(slices)).toEqual(JSON.parse(JSON.stringify(array)));
        expect(slices.map((slice) => ("bytes" in slice ? slice.bytes.toString() : slice.fault))).toEqual(
          array.map((value) => JSON.stringify(value)),
        );
      }),
    );
  });

  test("a broken or oversized line rejects that line only", async () => {
    const slices = await linesOf(`{"a": 1}\n{"a": \n"${"x".repeat(2_000)}"\n{"a": 2}`);
    expect(values(slices)).toEqual([{ a: 1 }, { a: 2 }]);
    expect(faults(slices)).toEqual([expect.stringMatching(/^2:1 not JSON/), "3:1 the line has 2002 bytes; at most 1000 are read"]);
  });
});
