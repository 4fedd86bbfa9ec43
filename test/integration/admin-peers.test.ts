/** The admin pages of peers without a browser: the list, one peer in full, and the forms that add, steer and remove it. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAudit } from "../../src/db/audit-trail.ts";
import { ALARMS, type Alarm } from "../../src/domain/peer.ts";
import { ALARM_ADVICE } from "../../src/federation/peer/advice.ts";
import { faultsOf } from "../../src/http/pages/page-faults.ts";
import { readPeer } from "../../src/registry/peers.ts";
import { adminVisitor, type AdminVisitor } from "../support/admin-visitor.ts";
import { ADMIN_KEY, openTestNode, type TestNode } from "../support/http.ts";
import { insertRefusal, insertRun, stopPeer } from "../support/peer-rows.ts";

const EVIL = `"'></td></script><hostile onclick=alert(1)>{{x}}`;
let node: TestNode;
let other: { base: string; server: Server };
beforeAll(async () => {
  node = await openTestNode();
  other = await aNodeNamed(`Harbour ${EVIL}`);
});
afterAll(async () => {
  other.server.close();
  await node[Symbol.asyncDispose]();
});

async function aNodeNamed(name: string): Promise<typeof other> {
  const server = createServer((request, response) => {
    if (request.url !== "/.well-known/sel-profile") return void response.writeHead(404).end();
    response.end(JSON.stringify({ version: "0.1.0", node: base, name, software: { name: `calends ${EVIL}`, version: "1" } }));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const base = `http://localhost:${(server.address() as AddressInfo).port}`;
  return { base, server };
}

const signedIn = async (): Promise<AdminVisitor> => {
  const visitor = adminVisitor(node);
  await visitor.signIn(ADMIN_KEY, "/admin/peers");
  return visitor;
};
const theOther = async () => (await node.database.read((on) => readPeer(on, other.base)))!;
const audited = async (action: string) => (await node.database.read((on) => readAudit(on, { action, limit: 1 })))[0];

/** The page of the other node, which is added where it is none yet. */
async function itsPage(visitor: AdminVisitor): Promise<string> {
  const { html } = await visitor.go("/admin/peers");
  const known = /href="(\/admin\/peers\/\w{26})"/.exec(html)?.[1];
  return known ?? (await visitor.send("/admin/peers", { url: other.base, name: "", trust: "5", key: "", relay: "no" })).at;
}

describe("the list", () => {
  test("has a form that meets a node and adds it; a fault is said beside what was typed", async () => {
    const visitor = await signedIn();
    expect((await visitor.go("/admin/peers")).text).toContain("This node follows no other yet");
    const wrong = await visitor.send("/admin/peers", { url: "http://localhost:1", name: "Typed <b>", trust: "7", key: "", relay: "yes" });
    expect([wrong.status, wrong.text]).toEqual([422, expect.stringContaining("no node can be met at http://localhost:1")]);
    expect(wrong.html).toContain('value="Typed &lt;b&gt;"');
    expect(faultsOf(wrong.html)).toEqual([]);

    const empty = await visitor.send("/admin/peers", { url: "", name: "Typed <b>", trust: "7", key: "", relay: "no" });
    expect([empty.status, empty.text]).toEqual([422, expect.stringContaining("Address: expected one")]);
    expect(empty.html).toContain('value="Typed &lt;b&gt;"');
    expect((await visitor.go("/admin/peers?x=1")).status).toBe(400);

    const added = await visitor.send("/admin/peers", { url: other.base, name: "", trust: "7", key: "a-secret-of-theirs", relay: "no" });
    expect([added.status, added.at]).toEqual([200, expect.stringMatching(/^\/admin\/peers\/\w{26}$/)]);
    expect(added.text).toContain("kept, and never shown");
    expect(added.html).not.toContain("a-secret-of-theirs");
    expect(await theOther()).toMatchObject({ trust: 7, accessKey: "a-secret-of-theirs", relay: false });
    const again = await visitor.send("/admin/peers", { url: other.base, name: "", trust: "", key: "", relay: "no" });
    expect([again.status, again.text]).toEqual([409, expect.stringContaining("is a peer already")]);
  });

  test("shows how far behind we are, and what went wrong", async () => {
    const visitor = await signedIn();
    await itsPage(visitor);
    const { id } = await theOther();
    const since = new Date(node.registry.clock().getTime() - 7_500_000).toISOString();
    await node.database.jobs.executeSql(
      `update federation_nodes set position = 58, head = 100, behind_since = '${since}', failures = 2, last_error = 'no answer' where id = '${id}'`,
    );
    const { text } = await visitor.go("/admin/peers");
    expect(text).toMatch(/failing ?7 ?42 changes, 2 h 5 min ?never ?no answer/);
  });
});

describe("one peer", () => {
  test("is sound whatever it calls itself, and shown with its pulls and refusals", async () => {
    const visitor = await signedIn();
    const path = await itsPage(visitor);
    const { id } = await theOther();
    await insertRun(node, id, { kind: "bootstrap", outcome: "applied", applied: 41, deleted: 2, refused: 3, toPosition: 58 });
    await insertRun(node, id, { kind: "pull", outcome: "failed", detail: `it says ${EVIL}` });
    await insertRefusal(node, id, { reason: "own_uri", uri: `${node.base}/events/${EVIL}`, detail: `of ours ${EVIL}` });
    for (const at of ["/admin/peers", path]) {
      const { status, html, text, headers } = await visitor.go(at);
      expect([at, status, faultsOf(html), headers.get("cache-control")]).toEqual([at, 200, [], "no-store"]);
      expect(text).toContain("<hostile onclick=alert(1)>");
      expect(html).not.toContain("<hostile");
    }
    const { text } = await visitor.go(path);
    expect(text).toMatch(/pull, failed ?nothing ?it says/);
    expect(text).toMatch(/bootstrap, applied ?positions 0–58, 41 applied, 2 deleted, 3 refused/);
    expect(text).toContain("own_uri: it lies under this node's own base");
  });

  test.each(Object.keys(ALARMS) as Alarm[])("stopped by the alarm %s says what to do", async (alarm) => {
    const visitor = await signedIn();
    const path = await itsPage(visitor);
    await stopPeer(node.database, (await theOther()).id, alarm, "as was seen");
    const { text, html } = await visitor.go(path);
    expect([text, faultsOf(html)]).toEqual([expect.stringContaining(`${ALARMS[alarm]} (${alarm}). as was seen`), []]);
    expect(text).toContain(ALARM_ADVICE[alarm]);
    expect((await visitor.go("/admin/peers")).text).toMatch(/stopped ?7/);
  });

  test("is resumed, pulled, paused and copied anew by its buttons, each in the audit log", async () => {
    const visitor = await signedIn();
    const path = await itsPage(visitor);
    await stopPeer(node.database, (await theOther()).id, "digest", "as was seen");
    expect((await visitor.go(path)).text).not.toContain("Pull now");
    expect((await visitor.send(path, { action: "resume" })).text).not.toContain("Stopped");
    expect(await theOther()).toMatchObject({ status: "active", alarm: null, failures: 0 });
    node.pass(60_000);
    await visitor.send(path, { action: "sync" });
    expect((await theOther()).nextPullAt).toEqual(node.registry.clock());
    expect((await visitor.send(path, { action: "pause" })).text).toContain("paused");
    const refused = await visitor.send(path, { action: "sync" });
    expect([refused.status, refused.text]).toEqual([409, expect.stringMatching(/Not done\..*is paused/)]);
    await visitor.send(path, { action: "resync" });
    expect(await theOther()).toMatchObject({ status: "active", bootstrap: { resync: true } });
    for (const action of ["peer.pull-asked", "peer.resync-asked", "peer.changed"])
      expect(await audited(action)).toMatchObject({ actor: "admin" });
  });

  test("is trusted otherwise, and removed with a reason", async () => {
    const visitor = await signedIn();
    const path = await itsPage(visitor);
    await visitor.go(path);
    await visitor.send(path, { action: "set", trust: "3", every: "900", key: "" });
    expect(await theOther()).toMatchObject({ trust: 3, everySeconds: 900 });
    expect((await visitor.send(path, { action: "set", trust: "11", every: "900", key: "" })).status).toBe(422);
    for (const odd of [{ every: "1" }, { every: "often" }, { most: "-1" }, { direction: "sideways" }, { bootstrap: "magic" }] as Record<
      string,
      string
    >[]) {
      const refused = await visitor.send(path, { action: "set", ...odd });
      expect([refused.status >= 400, refused.text]).toEqual([
        true,
        expect.stringMatching(/Not done\..*expected|Not done\..*from 10 to 86400/),
      ]);
      expect(refused.text).toContain("Steer it");
      expect(faultsOf(refused.html)).toEqual([]);
    }
    expect(await theOther()).toMatchObject({ trust: 3, everySeconds: 900, direction: "pull" });
    const sideways = await visitor.send("/admin/peers", { url: "https://elsewhere.example", direction: "sideways" });
    expect([sideways.status, sideways.text]).toEqual([400, expect.stringMatching(/Not done\..*direction: expected/)]);
    await visitor.go(path);
    const without = await visitor.send(path, { action: "remove" });
    expect([without.status, without.text]).toEqual([422, expect.stringContaining("is not removed without one")]);
    const removed = await visitor.send(path, { action: "remove", reason: "closed down" });
    expect([removed.at, removed.text]).toEqual(["/admin/peers", expect.stringContaining("This node follows no other yet")]);
    expect(await audited("peer.removed")).toMatchObject({ reason: "closed down" });
    expect((await visitor.go(path)).status).toBe(404);
  });
});

test("a form without its token, or from another site, changes nothing", async () => {
  const visitor = await signedIn();
  const path = await itsPage(visitor);
  await visitor.go(path);
  const { status } = await theOther();
  const refused = [
    await visitor.send(path, { action: "pause", token: "" }),
    await visitor.send(path, { action: "pause" }, { origin: "https://evil.example" }),
    await visitor.send("/admin/peers", { url: "https://elsewhere.example", token: "" }),
  ];
  expect(refused.map((answer) => answer.status)).toEqual([403, 403, 403]);
  expect((await theOther()).status).toBe(status);
  expect((await visitor.send(path, { action: "explode" })).status).toBe(400);
  // The same form, unspoilt, is taken: it was not refused for another reason.
  await visitor.go(path);
  await visitor.send(path, { action: "pause" });
  expect((await theOther()).status).toBe("paused");
});

test("without a session nothing is shown", async () => {
  const stranger = adminVisitor(node);
  const page = await stranger.go("/admin/peers");
  expect([page.status, page.text.includes(other.base)]).toEqual([401, false]);
});
