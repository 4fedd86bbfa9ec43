/** One answer to one request: with an Idempotency-Key the first answer is kept for a day and given again. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { forgetExpiredKeys } from "../../src/db/idempotency.ts";
import { RegistryError } from "../../src/domain/errors.ts";
import { submitEvent } from "../../src/registry/submit-event.ts";
import { write, type Answer, type Idempotency } from "../../src/registry/write.ts";
import type { Caller } from "../../src/registry/context.ts";
import { concert, openTestRegistry, type TestRegistry } from "../support/registry.ts";

const HOUR = 60 * 60 * 1000;
let on: TestRegistry;
let rex: Caller;
beforeAll(async () => {
  on = await openTestRegistry();
  rex = await on.source("rex");
});
afterAll(() => on[Symbol.asyncDispose]());

const keyed = (key: string, body: string, principal = "key:rex"): Idempotency => ({
  principal,
  key,
  requestHash: createHash("sha256").update(body).digest(),
});

/** A request whose work counts how often it is done. */
function counting(body = "done") {
  let done = 0;
  const work = (): Promise<Answer> =>
    Promise.resolve({ status: 201, headers: { location: `/events/${++done}` }, body: `${body} ${done} – ça va` });
  return { done: () => done, send: (idempotency?: Idempotency) => write(on.registry, rex, idempotency, work) };
}

test("without a key the work is done every time", async () => {
  const request = counting();
  expect((await request.send()).body).not.toBe((await request.send()).body);
  expect(request.done()).toBe(2);
});

test("with a key once; the same answer comes again, byte for byte, and says that it does", async () => {
  const request = counting();
  const first = await request.send(keyed("same", "x"));
  expect(first).toEqual({ status: 201, headers: { location: "/events/1" }, body: "done 1 – ça va", replayed: false });
  expect(await request.send(keyed("same", "x"))).toEqual({ ...first, replayed: true });
  expect(request.done()).toBe(1);
});

test("eight at once: one is done, all get its answer", async () => {
  const request = counting();
  const answers = await Promise.all([...Array(8)].map(() => request.send(keyed("at once", "x"))));
  expect(new Set(answers.map((answer) => answer.body))).toEqual(new Set(["done 1 – ça va"]));
  expect(answers.filter((answer) => !answer.replayed)).toHaveLength(1);
  expect(request.done()).toBe(1);
});

test("the same key with another body is refused, and its work not done", async () => {
  const request = counting();
  await request.send(keyed("reused", "x"));
  await expect(request.send(keyed("reused", "y"))).rejects.toMatchObject({ code: "idempotency_conflict" });
  expect(request.done()).toBe(1);
});

test("two principals may use the same key", async () => {
  const request = counting();
  await request.send(keyed("shared", "x", "key:rex"));
  expect(await request.send(keyed("shared", "y", "key:other"))).toMatchObject({ replayed: false });
});

test("after a day the key is free again, and not before", async () => {
  const request = counting();
  await request.send(keyed("a day", "x"));
  on.later(23 * HOUR);
  expect(await request.send(keyed("a day", "x"))).toMatchObject({ replayed: true });
  on.later(HOUR);
  expect(await request.send(keyed("a day", "y"))).toMatchObject({ replayed: false, body: "done 2 – ça va" });
});

test("expired keys are forgotten, others are not", async () => {
  const request = counting();
  await request.send(keyed("old", "x"));
  on.later(25 * HOUR);
  await request.send(keyed("young", "x"));
  expect(await on.registry.database.transact((tx) => forgetExpiredKeys(tx, on.registry.clock()))).toBeGreaterThan(0);
  expect(await on.registry.database.transact((tx) => forgetExpiredKeys(tx, on.registry.clock()))).toBe(0);
  expect(await request.send(keyed("young", "x"))).toMatchObject({ replayed: true });
});

test("an error is not kept, and neither is anything of the work that met it", async () => {
  let attempts = 0;
  const submit = (fails: boolean) =>
    write(on.registry, rex, keyed("failing", "x"), async (tx) => {
      attempts++;
      const document = concert({ name: "Written and undone" });
      const { outcome, eventId } = await submitEvent(on.registry, rex, tx, {
        payload: Buffer.from(JSON.stringify(document)),
        mediaType: "application/ld+json",
        document,
      });
      if (fails) throw new RegistryError("conflict", { detail: "after the work" });
      return { status: 201, headers: {}, body: `${outcome} ${eventId}` };
    });
  await expect(submit(true)).rejects.toMatchObject({ code: "conflict" });
  expect(await submit(false)).toMatchObject({ replayed: false, body: expect.stringContaining("created") });
  expect(await submit(false)).toMatchObject({ replayed: true });
  expect(attempts).toBe(2);
});
