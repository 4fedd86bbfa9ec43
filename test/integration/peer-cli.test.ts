/** `calends peer …`: a real node is met, followed, pulled, steered and let go; and what the doctor says when one was stopped. */
import { mkdir } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cli } from "../../src/cli/command.ts";
import { openTestCommands, type TestCommands } from "../support/commands.ts";
import { anEvent } from "../support/http.ts";
import { createNetwork, type TestNetwork } from "../support/network.ts";

let start = Date.parse("2026-05-01T12:00:00Z") - performance.now();
const clock = () => new Date(start + performance.now());
const closing = new AsyncDisposableStack();
let commands: TestCommands;
let harbour: TestNetwork;
/** Of the harbour's front door, behind which somebody else may come to live. */
let url: string;
let impostor = false;

beforeAll(async () => {
  const door = createServer((request, response) => void enter(request, response));
  await new Promise<void>((listening) => door.listen(0, "127.0.0.1", listening));
  closing.defer(() => void door.close());
  url = `http://localhost:${(door.address() as AddressInfo).port}`;
  harbour = closing.use(await createNetwork({ nodes: 1, clock, env: { NODE_NAME: "Harbour", NODE_URL: url } }));
  await harbour.node.asAdmin("/api/v1/admin/sources", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "Harbour office", type: "api", licenseStatus: "cc0" }),
  });
  await publish("Lantern Quartet", "2026-06-01T20:00:00-04:00");
  commands = closing.use(await openTestCommands({ clock, user: "ada", env: { NODE_URL: "https://city.example" } }));
});
afterAll(() => closing.disposeAsync());

async function enter(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = await fetch(harbour.node.url + request.url!, { redirect: "manual", headers: { accept: request.headers.accept ?? "*/*" } });
  const body = Buffer.from(await answer.arrayBuffer());
  const headers = Object.fromEntries(
    [...answer.headers].filter(([name]) => !/^(content-(length|encoding)|connection|transfer-encoding)$/.test(name)),
  );
  response.writeHead(answer.status, headers);
  response.end(impostor ? body.toString().replaceAll(url, "https://impostor.example") : body);
}

/** An event of the harbour's, in its feed. */
async function publish(name: string, startDate: string): Promise<void> {
  const answer = await harbour.node.asAdmin("/api/v1/events", {
    method: "POST",
    headers: { "content-type": "application/ld+json", "on-behalf-of": "Harbour office" },
    body: JSON.stringify(anEvent({ name, startDate })),
  });
  expect(answer.status).toBe(201);
  await harbour.processAll();
}

const calends = (...words: string[]) => commands.calends(words);

describe("a node is met", () => {
  test("and shown, and not followed where the person at the terminal says no", async () => {
    const terminal: Cli["stdin"] = Object.assign(Readable.from(["n\n"]), { isTTY: true });
    const { code, err } = await commands.calends(["peer", "add", url], { stdin: terminal });
    expect([code, err]).toEqual([1, expect.stringContaining("Nothing was added.")]);
    expect(err).toContain(`Harbour at ${url}`);
    expect(err).toMatch(/software +calends/);
    expect(err).toMatch(/newest change +\d/);
    expect(err).toMatch(/proves +.*hash-chain/);
    expect((await calends("peer", "list")).out).toContain("This node follows no other yet");
  });

  test("and followed, with a key for it where that is asked for: the secret alone on standard output", async () => {
    const added = await calends("peer", "add", `${url}/`, "--trust", "7", "--every", "1m", "--issue-key");
    expect([added.code, added.out]).toEqual([0, expect.stringMatching(/^cal_peer_[\w-]{43}\n$/)]);
    expect(added.err).toContain(`${url} is a peer now, with trust 7`);
    expect(JSON.parse((await calends("peer", "list", "--json")).out)).toMatchObject([
      { base: url, name: "Harbour", trust: 7, everySeconds: 60, dialect: "calends", status: "active", position: 0 },
    ]);
    expect((await calends("peer", "add", url)).err).toContain("is a peer already");
  });

  test.each([
    [["peer", "add", "http://localhost:1"], 1, /no node can be met at http:\/\/localhost:1/],
    [["peer", "add", "city"], 2, /url: "city" is no URL/],
    [["peer", "add", "ftp://city.example"], 2, /url: ftp: is not spoken here; expected http: or https:/],
    [["peer", "add", "localhost:47201"], 2, /url: "localhost:47201" lacks http:\/\/ \(or https:\/\/\) at its front/],
    [["peer", "pause", "localhost:47201"], 2, /lacks http:\/\//],
    [["peer", "add"], 2, /calends peer add: URL is missing\. See "calends peer add --help"/],
    [["peer", "pause"], 2, /calends peer pause: URL is missing\./],
    [["peer", "add", "https://a.example", "--every", "10"], 2, /--every "10" .* with its unit \(s, m, h or d\), such as 30s/],
    [["peer", "add", "https://a.example", "--trust", "11"], 2, /--trust/],
    [["peer", "add", "https://a.example", "--bbox", "1,2,3"], 2, /--bbox .* west,south,east,north/],
    [["peer", "add", "https://a.example", "--bbox", "0,50,1,49"], 2, /--bbox/],
    [["peer", "add", "https://a.example", "--bbox", "-79.1,43.5,-79.7,43.9"], 2, /359 degrees around the world.*probably swapped/],
    [["peer", "add", "https://a.example", "--domains", "wine"], 2, /--domains "wine"/],
    [["peer", "add", "https://a.example", "--origins", "a.example"], 2, /--origins/],
    [["peer", "add", "https://a.example", "--every", "1s"], 2, /--every "1s" .* 10s to 1d/],
    [["peer", "add", "https://a.example", "--direction", "none"], 2, /--direction/],
    [["peer", "add", "https://a.example", "--relay", "--no-relay"], 2, /contradict/],
    [["peer", "sync", "https://nobody.example"], 2, /There is no peer https:\/\/nobody\.example: calends peer list/],
    [["peer", "set", "https://nobody.example"], 2, /say what to change/],
    [["peer", "remove", "https://nobody.example"], 2, /--reason TEXT/],
    [["peer", "remove", "https://nobody.example", "--reason", ""], 2, /--reason TEXT/],
    [["peer", "remove", "https://nobody.example", "--reason", " "], 2, /--reason TEXT/],
  ])("%j is refused in one line", async (words, code, says) => {
    const refused = await calends(...words);
    expect([refused.code, refused.err]).toEqual([code, expect.stringMatching(says)]);
    expect(refused.err.trim().split("\n")).toHaveLength(1);
  });
});

describe("a peer", () => {
  test("is pulled to its head, and its events are here under their own addresses", async () => {
    const first = await calends("peer", "sync", url);
    expect([first.code, first.err]).toEqual([0, ""]);
    expect(first.out).toMatch(new RegExp(`^${url}: \\d+ applied`));
    await publish("Evening of Songs", "2026-06-02T20:00:00-04:00");
    const next = await calends("peer", "sync", "--json");
    expect(JSON.parse(next.out)).toMatchObject({ base: url, outcome: "applied" });
    expect((await calends("peer", "sync")).out).toMatch(
      /: nothing new since the pull that ended 2026-05-01 12:\d\d:\d\d UTC \(\d+ applied\)\n$/,
    );
    const [peer] = JSON.parse((await calends("peer", "list", "--json")).out);
    expect(peer).toMatchObject({ lagPositions: 0, counts: { events: 2 }, lastRun: { outcome: "unchanged" } });
    expect(peer.position).toBe(peer.head);
    expect((await calends("peer", "list")).out).toMatch(new RegExp(`${url} +active +7 +pull`));
  });

  test("is changed, and filters that are not named stay", async () => {
    const narrow = await calends("peer", "set", url, "--domains", "music,arts", "--bbox", "-80,43,-79,44", "--json");
    expect(JSON.parse(narrow.out)).toMatchObject([{ filters: { domains: ["music", "arts"], bbox: [-80, 43, -79, 44] } }]);
    const { out } = await calends("peer", "set", url, "--bbox", "all", "--trust", "4", "--json");
    expect(JSON.parse(out)).toMatchObject([{ filters: { domains: ["music", "arts"] }, trust: 4, everySeconds: 60 }]);
    expect(JSON.parse(out)[0].filters.bbox).toBeUndefined();
    await calends("peer", "set", url, "--most", "0");
    expect((await calends("peer", "show", url)).out).toMatch(/let in +of music, arts; 0 entities at most/);
    expect((await calends("peer", "list")).out).toMatch(/it may tell of 0 entities, and \d+ were let in/);
    expect((await calends("peer", "set", url, "--most", "default")).out).not.toContain("let in");
    expect(JSON.parse((await calends("peer", "set", url, "--domains", "all", "--json")).out)[0].filters).toEqual({});
  });

  test("whose filters change is told from when on they hold, and what applies them to what is here", async () => {
    const note = `The filters hold for what comes from now on; this applies them to what it told before, too: calends peer resync ${url}\n`;
    expect((await calends("peer", "set", url, "--domains", "music")).out).toContain(note);
    expect((await calends("peer", "set", url, "--domains", "music", "--trust", "4")).out).not.toContain("filters");
    const widened = await calends("peer", "set", url, "--domains", "all", "--origins", "https://far.example");
    expect(widened.out).toContain(`${note}What it told of origins that are let in no more stays.\n`);
    await calends("peer", "set", url, "--origins", "all");
  });

  test("is paused and resumed; meanwhile it is not pulled", async () => {
    expect((await calends("peer", "pause", url)).out).toContain(`calends peer resume ${url}`);
    expect(await calends("peer", "sync", url)).toMatchObject({
      code: 1,
      err: expect.stringContaining(`is paused: calends peer resume ${url}`),
    });
    expect(await calends("peer", "sync")).toMatchObject({ code: 1, err: expect.stringContaining("There is no active peer") });
    expect((await calends("peer", "resume", url)).code).toBe(0);
    expect((await calends("peer", "sync", url)).code).toBe(0);
  });

  test("is copied anew, and shown with its pulls", async () => {
    expect((await calends("peer", "resync", url)).out).toContain("will be copied anew");
    expect((await calends("peer", "sync", url)).code).toBe(0);
    const { out } = await calends("peer", "show", url);
    expect(out).toMatch(/held of it +2 events/);
    expect(out).toMatch(/ resync +(applied|unchanged)/);
    const shown = JSON.parse((await calends("peer", "show", url, "--json")).out);
    expect(shown.runs.map(({ kind }: { kind: string }) => kind)).toEqual(expect.arrayContaining(["bootstrap", "pull", "resync"]));
    expect(shown.refusals).toEqual([]);
  });

  test("that nobody has asked for hours is told of by the doctor and in the list, though nothing failed", async () => {
    start += 2 * 3_600_000;
    expect((await calends("doctor")).out).toMatch(/!! +peers far behind +http\S+ \(2 h\)/);
    expect((await calends("peer", "list")).out).toMatch(/not heard for 2 h/);
    expect((await calends("peer", "sync", url)).code).toBe(0);
    expect((await calends("doctor")).out).toMatch(/ok +peers far behind +none/);
    expect((await calends("peer", "list")).out).not.toMatch(/not heard/);
  });

  test("whose node was replaced by another is stopped; the doctor and the command say what to do", async () => {
    expect((await calends("doctor")).out).toMatch(/ok +peers +1, none stopped/);
    impostor = true;
    const stopped = await calends("peer", "sync", url);
    impostor = false;
    expect(stopped).toMatchObject({ code: 1, out: expect.stringMatching(/stopped by an alarm: .*calends peer show/) });
    expect((await calends("peer", "list")).out).toMatch(/stopped .*alarm identity/);
    expect((await calends("peer", "show", url)).out).toMatch(
      /Stopped by the alarm identity: another node answers at this address.*\nAsk its operator/,
    );
    expect(await calends("peer", "sync", url)).toMatchObject({
      code: 1,
      err: expect.stringContaining(`calends peer show ${url} says what to do`),
    });
    const doctor = await calends("doctor");
    expect([doctor.code, doctor.out]).toEqual([1, expect.stringMatching(/!! +peers +stopped: .*\(identity\): calends peer show URL/)]);
    expect((await calends("peer", "resume", url)).code).toBe(0);
    expect((await calends("doctor")).out).toMatch(/ok +peers +1, none stopped/);
  });

  test("is given our key there by standard input, out of sight of the shell's history", async () => {
    const setKey = ["peer", "set", url, "--key", "-"];
    expect((await commands.calends(setKey, { stdin: Readable.from(["cal_peer_the", "irs\nmore\n"]) })).code).toBe(0);
    expect((await calends("peer", "show", url)).out).toMatch(/key there +kept/);
    const empty = await commands.calends(setKey, { stdin: "\n" });
    expect([empty.code, empty.err]).toEqual([2, expect.stringContaining("--key -: expected the key on the first line")]);
    await calends("peer", "set", url, "--key", "none");
    expect((await calends("peer", "show", url)).out).toMatch(/key there +none/);
  });

  test("that pushes is not said to be pulled", async () => {
    const theatre = "https://theatre.example";
    const added = await calends("peer", "add", theatre, "--direction", "push");
    expect([added.code, added.err]).toEqual([0, expect.stringContaining(`calends key create NAME --role peer --source ${theatre}`)]);
    expect(added.err).not.toContain("peer sync");
    expect((await calends("peer", "list")).out).toMatch(/theatre\.example +active +5 +push$/m);
    expect((await calends("peer", "show", theatre)).out).not.toMatch(/position|behind|pulled every/);
    expect(await calends("peer", "sync", theatre)).toMatchObject({ code: 1, err: expect.stringContaining("is not pulled from") });
    const filtered = await calends("peer", "set", theatre, "--bbox", "-80,43,-79,44");
    expect(filtered.out).toContain("what it pushed before stays as it is until it pushes that again");
    expect(filtered.out).not.toContain("resync");
    await calends("peer", "pause", theatre);
    expect((await calends("peer", "resume", theatre)).out).toBe(`${theatre} is active: it may push again.\n`);
    expect((await calends("peer", "remove", theatre, "--reason", "moved")).code).toBe(0);
  });

  test("is removed with a reason; the key that it has is named, to be revoked", async () => {
    const { out } = await calends("peer", "remove", url, "--reason", "closed down");
    expect(out).toContain("is no peer any more");
    const [, key] = /calends key revoke ([0-9A-Z]{26})/.exec(out)!;
    expect((await calends("key", "revoke", key!)).code).toBe(0);
    expect((await calends("peer", "list")).out).toContain("This node follows no other yet");
  });
});

test("a node that wants a key, or takes another, is met with advice that fits one that is no peer yet", async () => {
  const locked = createServer((_request, response) => void response.writeHead(401).end());
  await new Promise<void>((listening) => locked.listen(0, "127.0.0.1", listening));
  const base = `http://localhost:${(locked.address() as AddressInfo).port}`;
  const [none, wrong] = [await calends("peer", "add", base), await calends("peer", "add", base, "--key", "WRONG")];
  locked.close();
  expect([none.code, none.err]).toEqual([1, expect.stringContaining("wants a key. Give the one that its operator gave you.")]);
  expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining("does not take this key. Check the key, or leave it out.")]);
  expect(none.err + wrong.err).not.toContain("peer set");
});

test("a node that redirects to where nobody may be led is said to do so", async () => {
  const server = createServer((_request, response) => void response.writeHead(302, { location: "http://127.0.0.1:9/" }).end());
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const base = `http://localhost:${(server.address() as AddressInfo).port}`;
  const { code, err } = await calends("peer", "add", base);
  server.close();
  const why = `127.0.0.1 is not dialled: loopback (${base}/.well-known/sel-profile redirects there).`;
  expect([code, err]).toEqual([1, expect.stringContaining(why)]);
});

test("while a node runs on the embedded database, the line leads to that node's own pages and API", async () => {
  const data = join(commands.folder, "running");
  await mkdir(data);
  using lock = { held: new DatabaseSync(join(data, "lock")), [Symbol.dispose]: () => lock.held.close() };
  lock.held.exec("pragma locking_mode = exclusive; begin exclusive");
  const refused = await commands.calends(["peer", "list"], { env: { NODE_URL: "", DATA_DIR: data, PORT: "8080" } });
  expect(refused.code).toBe(1);
  expect(refused.err).toContain("http://localhost:8080/admin/peers");
  expect(refused.err).toContain("http://localhost:8080/api/v1/admin/peers");
});
