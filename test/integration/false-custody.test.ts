/** A relay that names an origin that can be none is told which of its mistakes it was. */
import { sql } from "kysely";
import { afterEach, beforeEach, expect, it } from "vitest";
import { kyselyOf } from "../../src/db/handle.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { MOST_NAMED } from "../../src/registry/origins.ts";
import { createPeerStore } from "../../src/registry/peer-store.ts";
import { addTestPeer, EPOCH, eventOf, NORTH, page, shown, SOUTH } from "../support/peer-words.ts";
import { openTestRegistry, type TestRegistry } from "../support/registry.ts";

let test: TestRegistry;
beforeEach(async () => {
  test = await openTestRegistry();
});
afterEach(() => test[Symbol.asyncDispose]());

/** What the relay is refused of one event of this node. */
async function refusalOf(node: string) {
  const store = createPeerStore(test.registry, { random: () => 0.5, redact: redactEntity });
  const relay = await addTestPeer(test, { base: SOUTH, name: "South", relay: true });
  const word = shown(eventOf(node, 1), { position: 1, custody: { node, epoch: EPOCH, position: 1, hops: [SOUTH] } });
  await store.applyPage(relay.id, await store.beginRun(relay.id, "pull"), page(null, [word]));
  const { rows } = await test.registry.database.read((on) =>
    sql<{ reason: string; detail: string }>`select reason, detail from federation_refusals`.execute(kyselyOf(on)),
  );
  return rows;
}
const falsely = (detail: string) => [{ reason: "false_custody", detail }];

it.each([
  ["https://far.example:443", "is not written as a base is: expected https://far.example, found https://far.example:443"],
  ["https://fär.example", "is not written as a base is: expected https://xn--fr-via.example, found https://fär.example"],
  ["https://me:secret@far.example", "is no base: it holds a user's name or a password; a key is given apart from the URL"],
  [`https://far.example/${"x".repeat(200)}`, "is no base: it is longer than 200 characters"],
])("%s", async (node, why) => {
  expect(await refusalOf(node)).toEqual(falsely(`the origin that it names ${why}`));
});

it.each([
  [`${NORTH}/part`, NORTH, "lies within"],
  [NORTH, `${NORTH}/part`, "holds"],
])("%s, where %s is known as an origin", async (node, known, how) => {
  await addTestPeer(test, { base: known, name: "Known" });
  await test.registry.database.transact((tx) =>
    sql`update federation_nodes set direction = 'none' where base_url = ${known}`.execute(kyselyOf(tx)),
  );
  expect(await refusalOf(node)).toEqual(falsely(`the origin that it names, ${node}, ${how} ${known}, which is known here`));
});

it("one more than a relay may name", async () => {
  const relay = await addTestPeer(test, { base: SOUTH, name: "South", relay: true });
  await test.registry.database.transact((tx) =>
    sql`
      insert into federation_nodes (id, base_url, name, direction, named_by, created_at, updated_at)
      select gen_random_uuid(), 'https://n' || n || '.example', 'N', 'none', ${relay.id}, now(), now() from generate_series(1, ${MOST_NAMED}) n`.execute(
      kyselyOf(tx),
    ),
  );
  const store = createPeerStore(test.registry, { random: () => 0.5, redact: redactEntity });
  const word = shown(eventOf(NORTH, 1), { position: 1, custody: { node: NORTH, epoch: EPOCH, position: 1, hops: [SOUTH] } });
  expect(await store.applyPage(relay.id, await store.beginRun(relay.id, "pull"), page(null, [word]))).toMatchObject({ refused: 1 });
  const { rows } = await test.registry.database.read((on) =>
    sql<{ detail: string }>`select detail from federation_refusals`.execute(kyselyOf(on)),
  );
  expect(rows).toEqual([{ detail: "the relay has named 1000 other origins that nobody else has, and this is another one" }]);
});
