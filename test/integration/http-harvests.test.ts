/** The keeper says over HTTP which sources the node visits itself; a private address is not among them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { readHarvest } from "../../src/db/harvests.ts";
import { findSource } from "../../src/db/sources.ts";
import { ADMIN_KEY, jsonOf, openTestNode, type TestNode } from "../support/http.ts";

let node: TestNode;
beforeAll(async () => {
  node = await openTestNode();
  await node.ask("/api/v1/admin/sources", {
    key: ADMIN_KEY,
    type: "application/json",
    body: { name: "City calendar", type: "scraper", licenseStatus: "cc-by" },
  });
});
afterAll(() => node[Symbol.asyncDispose]());

const PATH = "/api/v1/admin/sources/City%20calendar/harvest";
const put = (body: object, path = PATH) => node.ask(path, { method: "PUT", key: ADMIN_KEY, type: "application/json", body });

test.each([
  ["a private address", { format: "ics", url: "http://10.0.0.7/events.ics" }, /url/],
  ["a file", { format: "ics", url: "file:///etc/passwd" }, /url/],
  ["no format", { url: "https://city.example/events.ics" }, /format/],
  ["an unknown format", { format: "csv", url: "https://city.example/events.csv" }, /format/],
  ["a pace that no host would like", { format: "ics", url: "https://city.example/events.ics", everyMinutes: 1 }, /everyMinutes/],
])("%s is refused, and the member is named", async (_, body, member) => {
  const response = await put(body);
  expect(response.status).toBe(422);
  expect((await jsonOf(response)).detail).toMatch(member);
});

test("a source is visited as told, what is not told stays, and it ends when that is taken back", async () => {
  const told = { format: "ics", url: "https://city.example/events.ics" };
  expect(await jsonOf(put(told))).toEqual({ ...told, everyMinutes: 360, missingAfter: 3, enabled: true });
  expect(await jsonOf(put({ everyMinutes: 60 }))).toEqual({ ...told, everyMinutes: 60, missingAfter: 3, enabled: true });
  const { items } = await jsonOf(node.ask("/api/v1/admin/harvests", { key: ADMIN_KEY }));
  expect(items).toMatchObject([{ source: "City calendar", ...told, everyMinutes: 60 }]);

  expect((await node.ask(PATH, { method: "DELETE", key: ADMIN_KEY })).status).toBe(204);
  expect((await node.ask(PATH, { method: "DELETE", key: ADMIN_KEY })).status).toBe(404);
  expect(await jsonOf(node.ask("/api/v1/admin/harvests", { key: ADMIN_KEY }))).toEqual({ items: [] });
});

test("a visit that is asked for makes the source due, unless visits are switched off", async () => {
  const visit = () => node.ask(`${PATH}/visits`, { method: "POST", key: ADMIN_KEY });
  expect((await visit()).status).toBe(404);
  await put({ format: "json-ld", url: "https://city.example/events.json" });
  node.pass(60_000);
  expect((await visit()).status).toBe(202);
  const due = await node.database.read(async (on) => (await readHarvest(on, (await findSource(on, "City calendar"))!.id))!.nextVisitAt);
  expect(due).toEqual(node.registry.clock());
  await put({ enabled: false });
  expect((await visit()).status).toBe(409);
});

test("only with an admin's key, and only for sources that there are", async () => {
  expect((await node.ask("/api/v1/admin/harvests")).status).toBe(401);
  expect((await node.ask("/api/v1/admin/harvests", { key: await node.key("agent", { source: "Another" }) })).status).toBe(403);
  expect((await put({ format: "ics", url: "https://city.example/" }, "/api/v1/admin/sources/nobody/harvest")).status).toBe(404);
});
