/** What a node showed of another's event at a past time: what its origin's word of that time made of it here. */
import { expect, test } from "vitest";
import { readStateAsOf } from "../../src/db/entities.ts";
import type { Caller } from "../../src/registry/context.ts";
import type { JsonLdObject } from "../../src/jsonld/encode.ts";
import { pinField } from "../../src/registry/pin-field.ts";
import { openFollowing, ORIGIN, saying } from "../support/following.ts";
import { concert } from "../support/registry.ts";

const ADMIN: Caller = { actor: "cli:test", role: "admin" };

test("a local correction shows in it from the origin's next word on", { timeout: 120_000 }, async () => {
  await using pair = await openFollowing();
  const { registry } = pair.here;
  const uri = `${ORIGIN}/events/1`;
  const document = concert() as JsonLdObject;
  const moments: Date[] = [];
  const say = async (position: number, changes: object) => {
    await pair.hear([saying(uri, position, { ...document, ...changes })]);
    await pair.ownFeed();
    moments.push(registry.clock());
    pair.here.later();
  };
  await say(1, { name: "Jazz" });
  const { id } = await pair.event(uri);
  await registry.database.transact((tx) => pinField(registry, ADMIN, tx, { eventId: id, field: "name", value: "Free Jazz" }), ADMIN);
  await pair.ownFeed();
  moments.push(registry.clock());
  pair.here.later();
  await say(2, { name: "Jazz", keywords: ["late"] });

  const names = await Promise.all(
    moments.map((moment) => registry.database.read(async (on) => (await readStateAsOf(on, id, moment))?.name)),
  );
  // The correction was made between the two words, and is no item of the feed.
  expect(names).toEqual(["Jazz", "Jazz", "Free Jazz"]);
  expect((await pair.event(uri)).name).toBe("Free Jazz");
});
