/** What a person gets who types `npm start` or `npm run demo`: real processes on the embedded database. */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCalends, type RunningProcess } from "../support/process.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "calends-start-"));
});
afterAll(() => rm(folder, { recursive: true }));

const serve = (name: string, env: Record<string, string> = {}): RunningProcess =>
  startCalends(["serve"], { env: { PORT: "0", DATA_DIR: join(folder, name), ...env } });
const urlOf = async (node: RunningProcess): Promise<string> => (await node.line(/Home +(http:\/\/\S+)\//))[1]!;

const EVENT = {
  "@context": "https://schema.org",
  "@type": "Event",
  name: "Summer concert",
  startDate: "2026-07-01T20:00:00-04:00",
  location: { "@type": "Place", name: "High Park", address: "1873 Bloor St W, Toronto" },
};

describe("npm start", () => {
  test("serves, shows an admin key once, keeps acknowledged events through a kill -9, and stops in order at SIGTERM", async () => {
    await using first = serve("node");
    const url = await urlOf(first);
    const key = (await first.line(/Admin key +(cal_admin_[\w-]{43})/))[1]!;
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const created = await fetch(`${url}/api/v1/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/ld+json" },
      body: JSON.stringify(EVENT),
    });
    expect(created.status).toBe(201);
    const uri = created.headers.get("location")!;
    first.kill("SIGKILL");
    expect(await first.ended).toBe("SIGKILL");

    await using second = serve("node", { PORT: new URL(url).port });
    expect(await urlOf(second)).toBe(url);
    await second.line(/did not close this database in order, so the feed begins a new epoch/);
    expect(second.said.out).not.toContain("Admin key");
    const read = await fetch(uri, { headers: { accept: "application/ld+json" } });
    expect(await read.json()).toMatchObject({ "@id": uri, name: "Summer concert" });
    second.kill("SIGTERM");
    expect(await second.ended).toBe(0);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow("fetch failed");

    await using third = serve("node", { PORT: new URL(url).port });
    await urlOf(third);
    expect(third.said.out).not.toContain("new epoch");
    third.kill("SIGINT");
    expect(await third.ended).toBe(0);
  });

  test("says in one line what keeps it from starting", async () => {
    await using node = serve("other");
    const port = new URL(await urlOf(node)).port;
    await using samePort = serve("third", { PORT: port });
    expect(await samePort.ended).toBe(1);
    expect(samePort.said.err.trim()).toBe(
      `calends: Port ${port} on 127.0.0.1 is in use: stop what listens there, or set PORT to another one (0 for any free one).`,
    );
    await using sameFolder = serve("other");
    expect(await sameFolder.ended).toBe(1);
    expect(sameFolder.said.err.trim()).toMatch(/^calends: .*other is in use by another calends process: stop that one first/);
    await using badSetting = serve("fourth", { ROLES: "api,cook" });
    expect(await badSetting.ended).toBe(1);
    expect(badSetting.said.err.trim()).toBe(
      'calends: ROLES "api,cook" is not usable: expected a list of api, worker, sequencer, relay, parted by commas',
    );
    node.kill("SIGTERM");
    expect(await node.ended).toBe(0);
  });
});

describe("npm run demo", () => {
  test("shows two nodes that follow each other, prints what to open, and leaves nothing behind", async () => {
    const temporary = join(folder, "tmp");
    await mkdir(temporary);
    await using demo = startCalends(["demo"], { env: { TMPDIR: temporary } });
    await demo.line(/Both show the same 63 events under the same addresses/);
    const uri = (await demo.line(/its address on both +(http:\S+)/))[1]!;
    const there = (await demo.line(/page at Weekly +(http:\S+)/))[1]!;
    await demo.line(/and so at Weekly .*EventCancelled/);
    expect(new URL(there).origin).not.toBe(new URL(uri).origin);
    for (const url of [uri, there]) {
      const document = await (await fetch(url, { headers: { accept: "application/ld+json" } })).json();
      expect(document).toMatchObject({ "@id": uri, eventStatus: "https://schema.org/EventCancelled" });
    }
    expect(await (await fetch(uri, { headers: { accept: "text/html" } })).text()).toContain('<script type="application/ld+json">');
    const feed = (await (await fetch((await demo.line(/every change +(http:\S+)/))[1]!)).json()) as { changes: unknown[] };
    expect(feed.changes.length).toBeGreaterThan(60);
    await demo.line(/Open Government Licence – Toronto/);
    demo.kill("SIGINT");
    expect(await demo.ended).toBe(0);
    expect(await readdir(temporary)).toEqual([]);
  });

  test("--exit stops after printing", async () => {
    await using demo = startCalends(["demo", "--exit"]);
    expect(await demo.ended).toBe(0);
    expect(demo.said.out).toMatch(/toronto-excerpt\.jsonld .* 60 +60 /);
  });
});
