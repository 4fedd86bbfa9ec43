/** `calends` on a database: what is imported, what is said about it, and what an operator is told when something is wrong. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { sourceNameOf } from "../../src/cli/import-options.ts";
import { drainOutbox } from "../../src/feed/sequencer.ts";
import { openTestCommands, type CommandOptions, type TestCommands } from "../support/commands.ts";

const SAMPLE = fileURLToPath(new URL("../fixtures/demo/toronto-excerpt.jsonld", import.meta.url));
const place = { "@type": "Place", name: "High Park", address: "1873 Bloor St W, Toronto" };
const EVENT = {
  "@context": "https://schema.org",
  "@type": "Event",
  name: "Summer concert",
  startDate: "2026-07-01T20:00:00-04:00",
  location: place,
};

let commands: TestCommands;
beforeAll(async () => {
  commands = await openTestCommands();
}, 180_000);
vi.setConfig({ testTimeout: 120_000 });
afterAll(() => commands?.[Symbol.asyncDispose]());
const calends = (words: readonly string[], options?: CommandOptions) => commands.calends(words, options);

const inFolder = (name: string) => join(commands.folder, name);
const countsOf = (out: string) => (JSON.parse(out) as { files: { counts: Record<string, number> }[] }).files[0]!.counts;

/** Four lines: an event, one without a start, a broken one, and one without a place. */
async function writeMixed(): Promise<string> {
  const lines = [
    EVENT,
    { ...EVENT, name: "No start", startDate: undefined },
    "broken",
    { ...EVENT, name: "No place", location: undefined },
  ];
  await writeFile(inFolder("mixed.jsonl"), lines.map((line) => (line === "broken" ? '{"name": "Cut' : JSON.stringify(line))).join("\n"));
  return inFolder("mixed.jsonl");
}

describe("calends import", () => {
  test("takes the events of a file in, once: the same file again changes nothing", async () => {
    const first = await calends(["import", SAMPLE, "--source", "toronto"]);
    expect(first.code).toBe(0);
    expect(first.err).toContain(
      'Source "toronto" is new: its events are licensed cc-by. Change that by: calends source set toronto --license WORD',
    );
    expect(first.err).toMatch(/applying\s+100% {2}60 of 60 {2}.*new 60/);
    expect(first.out).toMatch(/toronto-excerpt\.jsonld +toronto +60 +60 +0 +0 +0 +0 /);
    const second = await calends(["import", SAMPLE, "--source", "toronto", "--json"]);
    expect(countsOf(second.out)).toEqual({ total: 60, done: 60, created: 0, updated: 0, merged: 0, unchanged: 60, rejected: 0 });
  });

  test("reports what it rejects, from the reader and from the registry, each with a reason a person can act on", async () => {
    const file = await writeMixed();
    const report = inFolder("report.jsonl");
    const { code, out } = await calends(["import", file, "--report", report]);
    expect(code).toBe(0);
    expect(out).toContain(`3 rejected, with reasons: ${report}`);
    const rejects = (await readFile(report, "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rejects).toEqual([
      expect.objectContaining({
        file: "mixed.jsonl",
        position: 2,
        name: "No start",
        pointer: "/startDate",
        reason: expect.stringContaining("/startDate: expected"),
      }),
      expect.objectContaining({ position: 3, name: null, reason: expect.stringMatching(/^line 3, column 1: not JSON/) }),
      expect.objectContaining({ position: 4, name: "No place", pointer: "/location" }),
    ]);
  });

  test("fails when nothing at all was taken in", async () => {
    const { code } = await calends(["import", "-", "--source", "nobody", "--report", inFolder("none.jsonl")], {
      stdin: '{"@type": "Event"}',
    });
    expect(code).toBe(1);
  });

  test("--dry-run says the same about the events, and writes nothing", async () => {
    await calends(["import", await writeMixed(), "--report", inFolder("real.jsonl")]);
    const { code, out } = await calends(["import", "--dry-run", "--json", inFolder("mixed.jsonl"), "--report", inFolder("dry.jsonl")], {
      env: { DATABASE_URL: "", DATA_DIR: inFolder("not-made") },
    });
    expect(code).toBe(0);
    expect(countsOf(out)).toMatchObject({ total: 4, created: 1, rejected: 3 });
    expect(await readFile(inFolder("dry.jsonl"), "utf8")).toBe(await readFile(inFolder("real.jsonl"), "utf8"));
    await expect(readFile(inFolder("not-made/lock"))).rejects.toThrow("ENOENT");
  });

  test("goes on where it was stopped, when the same file is imported again", async () => {
    const file = inFolder("long.jsonl");
    const events = Array.from({ length: 1_100 }, (_, n) => JSON.stringify({ ...EVENT, name: `Concert ${n}` }));
    await writeFile(file, events.join("\n"));
    const stopping = new AbortController();
    let written = 0;
    const stopped = await calends(["import", file, "--source", "long"], {
      stopping: {
        get aborted() {
          return ++written > 2;
        },
      } as AbortSignal,
    });
    stopping.abort();
    expect(stopped).toMatchObject({ code: 1, err: expect.stringContaining("stopped; run the same command again to go on") });
    const again = await calends(["import", file, "--source", "long", "--json"]);
    expect(again.err).toMatch(/Going on with an import of long\.jsonl that was cut off \((500|1000) events were read\)/);
    expect(countsOf(again.out)).toMatchObject({ total: 1_100, created: 1_100, rejected: 0 });
  });

  test.each([
    ["toronto.jsonld", "toronto"],
    ["/data/conferences.jsonld.jsonl", "conferences"],
    ["week 21.html", "week 21"],
    ["lanterns.ics", "lanterns"],
  ])("names the source of %s %s", (file, name) => {
    expect(sourceNameOf(file)).toBe(name);
  });
});

describe("what an operator is told", () => {
  test.each<[string[], number, RegExp]>([
    [["import", "nowhere.json"], 1, /^calends: nowhere\.json is not there: check the name\.\n$/],
    [["import"], 2, /calends import: FILE… is missing\. See "calends import --help"/],
    [["import", "a", "--licence", "cc0"], 2, /does not know --licence \(did you mean --license\?\)/],
    [["import", "a", "--license", "free"], 2, /--license "free" is not known: expected cc0, cc-by, proprietary, unknown/],
    [["import", "a", "--trust", "11"], 2, /--trust "11" is not usable: expected a whole number from 1 to 10/],
    [["import", "-"], 1, /standard input has no name: say whose events these are by --source NAME/],
    [["key"], 2, /calends key needs one of create, list, revoke/],
    [["key", "create", "robot"], 2, /An agent's key speaks for a source: name one by --source NAME/],
    [["frobnicate"], 2, /"frobnicate" is no command of calends/],
    [["source", "set", "unknown", "--trust", "3"], 1, /There is no source named unknown/],
  ])("calends %j", async (words, code, message) => {
    const said = await calends(words);
    expect(said.err).toMatch(message);
    expect(said.err.trim().split("\n")).toHaveLength(1);
    expect(said.code).toBe(code);
  });

  test("a NODE_URL other than the first is refused, and both are named", async () => {
    const { code, err } = await calends(["source", "list"], { env: { NODE_URL: "https://other.example" } });
    expect(code).toBe(1);
    expect(err).toMatch(/NODE_URL is https:\/\/other\.example, but this database was begun as https:\/\/events\.example/);
  });

  test("every command has help", async () => {
    const { out } = await calends(["--help"]);
    const names = [...out.matchAll(/^ {2}([a-z]+(?: [a-z]+)?) {2}/gm)].map(([, name]) => name!.trim());
    expect(names).toEqual(expect.arrayContaining(["serve", "demo", "migrate", "import", "export", "source add", "key create", "doctor"]));
    for (const name of names)
      expect(await calends([...name.split(" "), "--help"])).toMatchObject({ code: 0, out: expect.stringContaining(`calends ${name}`) });
    expect(await calends(["peer", "--help"])).toMatchObject({ code: 0, out: expect.stringMatching(/peer add .*peer resync /s) });
  });
});

describe("sources, keys, export and doctor", () => {
  test("a source is made, changed and listed", async () => {
    expect((await calends(["source", "add", "City", "--license", "cc0", "--timezone", "America/Toronto"])).code).toBe(0);
    expect(await calends(["source", "add", "City"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("there is a source named City already"),
    });
    await calends(["source", "set", "City", "--trust", "9"]);
    const sources = JSON.parse((await calends(["source", "list", "--json"])).out) as Record<string, unknown>[];
    expect(sources.find(({ name }) => name === "City")).toMatchObject({ licenseStatus: "cc0", timezone: "America/Toronto", trustLevel: 9 });
  });

  test("a key is shown once, listed without its secret, and ended", async () => {
    await calends(["source", "add", "Robots"]);
    const made = await calends(["key", "create", "robot", "--source", "Robots"]);
    expect(made.out).toMatch(/^cal_agent_[\w-]{43}\n$/);
    const id = /Key (\w{26})/.exec(made.err)![1]!;
    expect((await calends(["key", "list"])).out).toMatch(new RegExp(`${id} +robot +agent +Robots +never +valid`));
    expect((await calends(["key", "list", "--json"])).out).not.toContain(made.out.trim());
    expect((await calends(["key", "revoke", id])).out).toBe(`Key ${id} is revoked.\n`);
    expect((await calends(["key", "list"])).out).toMatch(new RegExp(`${id} .* revoked`));
  });

  test("export writes what is public, as linked data in four formats", async () => {
    await calends(["import", SAMPLE, "--source", "toronto"]);
    const lines = (await calends(["export"])).out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.length).toBeGreaterThanOrEqual(60);
    expect(lines[0]).toMatchObject({ "@type": "Event", "@id": expect.stringMatching(/^https:\/\/events\.example\/events\/\w{26}$/) });
    const documents = JSON.parse((await calends(["export", "--format", "jsonld", "--kind", "place"])).out) as unknown[];
    expect(documents.length).toBeGreaterThan(10);
    const turtle = (await calends(["export", "--format", "ttl", "--kind", "organization"])).out;
    expect(turtle.match(/@prefix schema:/g)).toHaveLength(1);
    expect((await calends(["export", "--format", "nt", "--kind", "organization"])).out).toMatch(
      /^<https:\/\/events\.example\/organizations\/\w{26}> /m,
    );
  });

  test("doctor finds nothing wrong with a database that has a feed", async () => {
    // No sequencer runs beside these commands, and on a server the doctor minds what has waited for a minute.
    const log = { info: () => undefined, warn: () => undefined };
    await drainOutbox({ database: commands.database, base: "https://events.example", clock: () => new Date(), log });
    const { out } = await calends(["doctor", "--json"]);
    const { findings } = JSON.parse(out) as { findings: { name: string; ok: boolean }[] };
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
    expect(findings.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["database", "extensions", "schema", "outbox", "feed", "dead letters", "last shutdown", "time zones"]),
    );
  });

  test("doctor says what is wrong, in its exit code too", async () => {
    const { code, out } = await calends(["doctor"], { env: { DATABASE_URL: "postgres://nobody@127.0.0.1:1/nothing" } });
    expect(code).toBe(1);
    expect(out).toMatch(/^ {2}!! {2}database +The database cannot be reached/);
  });
});
