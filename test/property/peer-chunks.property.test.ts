/** Whatever pages a peer cuts its feed into, and whatever of it is told again, what is held in the end is the same. */
import fc from "fast-check";
import { sql } from "kysely";
import { expect, it } from "vitest";
import { kyselyOf } from "../../src/db/handle.ts";
import type { HeardChange } from "../../src/domain/custody.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { createPeerStore } from "../../src/registry/peer-store.ts";
import { addTestPeer, eventOf, gone, page, shown } from "../support/peer-words.ts";
import { openTestRegistry } from "../support/registry.ts";

const RUNS = Number(process.env["CHUNK_RUNS"] ?? 15);

interface Step {
  /** Which of the peer's events; each property run has a peer of its own. */
  event: number;
  /** `breaks`: a word that cannot be read. */
  does: "shows" | "renames" | "moves" | "deletes" | "breaks";
}

const steps = fc.array(
  fc.record<Step>({ event: fc.integer({ min: 1, max: 4 }), does: fc.constantFrom("shows", "renames", "moves", "deletes", "breaks") }),
  { minLength: 1, maxLength: 14 },
);
const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 14, maxLength: 14 });

const PARIS = { "@type": "Place", name: "Paris", geo: { "@type": "GeoCoordinates", latitude: 48.85, longitude: 2.35 } };

/** A feed as these steps make it, dense from 1. */
function feedOf(node: string, all: readonly Step[]): HeardChange[] {
  return all.map(({ event, does }, at) => {
    const told = { position: at + 1, version: at + 1 };
    if (does === "deletes") return gone(`${node}/events/${event}`, told);
    return shown(
      eventOf(node, event, {
        ...(does === "renames" && { name: `Word ${at}` }),
        ...(does === "moves" && { location: PARIS }),
        ...(does === "breaks" && { startDate: `never ${at}` }),
      }),
      told,
    );
  });
}

/** Cuts a list into pieces of these sizes. */
function pagesOf(feed: readonly HeardChange[], sizes: readonly number[]): HeardChange[][] {
  const pieces: HeardChange[][] = [];
  for (let at = 0, n = 0; at < feed.length; at += sizes[n++]!) pieces.push(feed.slice(at, at + sizes[n]!));
  return pieces;
}

/** The events that were last told of at a place that our filters leave out: shown nowhere, whether or not a trace of them is kept. */
function heldBackBy(all: readonly Step[]): Set<string> {
  const last = new Map(all.filter(({ does }) => does !== "breaks").map(({ event, does }) => [event, does]));
  return new Set([...last].flatMap(([event, does]) => (does === "moves" ? [`/events/${event}`] : [])));
}

it("a feed cut into other pages leaves the same statements and shows the same events", { timeout: 300_000 }, async () => {
  await using test = await openTestRegistry();
  const store = createPeerStore(test.registry, { random: () => 0.5, redact: redactEntity });
  let peers = 0;

  /** What is held of the feed once it was pulled in these pages; `repeated`: every page is told twice, as after a crash of the reader. */
  async function pulled(all: readonly Step[], sizes: readonly number[], repeated: boolean) {
    const node = `https://n${++peers}.example`;
    const peer = await addTestPeer(test, { base: node, filters: { bbox: [-80, 43, -79, 44] } });
    const run = await store.beginRun(peer.id, "pull");
    let since: string | null = null;
    for (const changes of pagesOf(feedOf(node, all), sizes)) {
      const next = page(since, changes);
      expect(await store.applyPage(peer.id, run, next)).not.toBe("moved");
      if (repeated) expect(await store.applyPage(peer.id, run, next)).toBe("moved");
      since = next.nextCursor;
    }
    const { rows } = await test.registry.database.read((on) =>
      sql<{ uri: string; gone: boolean }>`
        select replace(s.uri, ${node}, '') as uri, s.gone, s.position, s.version, replace(s.document, ${node}, '') as document, e.name,
          e.lifecycle_state as state
        from federation_statements s left join events e on e.id = s.entity_id and not s.gone
        where s.origin_node_id = ${peer.id} and s.entity_kind = 'event' order by s.uri`.execute(kyselyOf(on)),
    );
    const heldBack = heldBackBy(all);
    return rows.filter((row) => !(row.gone && heldBack.has(row.uri)));
  }

  await fc.assert(
    fc.asyncProperty(steps, cuts, fc.boolean(), async (all, sizes, repeated) => {
      const whole = await pulled(all, [all.length], false);
      expect(await pulled(all, sizes, repeated)).toEqual(whole);
      expect(
        await pulled(
          all,
          Array.from({ length: 14 }, () => 1),
          false,
        ),
      ).toEqual(whole);
    }),
    { numRuns: RUNS },
  );
});
