/** Takedowns as people ask for them: by the API, and by the command at the console of a node that does not run. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openTestCommands, type TestCommands } from "../support/commands.ts";
import { ADMIN_KEY, anEvent, jsonOf, openTestNode, type TestNode } from "../support/http.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });
const text = "A text of somebody's own that is to go.";

describe("by the API", () => {
  let node: TestNode;
  let agent: string;
  let address: string;
  beforeAll(async () => {
    node = await openTestNode();
    agent = await node.key("agent");
    const { "@id": uri } = await jsonOf(node.ask("/api/v1/events", { key: agent, body: anEvent({ identifier: "1", description: text }) }));
    address = `/api/v1/admin${new URL(uri as string).pathname}/takedown`;
  });
  afterAll(() => node?.[Symbol.asyncDispose]());
  const ask = (options: Parameters<TestNode["ask"]>[1]) => node.ask(address, { type: "application/json", ...options });

  test.each([
    ["nobody", "", 401, "unauthenticated"],
    ["an agent", "agent", 403, "forbidden"],
  ])("%s may not", async (_who, key, status, code) => {
    for (const method of ["POST", "DELETE"])
      expect(await jsonOf(ask({ method, key: key && agent, ...(method === "POST" && { body: { reason: "mine" } }) }))).toMatchObject({
        status,
        code,
      });
  });

  test.each([
    ["no reason", {}, "/reason: "],
    ["an empty one", { reason: " " }, "/reason: "],
    ["more than a reason", { reason: "asked for", fields: ["name"] }, 'Unrecognized key: "fields"'],
  ])("%s is refused, and nothing is done", async (_what, body, fault) => {
    const problem = await jsonOf(ask({ key: ADMIN_KEY, body }));
    expect(problem).toMatchObject({ status: 422, code: "invalid_body" });
    expect(problem.detail).toContain(fault);
  });

  test("an admin takes down, once under one Idempotency-Key, and lifts", async () => {
    const down = () => ask({ key: ADMIN_KEY, body: { reason: "asked for" }, headers: { "idempotency-key": "down" } });
    const [first, again] = [await down(), await down()];
    expect([first.status, first.headers.get("calends-outcome")]).toEqual([200, "taken_down"]);
    expect([again.headers.get("idempotency-replayed"), await again.text()]).toEqual(["true", await first.text()]);
    const event = address.replace("/admin", "").replace("/takedown", "");
    expect(await jsonOf(node.ask(event))).not.toHaveProperty("description");

    const up = await node.ask(`${address}?reason=agreed`, { method: "DELETE", key: ADMIN_KEY });
    expect([up.status, up.headers.get("calends-outcome")]).toEqual([200, "takedown_lifted"]);
    expect(await jsonOf(node.ask(address, { method: "DELETE", key: ADMIN_KEY }))).toMatchObject({ status: 409, code: "conflict" });
    const { items } = await jsonOf(node.ask("/api/v1/admin/audit?limit=2", { key: ADMIN_KEY }));
    expect(items).toMatchObject([
      { action: "event.takedown_lifted", actor: "admin", reason: "agreed" },
      { action: "event.taken_down", actor: "admin", reason: "asked for", details: { records: 1, claims: 1 } },
    ]);
  });

  test("of an event that is not there is 404", async () => {
    const unknown = address.replace(/events\/\w+/, "events/01HYX3KQW7ERTV9XNBM2P8QJZF");
    for (const method of ["POST", "DELETE"])
      expect(
        (await node.ask(unknown, { method, key: ADMIN_KEY, type: "application/json", ...(method === "POST" && { body: { reason: "x" } }) }))
          .status,
      ).toBe(404);
  });
});

describe("by the command", () => {
  let commands: TestCommands;
  const calends = (...words: string[]) => commands.calends(words);
  beforeAll(async () => {
    commands = await openTestCommands({ clock: () => new Date("2026-05-01T12:00:00Z"), user: "ann" });
    const file = join(commands.folder, "events.json");
    await writeFile(file, JSON.stringify([anEvent({ description: text })]));
    expect(await calends("import", file, "--source", "City")).toMatchObject({ code: 0 });
  });
  afterAll(() => commands?.[Symbol.asyncDispose]());

  test("takes down what the export then has no more, and lifts", async () => {
    const before = await calends("export");
    expect(before.out).toContain(text);
    const uri = (JSON.parse(before.out) as { "@id": string })["@id"];
    expect(await calends("takedown", uri, "--reason", "the author asks")).toEqual({
      code: 0,
      err: "",
      out: `Texts and images of ${uri.split("/").at(-1)} are taken down (1 removed).\n`,
    });
    const after = await calends("export");
    expect(after.out).toContain("Lantern Quartet");
    expect(after.out).not.toContain(text);
    expect(await calends("takedown", uri, "--lift")).toMatchObject({ code: 0, err: "" });
  });

  test("refuses what is no event of this node", async () => {
    const elsewhere = await calends("takedown", "https://elsewhere.example/events/1", "--reason", "x");
    expect(elsewhere).toMatchObject({ code: 2, out: "" });
    expect(elsewhere.err).toContain("is no event of this node: give its address under https://events.example/events/, or its ULID.");
    const unknown = await calends("takedown", "01HYX3KQW7ERTV9XNBM2P8QJZF", "--reason", "x");
    expect(unknown).toMatchObject({ code: 1, out: "", err: "calends: There is no such event.\n" });
  });

  test.each([
    [["takedown", "01HYX3KQW7ERTV9XNBM2P8QJZF"], "calends takedown: say why by --reason TEXT"],
    [["takedown"], "calends takedown: EVENT is missing"],
  ])("%j is refused with a line that says what was expected", async (words, line) => {
    const refused = await calends(...words);
    expect([refused.code, refused.out]).toEqual([2, ""]);
    expect(refused.err).toContain(line);
  });
});
