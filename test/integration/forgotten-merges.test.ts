/** Events of an origin that a person has made one, in a row of merges of which one was undone: the texts that it takes back leave them all. */
import { expect, test } from "vitest";
import type { Caller } from "../../src/registry/context.ts";
import { mergeAny, undoAnyMerge } from "../../src/registry/merge-any.ts";
import { openFollowing, ORIGIN, saying } from "../support/following.ts";
import { concert } from "../support/registry.ts";
import { columnsWith } from "../support/text-scan.ts";

const ADMIN: Caller = { actor: "cli:test", role: "admin" };

test("texts of several of them, taken back in one page, stand nowhere; what others say stays", { timeout: 180_000 }, async () => {
  await using pair = await openFollowing({ trust: 8 });
  const { registry } = pair.here;
  const { description: _text, image: _image, identifier: _key, ...facts } = concert({});
  const document = (n: number, description?: string) => ({
    ...facts,
    name: `Evening ${n * 7919}`,
    "sel:licenseStatus": "cc0",
    ...(description !== undefined && { description }),
  });
  const numbers = [1, 2, 3, 4];
  const textOf = (n: number) => `qxmerged${n}zq of the texts, long enough`;
  const uriOf = (n: number) => `${ORIGIN}/events/${n}`;
  await pair.hear(numbers.map((n) => saying(uriOf(n), n, document(n, textOf(n)))));
  await pair.ownFeed();
  const ids = await Promise.all(numbers.map(async (n) => (await pair.event(uriOf(n))).id));
  const merge = (one: number, other: number) =>
    registry.database.transact((tx) => mergeAny(registry, ADMIN, tx, { kind: "event", ids: [ids[one]!, ids[other]!] }));
  await merge(0, 1);
  pair.here.later();
  const { mergeId } = await merge(1, 2);
  await pair.ownFeed();
  pair.here.later();
  await registry.database.transact((tx) => undoAnyMerge(registry, ADMIN, tx, { mergeId }));
  await pair.ownFeed();
  pair.here.later();

  // The fourth stands alone, and is not taken back.
  await pair.hear([1, 2, 3].map((n) => saying(uriOf(n), 10 + n, document(n))));
  await pair.ownFeed();
  for (const n of [1, 2, 3]) expect(await columnsWith(registry.database, textOf(n)), `of ${n}`).toEqual([]);
  expect(await columnsWith(registry.database, textOf(4))).toContain("public.event_changes.item");
});
