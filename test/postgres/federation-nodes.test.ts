/**
 * The simulation (test/simulation) has a model in place of the database. Here real nodes, each with a server's database and its own port, do
 * what comes to them, in any graph; when all is quiet, each holds what the origins that it hears show, and shows it. FEDERATION_RUNS asks
 * for more runs.
 */
import fc from "fast-check";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { kyselyOf } from "../../src/db/handle.ts";
import { BOOTSTRAP_WAYS, type BootstrapWay } from "../../src/domain/peer.ts";
import { ulidOf } from "../../src/domain/iri.ts";
import { openEpoch } from "../../src/feed/epoch.ts";
import { addPeer } from "../../src/registry/peers.ts";
import { createNetwork, type TestNode } from "../support/network.ts";
import { concert } from "../support/registry.ts";
import { originsHeard } from "../simulation/oracle.ts";

const RUNS = Number(process.env["FEDERATION_RUNS"] ?? 3);
const SIZE = 4;

/** `from` pulls from `to`; as a relay, it also hears what `to` tells of others. */
interface Line {
  from: number;
  to: number;
  relay: boolean;
  by: BootstrapWay;
}

/** `which` and `other` choose among the events that there are at the node by then. */
interface Step {
  node: number;
  does: "creates" | "edits" | "withdraws" | "merges" | "undoes" | "takes down" | "corrects another's" | "begins an epoch" | "pulls";
  which: number;
  other: number;
}

const lines = fc.uniqueArray(
  fc
    .record<Line>({
      from: fc.nat(SIZE - 1),
      to: fc.nat(SIZE - 1),
      relay: fc.boolean(),
      by: fc.constantFrom(...BOOTSTRAP_WAYS),
    })
    .filter(({ from, to }) => from !== to),
  { minLength: 3, maxLength: 8, selector: ({ from, to }) => `${from}-${to}` },
);
const step = fc.record<Step>({
  node: fc.nat(SIZE - 1),
  does: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom("creates", "edits", "pulls") },
    {
      weight: 3,
      arbitrary: fc.constantFrom("withdraws", "merges", "undoes", "takes down", "corrects another's", "begins an epoch"),
    },
  ),
  which: fc.nat(99),
  other: fc.nat(99),
});
const steps = fc.array(step, { minLength: 20, maxLength: 45 });

const ADMIN = { actor: "test", role: "admin" } as const;

async function rowsOf<T>(node: TestNode, query: ReturnType<typeof sql<T>>): Promise<T[]> {
  return (await node.database.read((on) => query.execute(kyselyOf(on)))).rows;
}

/** The ids of the events that are shown, a node's own or others'. */
const eventsOf = async (node: TestNode, whose: "own" | "others") =>
  (
    await rowsOf(
      node,
      sql<{ id: string }>`
        select id from events
        where merged_into_id is null and lifecycle_state = 'published' and (federation_uri is null) = ${whose === "own"} order by id`,
    )
  ).map(({ id }) => ulidOf(id));

async function ask(node: TestNode, path: string, method: string, document?: object): Promise<Response> {
  const type = path === "/events" ? "application/ld+json" : "application/json";
  const body = document === undefined ? {} : { headers: { "content-type": type }, body: JSON.stringify(document) };
  const answer = await node.asAdmin(`/api/v1${path}`, { method, ...body });
  // Some merges conflict with what came before: one of the two was taken down, or other merges build on it.
  const refused = answer.status === 409 && path.startsWith("/admin/merges");
  if (!answer.ok && !refused) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

async function work(node: TestNode, { does, which, other }: Step, n: number): Promise<void> {
  const events = await eventsOf(node, does === "corrects another's" ? "others" : "own");
  const [one, two] = [events[which % events.length], events[other % events.length]];
  if (does === "creates") return create(node, n);
  if (does === "undoes") return undoLast(node);
  if (does === "begins an epoch") return void (await openEpoch(node.database, { clean: false, clock: () => new Date() }));
  if (one === undefined || two === undefined) return;
  if (does === "edits" || does === "corrects another's")
    await ask(node, `/events/${one}`, "PATCH", { name: `Evening ${n}, anew`, description: `Word ${n}.` });
  else if (does === "withdraws") await ask(node, `/events/${one}`, "DELETE");
  else if (does === "takes down") await ask(node, `/admin/events/${one}/takedown`, "POST", { reason: "asked for" });
  else if (does === "merges" && one !== two) await ask(node, "/admin/merges", "POST", { kind: "event", ids: [one, two], reason: "test" });
}

async function create(node: TestNode, n: number): Promise<void> {
  const startDate = `2026-06-${String((n % 28) + 1).padStart(2, "0")}T20:00:00-04:00`;
  await ask(node, "/events", "POST", concert({ identifier: `n${n}`, name: `Evening ${n * 7919}`, startDate, endDate: undefined }));
}

async function undoLast(node: TestNode): Promise<void> {
  const [merge] = await rowsOf(node, sql<{ id: string }>`select id from entity_merges where undone_at is null order by id desc limit 1`);
  if (merge !== undefined) await ask(node, `/admin/merges/${ulidOf(merge.id)}`, "DELETE");
}

interface Shown {
  uri: string;
  digest: string;
}

/** What a node's own feed shows of its own entities now. */
const truthOf = (node: TestNode) =>
  rowsOf(
    node,
    sql<Shown>`
      select uri, digest from (
        select distinct on (entity_id) uri, action, substr(item::jsonb ->> 'digest', 9) as digest from event_changes
        where federation_uri is null order by entity_id, sequence_number desc
      ) last where action <> 'delete'`,
  );

const heldBy = (node: TestNode) => rowsOf(node, sql<Shown>`select uri, digest from federation_statements where not gone`);

/** Events of others that are shown, or lead on to one that is by a merge here. */
const visibleAt = async (node: TestNode) =>
  (
    await rowsOf(
      node,
      sql<{ uri: string }>`
        select federation_uri as uri from events where federation_uri is not null and (lifecycle_state = 'published' or merged_into_id is not null)`,
    )
  ).map(({ uri }) => uri);

/** Where a node does not hold and show what the origins that it hears show; one line a fault. */
async function faultsOf(nodes: readonly TestNode[], followed: readonly Line[]): Promise<string[]> {
  const faults: string[] = [];
  const compare = (what: string, wanted: readonly string[], found: readonly string[]) => {
    for (const one of wanted.filter((each) => !found.includes(each))) faults.push(`${what} lacks ${one}`);
    for (const one of found.filter((each) => !wanted.includes(each))) faults.push(`${what} has ${one}`);
  };
  const truths = await Promise.all(nodes.map(truthOf));
  for (const [n, node] of nodes.entries()) {
    const told = [...originsHeard([...followed], n)].flatMap((origin) => truths[origin]!);
    const lines = (all: readonly Shown[]) => all.map(({ uri, digest }) => `${uri} ${digest}`);
    compare(`what node ${n} holds`, lines(told), lines(await heldBy(node)));
    const events = told.map(({ uri }) => uri).filter((uri) => uri.includes("/events/"));
    compare(`what node ${n} shows`, events, await visibleAt(node));
  }
  return faults;
}

test("real nodes that do anything, in any graph, hold the same when all is quiet", { timeout: 1_800_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(lines, steps, async (followed, done) => {
      await using network = await createNetwork({ nodes: SIZE, tuning: { feedPageSize: 3 } });
      const { nodes } = network;
      const peerIds = new Map<Line, string>();
      for (const line of followed) {
        const [from, to] = [nodes[line.from]!, nodes[line.to]!];
        const peer = { base: to.base, name: to.base, relay: line.relay, bootstrapBy: line.by, dialect: "calends", profile: null } as const;
        peerIds.set(line, (await from.database.transact((tx) => addPeer(from.registry, ADMIN, tx, peer), ADMIN)).id);
      }
      const pull = async (line: Line): Promise<boolean> => {
        const pulled = await nodes[line.from]!.pull(peerIds.get(line)!);
        if (pulled.outcome !== "applied" && pulled.outcome !== "unchanged")
          throw new Error(`${JSON.stringify(line)}: ${JSON.stringify(pulled)}`);
        return pulled.outcome === "applied";
      };
      for (const [n, one] of done.entries()) {
        if (one.does === "pulls") {
          const line = followed[one.which % followed.length]!;
          await nodes[line.to]!.processAll();
          await pull(line);
        } else await work(nodes[one.node]!, one, n + 1);
      }
      for (let moved = true; moved;) {
        moved = false;
        await network.processAll();
        for (const line of followed) moved = (await pull(line)) || moved;
      }

      expect(await faultsOf(nodes, followed)).toEqual([]);
      // The control: one word that is not the last one is noticed.
      const [listener] = followed;
      const spoilt = await nodes[listener!.from]!.database.transact(
        (tx) =>
          sql`update federation_statements set digest = 'another' where uri = (select min(uri) from federation_statements where not gone)`.execute(
            kyselyOf(tx),
          ),
        ADMIN,
      );
      expect(await faultsOf(nodes, followed)).toHaveLength(2 * Number(spoilt.numAffectedRows));
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});
