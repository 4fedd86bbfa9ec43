/** Venues are merged and parted while sources go on telling of events there: no event is left behind at a venue that is gone. */
import { sql } from "kysely";
import { describe, expect, inject, test } from "vitest";
import { kyselyOf } from "../../src/db/handle.ts";
import type { Caller } from "../../src/registry/context.ts";
import { mergeOthers, undoOthersMerge } from "../../src/registry/merge-others.ts";
import { concert, openTestRegistry } from "../support/registry.ts";

const describeOnAServer = inject("database").kind === "server" ? describe : describe.skip;
const ADMIN: Caller = { actor: "key:admin", role: "admin" };
const HALLS = ["Aardvark Hall", "Bramble Barn", "Cinder Loft"];
const ROUNDS = 6;

describeOnAServer("on a server, where transactions really run side by side", () => {
  test("after every round each event stands where its venue's name leads, and so the feed says", async () => {
    await using on = await openTestRegistry("America/Toronto");
    const { registry } = on;
    const { database } = registry;
    const query = async <T>(statement: ReturnType<typeof sql>) =>
      database.read(async (reader) => (await statement.execute(kyselyOf(reader))).rows as T[]);
    const sources = await Promise.all([1, 2, 3, 4].map((n) => on.source(`source ${n}`)));
    /** Each event is of one source, and told of anew with another hall in every round. */
    const tell = (n: number, hall: number) =>
      on.submit(
        sources[n % sources.length]!,
        concert({
          "@id": `https://listings.example/${n}`,
          name: `Programme ${n}`,
          startDate: new Date(Date.UTC(2026, 4, 1 + n, 20)).toISOString(),
          endDate: null,
          location: { "@type": "Place", name: HALLS[hall % HALLS.length] },
        }),
      );
    for (const [n] of HALLS.entries()) await tell(n, n);
    const halls = await query<{ id: string }>(sql`select id from places order by name`);
    const merge = (a: number, b: number) =>
      database.transact((tx) => mergeOthers(registry, ADMIN, tx, { kind: "place", ids: [halls[a]!.id, halls[b]!.id] }));
    const undo = (mergeId: string) => database.transact((tx) => undoOthersMerge(registry, ADMIN, tx, { mergeId }));
    const standing = () => query<{ id: string }>(sql`select id from entity_merges where undone_at is null`);

    for (let round = 0; round < ROUNDS; round++) {
      const undoing = (await standing()).map(({ id }) => undo(id));
      const telling = Array.from({ length: 20 }, (_, n) => tell(n, n + round));
      // Two that have become one by way of the third are a conflict, and no fault.
      const merging = [merge(round % 3, (round + 1) % 3), merge((round + 1) % 3, (round + 2) % 3)].map((one) =>
        one.catch((error: unknown) => expect(error).toMatchObject({ code: "conflict" })),
      );
      await Promise.all([...undoing, ...telling, ...merging]);

      const astray = await query(sql`
        select e.id, e.name, c.value ->> 'name' as said, p.name as stands_at from events e
        join places p on p.id = e.primary_venue_id
        join field_provenance c on c.event_id = e.id and c.field = '/location' and c.is_winner and upper_inf(c.recorded)
        join places said on said.name = c.value ->> 'name'
        where e.primary_venue_id <> coalesce(said.merged_into_id, said.id)`);
      expect(astray).toEqual([]);
      const unpublished = await query(sql`
        select o.entity_id from (select distinct on (entity_id) entity_id, entity_kind, state from change_outbox order by entity_id, seq desc) o
        join lateral entity_states(o.entity_kind, array[o.entity_id]) s on true where o.state is distinct from s.state`);
      expect(unpublished).toEqual([]);
    }
    expect((await query(sql`select id from entity_merges`)).length).toBeGreaterThan(ROUNDS / 2);
  });
});
