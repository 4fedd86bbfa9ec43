/** The feed's arithmetic for any history: what readers are told adds up to what is there, and the chain holds. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OutboxRow } from "../../src/db/feed.ts";
import type { PlaceState } from "../../src/domain/state.ts";
import { changedFields } from "../../src/feed/changed-fields.ts";
import { decodeCursor, encodeCursor } from "../../src/feed/cursor.ts";
import { chooseEncoding, ENCODINGS } from "../../src/feed/encodings.ts";
import { snapshotOf } from "../../src/feed/item.ts";
import { numberChanges } from "../../src/feed/number-changes.ts";
import { redactItem } from "../../src/feed/redact.ts";
import { verifyChain, type VerifiableItem } from "../../src/feed/verify.ts";
import { encodeEntity } from "../../src/jsonld/encode.ts";

const base = "https://node.example";
const ids = ["01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002", "01900000-0000-7000-8000-000000000003"];
const CHANGED = new Date("2026-05-01T12:00:00Z");

/** One committed transaction's word on one of three places: few names, so that some say nothing new. */
const write = fc.record({
  id: fc.constantFrom(...ids),
  name: fc.constantFrom("A", 'B "x" ,"snapshot":{', "C\u2028\\"),
  url: fc.option(fc.webUrl(), { nil: undefined }),
  public: fc.boolean(),
});
interface Write {
  id: string;
  name: string;
  url: string | undefined;
  public: boolean;
}

const rowsOf = (writes: readonly Write[]): OutboxRow[] =>
  writes.map(({ id, name, url, public: shown }, n) => {
    const state: PlaceState = {
      kind: "place",
      id,
      name,
      version: n + 1,
      createdAt: "2026-05-01T12:00:00Z",
      updatedAt: "2026-05-01T12:00:00Z",
      public: shown,
      ...(url !== undefined && { url }),
    };
    return { seq: n + 1, kind: "place", id, state, changedAt: CHANGED, sourceAt: null };
  });

/** Numbers the rows in batches of these sizes, as a sequencer that was killed between them would. */
function inBatches(rows: readonly OutboxRow[], sizes: readonly number[]): string[] {
  const items: string[] = [];
  const last = new Map<string, string>();
  let head = { position: 0, hash: "" };
  for (let from = 0, n = 0; from < rows.length; n++) {
    const batch = rows.slice(from, from + sizes[n % sizes.length]!);
    from += batch.length;
    const { changes, hash } = numberChanges(batch, last, head, { base });
    head = { position: head.position + changes.length, hash };
    for (const { item, action, seq } of changes) {
      items.push(item);
      const { id } = rows[seq - 1]!;
      if (action === "delete") last.delete(id);
      else last.set(id, item);
    }
  }
  return items;
}

type Item = VerifiableItem & { action: string; uri: string; changed_fields?: string[] };
const parse = (items: readonly string[]) => items.map((item) => JSON.parse(item) as Item);

describe("any history", () => {
  const histories = fc.tuple(fc.array(write, { maxLength: 40 }), fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }));

  test("is told alike however it is cut into batches", () => {
    fc.assert(
      fc.property(histories, ([writes, sizes]) => {
        const rows = rowsOf(writes);
        expect(inBatches(rows, sizes)).toEqual(inBatches(rows, [1_000]));
      }),
    );
  });

  test("is dense, chained, and no item but is new to its reader", () => {
    fc.assert(
      fc.property(histories, ([writes, sizes]) => {
        const items = parse(inBatches(rowsOf(writes), sizes));
        expect(items.map((item) => item.sequence_number)).toEqual(items.map((_, n) => n + 1));
        expect(verifyChain(items).ok).toBe(true);
        const shown = new Map<string, unknown>();
        for (const item of items) {
          expect(item.action).toBe(item.tombstone !== undefined ? "delete" : shown.has(item.uri) ? "update" : "create");
          expect(JSON.stringify(item.snapshot)).not.toBe(JSON.stringify(shown.get(item.uri)));
          if (item.action === "update") expect(item.changed_fields).not.toEqual([]);
          if (item.snapshot === undefined) shown.delete(item.uri);
          else shown.set(item.uri, item.snapshot);
        }
      }),
    );
  });

  test("leaves a replica equal to what is public at its end", () => {
    fc.assert(
      fc.property(histories, ([writes, sizes]) => {
        const rows = rowsOf(writes);
        const replica = new Map<string, unknown>();
        for (const item of parse(inBatches(rows, sizes))) {
          if (item.snapshot === undefined) replica.delete(item.uri);
          else replica.set(item.uri, item.snapshot);
        }
        const final = new Map(rows.map((row) => [row.id, row.state]));
        const expected = [...final.values()].filter((state) => state.public).map((state) => encodeEntity(state, { base }));
        expect(replica).toEqual(new Map(expected.map((document) => [document["@id"], document])));
      }),
    );
  });

  test("cannot be altered, shortened in the middle or reordered unnoticed", () => {
    const longer = fc.tuple(fc.array(write, { minLength: 10, maxLength: 40 }), fc.nat(), fc.constantFrom("alter", "drop", "swap"));
    fc.assert(
      fc.property(longer, ([writes, where, how]) => {
        const items = parse(inBatches(rowsOf(writes), [1_000]));
        fc.pre(items.length > 2);
        const n = where % (items.length - 1);
        const forged =
          how === "alter"
            ? items.with(n, { ...items[n]!, version: 1e6 })
            : how === "drop"
              ? items.toSpliced(n, 1)
              : items.with(n, items[n + 1]!).with(n + 1, items[n]!);
        expect(verifyChain(forged).ok).toBe(false);
      }),
    );
  });
});

test("the snapshot is cut out of an item's text whatever stands in it", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (name, url) => {
      const [item] = numberChanges(
        rowsOf([{ id: ids[0]!, name: `n${name}`, url, public: true }]),
        new Map(),
        { position: 0, hash: "" },
        { base },
      ).changes;
      expect(snapshotOf(item!.item)).toBe(JSON.stringify((JSON.parse(item!.item) as Item).snapshot));
    }),
  );
});

test("an item without protected words stays as it is, byte for byte", () => {
  fc.assert(
    fc.property(fc.string(), (name) => {
      const [change] = numberChanges(
        rowsOf([{ id: ids[0]!, name: `n${name}`, url: undefined, public: true }]),
        new Map(),
        { position: 0, hash: "" },
        { base },
      ).changes;
      expect(redactItem(change!.item)).toBe(change!.item);
    }),
  );
});

test("changed_fields names exactly the members that differ", () => {
  const member = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.array(fc.string(), { minLength: 1 }),
    fc.record({ "@type": fc.string(), name: fc.string() }),
  );
  const document = fc.dictionary(fc.constantFrom("name", "url", "sel:a/b", "offers", "c~d"), member);
  fc.assert(
    fc.property(document, document, (before, after) => {
      const pointers = changedFields(before, after);
      const differing = ["name", "url", "sel:a/b", "offers", "c~d"].filter(
        (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
      );
      expect(pointers).toEqual(differing.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).toSorted());
    }),
  );
  expect(changedFields({ "@context": ["a"], name: "x" }, { "@context": ["b"], name: "x" })).toEqual([]);
});

test("a cursor survives its trip, and no other text is taken for one", () => {
  const epoch = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 40 }), fc.option(fc.constant("0a1b2c3d"), { nil: undefined }), (position, filters) => {
      expect(decodeCursor(encodeCursor({ epoch, position, filters }))).toEqual({ epoch, position, filters });
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => decodeCursor(text)).toThrow(expect.objectContaining({ code: "invalid_cursor" }));
    }),
  );
});

test.each([
  [undefined, "identity"],
  ["", "identity"],
  ["gzip", "gzip"],
  ["gzip, br, zstd", "zstd"],
  ["gzip;q=1.0, br;q=0.5", "gzip"],
  ["*", "zstd"],
  ["deflate", "identity"],
  ["br;q=0, *;q=0.1", "zstd"],
  ["identity, gzip;q=0.1", "identity"],
  ["gzip;q=x", "identity"],
  ["GZIP ; q=0.8", "gzip"],
])("Accept-Encoding %j is served %s", (header, coding) => {
  expect(ENCODINGS).toContain(coding);
  expect(chooseEncoding(header)).toBe(coding);
});
