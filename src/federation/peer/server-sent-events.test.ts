import fc from "fast-check";
import { expect, it } from "vitest";
import { eventsOf } from "./server-sent-events.ts";

async function* chunks(text: string, size: number) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const read = (text: string, { size = 7, most = 100 } = {}) => Array.fromAsync(eventsOf(chunks(text, size), most));

const STREAM =
  'retry: 3000\n\nevent: change\r\nid: 7\r\ndata: {"name":"Žofín"}\r\n\r\n: a comment\ndata:second\n\nevent: lost\n\ndata: unfinished';

it("reads events however their bytes are cut", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 200 }), async (size) => {
      expect(await read(STREAM, { size })).toEqual([
        { event: "change", data: '{"name":"Žofín"}', cut: false },
        { event: "message", data: "second", cut: false },
      ]);
    }),
  );
});

it("holds no more of a line than it may, and goes on after it", async () => {
  const [long, next, ...rest] = await read(`data: ${"x".repeat(1_000)}\n\ndata: next\n\n`);
  expect(long).toEqual({ event: "message", data: "x".repeat(94), cut: true });
  expect(next).toMatchObject({ data: "next", cut: false });
  expect(rest).toEqual([]);
});
