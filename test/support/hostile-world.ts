/**
 * A node with events of its own, which follows another node, has heard of a third through a relay, and follows an honest peer, whose
 * feed grows: what hostile peers are let loose upon. `await using world = await openHostileWorld()`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { kyselyOf } from "../../src/db/handle.ts";
import { readPeerById } from "../../src/db/peers.ts";
import type { Peer } from "../../src/domain/peer.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { createPeerClient } from "../../src/federation/peer/client.ts";
import { pullPeer, type PullLimits, type PullParts, type PullResult } from "../../src/federation/peer/pull.ts";
import type { Registry } from "../../src/registry/context.ts";
import { createPeerStore } from "../../src/registry/peer-store.ts";
import type { NewPeer } from "../../src/registry/peers.ts";
import { crossedLinks, guardedChecksum } from "./guarded.ts";
import { startPeers, type Peers, type World } from "./hostile-peer-process.ts";
import type { HostilePeer } from "./hostile-tools.ts";
import { addTestPeer, EPOCH, eventOf, page, shown } from "./peer-words.ts";
import { BASE, concert, openTestRegistry } from "./registry.ts";

/** Good events that a hostile peer tells before it turns. */
export const GOOD = 3;
const FAR = "https://far.example";
const RELAY = "https://relay.example";

export interface Tried {
  result: Exclude<PullResult, { outcome: "skipped" }>;
  peer: Peer;
  /** What it asked the hostile peer for. */
  heard: string[];
}

export interface HostileWorld extends AsyncDisposable {
  registry: Registry;
  world: World;
  honest: Peer;
  /** A hostile peer, met and read up to its turn; `pull` is what must do no harm. */
  arrange(one: HostilePeer): Promise<{ pull: () => Promise<Tried>; peer: Peer }>;
  /** The honest peer tells one more event, which is pulled. Rejects unless all that it has told is held. */
  pullHonest(): Promise<void>;
  /** A checksum of all that is ours, or another origin's. */
  guarded(): Promise<Record<string, string>>;
  /** What must never be; empty. */
  crossed(): Promise<string[]>;
  /** reason -> times. */
  refusals(peer: Peer): Promise<Record<string, number>>;
  /** The last line of its sync log. */
  lastRun(peer: Peer): Promise<Record<string, unknown>>;
  /** "uri position digest" of all that is held of it. */
  held(peer: Peer): Promise<string[]>;
  /** Milliseconds until it is asked again. */
  dueIn(peer: Peer): Promise<number>;
  /** A node that was followed is known by what relays tell alone. */
  forget(base: string): Promise<void>;
  /** What the honest peer tells is passed over. */
  muteHonest(): Promise<void>;
}

export async function openHostileWorld(): Promise<HostileWorld> {
  await using opened = new AsyncDisposableStack();
  const test = opened.use(await openTestRegistry());
  const [good, bad] = await Promise.all([startPeers(), startPeers()]);
  opened.use(good);
  opened.use(bad);
  const folder = await mkdtemp(join(tmpdir(), "calends-hostile-"));
  opened.defer(() => rm(folder, { recursive: true }));
  let offset = 0;
  const [start, began] = [test.registry.clock().getTime(), performance.now()];
  const registry: Registry = { ...test.registry, clock: () => new Date(start + offset + performance.now() - began) };
  const parts: PullParts = {
    store: createPeerStore(registry, { random: () => 0.5, redact: redactEntity }),
    client: createPeerClient({ allow: [], userAgent: "Calends/0.1 (+https://node.example)" }),
    clock: registry.clock,
    random: Math.random,
    wait: () => Promise.resolve(),
    folder,
    log: { info: () => undefined, warn: () => undefined },
  };
  const rows = <Row>(statement: ReturnType<typeof sql>) =>
    registry.database.read(async (on) => (await statement.execute(kyselyOf(on))).rows as Row[]);
  const update = (statement: ReturnType<typeof sql>) =>
    registry.database.transact(async (tx) => void (await statement.execute(kyselyOf(tx))), { actor: "test" });
  const add = (settings: Partial<NewPeer>) => addTestPeer({ ...test, registry }, { bootstrapBy: "feed", ...settings });
  const pull = async (peer: Peer, limits: Partial<PullLimits> = {}) => {
    const result = await pullPeer({ ...parts, limits }, peer.id);
    if (result.outcome === "skipped") throw new Error(`${peer.base} was skipped.`);
    return result;
  };
  const follow = async (peers: Peers, name: string, settings: Partial<NewPeer> = {}, count = GOOD) => {
    const base = await peers.open();
    await peers.tell(base, 1, count);
    return add({ base, name, ...settings });
  };
  const held = async ({ id }: Peer) =>
    (
      await rows<{ line: string }>(
        sql`select uri || ' ' || position || ' ' || digest || ' ' || gone as line from federation_statements where origin_node_id = ${id} order by 1`,
      )
    ).map(({ line }) => line);

  // Our own; another that we follow; one that a relay told of; and the honest one.
  const caller = await test.source("Calendar");
  const { eventId } = await test.submit(
    caller,
    concert({ performer: [{ "@type": "Person", name: "Ann Other" }], sameAs: ["https://www.example.org/jazz"] }),
  );
  const [own] = await rows<{ place: string; organization: string; person: string }>(sql`
    select primary_venue_id as place, organizer_id as organization, p.person_id as person
    from events e join event_performers p on p.event_id = e.id where e.id = ${eventId}`);
  const other = await follow(good, "Other");
  await pull(other);
  const relay = await add({ base: RELAY, name: "Relay", relay: true });
  const farCustody = { node: FAR, epoch: EPOCH, position: 1, version: 1, hops: [RELAY] };
  const told = page(null, [shown(eventOf(FAR, 1), { position: 1, custody: farCustody })]);
  await parts.store.applyPage(relay.id, await parts.store.beginRun(relay.id, "pull"), told);
  const honest = await follow(good, "Honest");
  await pull(honest);
  const followed = (await registry.database.read((on) => readPeerById(on, other.id)))!;
  const uri = (kind: string, id: string) => `${BASE}/${kind}/${id.toUpperCase()}`;
  const ids = await rows<{ id: string; base: string }>(sql`select id, base_url as base from federation_nodes`);
  const world: World = {
    here: BASE,
    ours: {
      event: uri("events", eventId),
      place: uri("places", own!.place),
      organization: uri("organizations", own!.organization),
      person: uri("persons", own!.person),
    },
    other: {
      base: other.base,
      event: `${other.base}/events/1`,
      place: `${other.base}/places/hall`,
      epoch: followed.epoch!,
      position: followed.position,
    },
    far: { base: FAR, event: `${FAR}/events/1`, epoch: EPOCH, position: 1 },
  };
  const others = ids.filter(({ base }) => base !== honest.base).map(({ id }) => id);

  let [honestTold, honestSeen] = [GOOD, GOOD];
  const closing = opened.move();
  return {
    registry,
    world,
    honest,
    async arrange(one) {
      const base = await bad.open();
      await bad.tell(base, 1, GOOD);
      const peer = await add({ base, name: one.name.slice(0, 100), ...one.settings });
      if (one.fresh === undefined) await pull(peer);
      await bad.misbehave(base, one.name, world);
      if (one.hourLater === true) offset += 2 * 60 * 60_000;
      return {
        peer,
        pull: async () => ({
          result: await pull(peer, one.limits),
          peer: (await registry.database.read((on) => readPeerById(on, peer.id)))!,
          heard: await bad.heard(base),
        }),
      };
    },
    async pullHonest() {
      await good.tell(honest.base, honestTold + 1, 1);
      honestTold += 1;
      const { outcome, counts } = await pull(honest);
      const [wanted, kept] = [await good.digests(honest.base, honestSeen), new Set((await held(honest)).map((line) => line.split(" ")))];
      const digests = new Set([...kept].map(([at, , digest]) => `${at} ${digest}`));
      const missing = wanted.filter((line) => !digests.has(line));
      if (outcome !== "applied" || counts.applied !== 1 || missing.length > 0)
        throw new Error(`The honest peer was pulled badly: ${outcome}, ${JSON.stringify(counts)}, missing ${missing.join(", ")}`);
      honestSeen = honestTold;
    },
    guarded: () => guardedChecksum(registry.database, others),
    crossed: () => crossedLinks(registry.database),
    refusals: async ({ id }) =>
      Object.fromEntries(
        (
          await rows<{ reason: string; times: number }>(
            sql`select reason, sum(times)::int as times from federation_refusals where node_id = ${id} group by 1`,
          )
        ).map(({ reason, times }) => [reason, times]),
      ),
    lastRun: async ({ id }) =>
      (await rows<Record<string, unknown>>(sql`select * from federation_sync_log where node_id = ${id} order by id desc limit 1`))[0]!,
    held,
    dueIn: async ({ id }) =>
      (await registry.database.read((on) => readPeerById(on, id)))!.nextPullAt!.getTime() - registry.clock().getTime(),
    forget: (base) => update(sql`update federation_nodes set direction = 'none' where base_url = ${base}`),
    muteHonest: () => update(sql`update federation_nodes set filters = '{"domains":["theatre"]}' where id = ${honest.id}`),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
