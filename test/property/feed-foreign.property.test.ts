/** The feed's arithmetic where others' entities stand among our own: one chain, and a reader behind us holds what the origins said. */
import canonicalize from "canonicalize";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { OutboxRow } from "../../src/db/feed.ts";
import type { PlaceState } from "../../src/domain/state.ts";
import { numberChanges } from "../../src/feed/number-changes.ts";
import { verifyChain, type VerifiableItem } from "../../src/feed/verify.ts";

const base = "https://node.example";
const ORIGIN = "https://toronto.example";
const OURS = "01900000-0000-7000-8000-000000000001";
const THEIRS = ["01900000-0000-7000-8000-00000000000a", "01900000-0000-7000-8000-00000000000b"];
const uriOf = (id: string) => `${ORIGIN}/places/${id}`;

/** What a transaction does to one entity. Of theirs: the origin says something, or we hide, show or correct it. */
const write = fc.oneof(
  fc.record({ id: fc.constant(OURS), name: fc.constantFrom("A", "B"), public: fc.boolean() }),
  fc.record({
    id: fc.constantFrom(...THEIRS),
    does: fc.constantFrom("says", "says", "says that it is gone", "hides", "shows", "corrects", "filters"),
    name: fc.constantFrom("A", 'B","custody":{"withheld":true}', "C\u2028"),
  }),
);
type Write = typeof write extends fc.Arbitrary<infer T> ? T : never;

interface Theirs {
  /** Of the row: it knows nothing of words that change nothing here, and begins anew where there was none. */
  version: number;
  said?: { gone: boolean; document: string; position: number } | undefined;
  hidden: boolean;
  filtered: boolean;
  shownAs: string;
}

/** The rows of the outbox, and what stood in the end. */
function play(writes: readonly Write[]): { rows: OutboxRow[]; theirs: Map<string, Theirs> } {
  const theirs = new Map<string, Theirs>(THEIRS.map((id) => [id, { version: 1, hidden: false, filtered: false, shownAs: "" }]));
  const rows = writes.map((one, n): OutboxRow => {
    const plain = {
      kind: "place",
      id: one.id,
      version: n + 1,
      createdAt: "2026-05-01T12:00:00Z",
      updatedAt: "2026-05-01T12:00:00Z",
    } as const;
    const row = (state: PlaceState): OutboxRow => ({
      seq: n + 1,
      kind: "place",
      id: one.id,
      state,
      changedAt: new Date(1e12),
      sourceAt: null,
    });
    if (!("does" in one)) return row({ ...plain, name: one.name, public: one.public });
    const held = theirs.get(one.id)!;
    const stone = one.does === "says that it is gone";
    if (one.does === "says" || stone || one.does === "filters") {
      const members = stone ? { "sel:tombstone": true, "sel:deletedAt": `day ${n}` } : { name: one.name };
      held.said = { gone: stone, document: canonicalize({ "@id": uriOf(one.id), ...members })!, position: n + 1 };
      held.filtered = one.does === "filters";
    }
    if (one.does === "hides" || one.does === "shows") held.hidden = one.does === "hides";
    if (one.does === "corrects") held.shownAs = one.name;
    if (one.does === "hides" || one.does === "shows" || one.does === "corrects") held.version += 1;
    const { said, hidden, filtered } = held;
    return row({
      ...plain,
      version: held.version,
      federationUri: uriOf(one.id),
      name: `shown as ${held.shownAs}`,
      public: said !== undefined && !said.gone && !hidden && !filtered,
      ...(said && {
        statement: { node: ORIGIN, hops: [], epoch: "", redacted: false, ...said, gone: said.gone || filtered, withheld: filtered },
      }),
    });
  });
  return { rows, theirs };
}

/** As sequencers do that are killed after every so many rows: each knows of before what the log's items say. */
function tell(rows: readonly OutboxRow[], size: number): string[] {
  const items: string[] = [];
  const last = new Map<string, string>();
  let hash = "";
  for (let from = 0; from < rows.length; from += size) {
    const numbered = numberChanges(rows.slice(from, from + size), last, { position: items.length, hash }, { base });
    hash = numbered.hash;
    for (const { item, action, seq, federationUri } of numbered.changes) {
      items.push(item);
      const { id } = rows[seq - 1]!;
      if (action === "delete" && federationUri === undefined) last.delete(id);
      else last.set(id, item);
    }
  }
  return items;
}

interface Item extends VerifiableItem {
  action: string;
  uri: string;
  version: number;
  custody?: { sequence_number: number; withheld?: true };
}
const parse = (texts: readonly string[]) => texts.map((text) => JSON.parse(text) as Item);
const histories = fc.array(write, { maxLength: 30 });

test("however it is cut into batches it is told alike, dense and in one chain", () => {
  fc.assert(
    fc.property(histories, fc.integer({ min: 1, max: 5 }), (writes, size) => {
      const { rows } = play(writes);
      const texts = tell(rows, 1_000);
      expect(tell(rows, size)).toEqual(texts);
      const items = parse(texts);
      expect(items.map((item) => item.sequence_number)).toEqual(items.map((_, n) => n + 1));
      expect(verifyChain(items).ok).toBe(true);
    }),
  );
});

test("the version of each entity grows with every item", () => {
  fc.assert(
    fc.property(histories, fc.integer({ min: 1, max: 5 }), (writes, size) => {
      const versions = new Map<string, number>();
      for (const { uri, version } of parse(tell(play(writes).rows, size))) {
        expect(version).toBeGreaterThan(versions.get(uri) ?? 0);
        versions.set(uri, version);
      }
    }),
  );
});

test("a reader who passes over what we withhold ends with the origin's last word, or the last that we let through", () => {
  fc.assert(
    fc.property(histories, (writes) => {
      const { rows, theirs } = play(writes);
      const heard = new Map<string, Item>();
      for (const item of parse(tell(rows, 1_000))) if (item.custody && item.custody.withheld !== true) heard.set(item.uri, item);
      for (const [id, { said, hidden, filtered }] of theirs) {
        const held = heard.get(uriOf(id));
        if (said === undefined) expect(held).toBeUndefined();
        else if (!said.gone && (hidden || filtered)) expect(held?.custody?.sequence_number ?? 0).toBeLessThanOrEqual(said.position);
        // What was never shown need not be taken away.
        else if (!said.gone || held !== undefined) {
          const shown = held!.snapshot ?? held!.tombstone;
          expect("name" in (shown as object)).toBe(!said.gone);
          if (!said.gone) expect(canonicalize(shown)).toBe(said.document);
        }
      }
    }),
  );
});

test("what is told of theirs is what they said, byte for byte, and never what we show", () => {
  fc.assert(
    fc.property(histories, (writes) => {
      const { rows } = play(writes);
      for (const { custody, snapshot } of parse(tell(rows, 1_000))) {
        if (custody === undefined || snapshot === undefined) continue;
        const words = rows.flatMap(({ state }) =>
          state.statement?.position === custody.sequence_number ? [state.statement.document] : [],
        );
        expect(words).toContain(canonicalize(snapshot));
      }
    }),
  );
});
