/** `calends source …`: a source is set up to be visited, visited, withdrawn and reinstated. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openTestCommands, type TestCommands } from "../support/commands.ts";
import { programmeOf } from "../support/harvest.ts";

/** Goes on as time does: a visit waits for its host's turn. */
const START = Date.parse("2026-03-01T12:00:00Z") - performance.now();
const closing = new AsyncDisposableStack();
let commands: TestCommands;
let url: string;

beforeAll(async () => {
  const nth = programmeOf("Harbour");
  const server = createServer((request, response) => {
    if (request.url === "/events") response.end(JSON.stringify([nth(1), nth(2), { ...nth(3), startDate: "soon" }]));
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closing.defer(() => void server.close());
  const { port } = server.address() as AddressInfo;
  url = `http://127.0.0.1:${port}/events`;
  const clock = () => new Date(START + performance.now());
  commands = closing.use(await openTestCommands({ env: { FETCH_ALLOW: `127.0.0.1:${port}` }, clock, user: "ada" }));
}, 180_000);
vi.setConfig({ testTimeout: 120_000 });
afterAll(() => closing.disposeAsync());

const calends = (...words: string[]) => commands.calends(words);

test("a source is set up, visited now, and shows its last visit", async () => {
  expect(await calends("source", "harvest", "Harbour")).toMatchObject({
    code: 2,
    err: expect.stringContaining("There is no source named Harbour"),
  });
  expect(await calends("source", "add", "Harbour", "--harvest", "http://10.0.0.1/events", "--format", "json-ld")).toMatchObject({
    code: 1,
    err: expect.stringContaining("url: 10.0.0.1 is not dialled"),
  });
  expect(await calends("source", "add", "Harbour", "--harvest", url, "--format", "xml")).toMatchObject({
    code: 2,
    err: expect.stringContaining("--format"),
  });
  const added = await calends("source", "add", "Harbour", "--harvest", url, "--format", "json-ld", "--every", "60", "--license", "cc0");
  expect(added).toMatchObject({ code: 0, out: expect.stringMatching(/Harbour .* none yet/) });

  const visited = await calends("source", "harvest", "Harbour");
  expect(visited).toMatchObject({ code: 0, out: expect.stringContaining("Harbour: taken; 3 found, 2 new, 1 rejected") });
  expect(JSON.parse((await calends("source", "harvest", "Harbour", "--json")).out)).toMatchObject({
    outcome: expect.stringMatching(/unchanged|waiting/),
  });
  const listed = await calends("source", "list");
  expect(listed.out).toMatch(/last visit/);
  expect(listed.out).toMatch(/Harbour .*2026-03-01 12:0\d (taken|unchanged)/);
  expect(JSON.parse((await calends("source", "list", "--json")).out)).toMatchObject([
    { name: "Harbour", harvest: { url, everyMinutes: 60, format: "json-ld" } },
  ]);
});

test("it is visited otherwise, or no more, and withdrawn with a reason", async () => {
  expect((await calends("source", "set", "Harbour", "--every", "120", "--json")).out).toContain('"everyMinutes":120');
  expect((await calends("source", "set", "Harbour", "--no-harvest", "--every", "5")).code).toBe(2);
  expect((await calends("source", "withdraw", "Harbour")).err).toContain("--reason");
  expect(await calends("source", "withdraw", "Harbour", "--reason", "closed")).toMatchObject({
    code: 0,
    out: expect.stringContaining("is withdrawn"),
  });
  expect((await calends("source", "list")).out).toMatch(/Harbour .* withdrawn/);
  expect(await calends("source", "harvest", "Harbour")).toMatchObject({ code: 1, out: expect.stringContaining("is withdrawn") });
  expect((await calends("source", "withdraw", "Harbour", "--reason", "again")).err).toContain("was withdrawn already");
  expect((await calends("source", "reinstate", "Harbour")).out).toContain("speaks again");
  expect((await calends("source", "set", "Harbour", "--no-harvest")).code).toBe(0);
  expect(await calends("source", "harvest", "Harbour")).toMatchObject({ code: 2, err: expect.stringContaining("is not visited") });
});
