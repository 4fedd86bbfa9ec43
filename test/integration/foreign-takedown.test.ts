/** A takedown here of what another node tells: whatever it tells of that event afterwards, and by whom, its texts stand in no column. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sql } from "kysely";
import { kyselyOf } from "../../src/db/handle.ts";
import type { HeardChange } from "../../src/domain/custody.ts";
import type { Peer } from "../../src/domain/peer.ts";
import { openEpoch } from "../../src/feed/epoch.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { drainOutbox } from "../../src/feed/sequencer.ts";
import { createPeerStore, type KeptPulls } from "../../src/registry/peer-store.ts";
import { liftTakedown, takeDown } from "../../src/registry/take-down.ts";
import { addTestPeer, EPOCH, eventOf, gone, LATER_EPOCH, NORTH, page, shown, SOUTH } from "../support/peer-words.ts";
import { openTestRegistry, type TestRegistry } from "../support/registry.ts";
import { columnsWith } from "../support/text-scan.ts";

const ADMIN = { actor: "cli:test", role: "admin" } as const;
let node: TestRegistry;
let store: KeptPulls;
let north: Peer;
beforeAll(async () => {
  node = await openTestRegistry();
  await openEpoch(node.registry.database, { clean: true, clock: node.registry.clock });
  store = createPeerStore(node.registry, { random: () => 0.5, redact: redactEntity });
  // Of the south it tells what it heard.
  north = await addTestPeer(node, { relay: true });
}, 120_000);
afterAll(() => node[Symbol.asyncDispose]());

let cursor: string | null = null;
let position = 0;
/** The north tells this next. */
async function hear(change: HeardChange): Promise<void> {
  position += 1;
  node.later();
  const told = page(cursor, [{ ...change, position }], { position });
  await store.applyPage(north.id, await store.beginRun(north.id, "pull"), told);
  cursor = told.nextCursor;
  const { database, clock, base } = node.registry;
  await drainOutbox({ database, clock, base, log: { info: () => undefined, warn: () => undefined } });
}

const columns = (word: string) => columnsWith(node.registry.database, word);
async function idOf(uri: string): Promise<string> {
  const { rows } = await node.registry.database.read((on) =>
    sql<{ id: string }>`select id from events where federation_uri = ${uri}`.execute(kyselyOf(on)),
  );
  return rows[0]!.id;
}
const takenDown = async (uri: string) => {
  const eventId = await idOf(uri);
  await node.registry.database.transact((tx) => takeDown(node.registry, ADMIN, tx, { eventId, reason: "asked for", redact: redactEntity }));
  return eventId;
};

describe.each(["its origin", "a relay"])("told by %s", (who) => {
  const origin = who === "a relay" ? SOUTH : NORTH;
  let n = 0;
  /** The words of one event, as the origin told them at these positions of its feed. */
  const openEvent = () => {
    n += 1;
    const [first, second] = [`qxfirst${who.length}n${n}zq of the texts`, `qxsecond${who.length}n${n}zq of the texts`];
    const uri = `${origin}/events/${n}`;
    const place = (at: number, epoch: string) => ({
      node: origin,
      epoch,
      position: at,
      version: at,
      hops: origin === SOUTH ? [NORTH] : [],
    });
    const says = (at: number, changes: object, epoch = EPOCH) =>
      hear(shown(eventOf(origin, n, changes), { position: at, custody: place(at, epoch) }));
    const ends = (at: number) => hear(gone(uri, { position: at, custody: place(at, EPOCH) }));
    return { uri, first, second, says, ends, place };
  };
  const image = (word: string) => `https://images.example/${word.split(" ")[0]}.jpg`;

  test("the same word, a newer one that reads the same, and another text", async () => {
    const { uri, first, second, says } = openEvent();
    await says(10, { description: first, image: image(first) });
    expect(await columns(first)).toEqual(expect.arrayContaining(["public.federation_statements.document", "public.event_changes.item"]));
    await takenDown(uri);
    expect(await columns(first)).toEqual([]);
    await says(10, { description: first, image: image(first) });
    await says(11, { description: first, image: image(first) });
    await says(12, { description: second, image: image(second) });
    await says(1, { description: first, image: image(second) }, LATER_EPOCH);
    for (const word of [first, second]) expect(await columns(word.split(" ")[0]!)).toEqual([]);
  });

  test("its end, and its coming back", async () => {
    const { uri, first, says, ends } = openEvent();
    await says(10, { description: first });
    await takenDown(uri);
    await ends(11);
    await says(12, { description: first });
    expect(await columns(first)).toEqual([]);
  });

  test("what is refused of it, before or after", async () => {
    const { uri, first, second, says, place } = openEvent();
    await says(10, { description: first });
    const notRead = () => says(11, { description: second, startDate: "soon" });
    await notRead();
    await takenDown(uri);
    await notRead();
    await hear(shown(eventOf(origin, n, { description: second }), { kind: "place", position: 12, custody: place(12, EPOCH) }));
    const { rows } = await node.registry.database.read((on) =>
      sql<{ reason: string; item: string }>`select reason, item from federation_refusals where uri = ${uri} order by reason`.execute(
        kyselyOf(on),
      ),
    );
    expect(rows.map(({ reason }) => reason)).toEqual(["kind_changed", "unreadable"]);
    for (const { item } of rows) expect(item).toContain(`"@id":"${uri}"`);
    for (const word of [first, second]) expect(await columns(word)).toEqual([]);
  });

  test("once the takedown is lifted its next word is let in again", async () => {
    const { uri, first, second, says } = openEvent();
    await says(10, { description: first });
    const eventId = await takenDown(uri);
    await node.registry.database.transact((tx) => liftTakedown(node.registry, ADMIN, tx, { eventId }));
    await says(11, { description: second });
    expect(await columns(first)).toEqual([]);
    expect(await columns(second)).toContain("public.events.description");
  });
});
