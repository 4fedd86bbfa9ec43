/** What this node's feed tells of entities of other nodes: their origins' own words, and whose they are. */
import canonicalize from "canonicalize";
import { describe, expect, test } from "vitest";
import type { OutboxRow } from "../db/feed.ts";
import type { PlaceState, StatementState } from "../domain/state.ts";
import { custodyOf, isRedacted, isWithheld, snapshotOf, tombstoneOf } from "./item.ts";
import { numberChanges } from "./number-changes.ts";
import { redactItem } from "./redact.ts";
import { verifyChain, type VerifiableItem } from "./verify.ts";

const base = "https://here.example";
const ORIGIN = "https://toronto.example";
const URI = `${ORIGIN}/places/01HZ0000000000000000000000`;
const ID = "01900000-0000-7000-8000-000000000001";
const EPOCH = "01HZ0000000000000000000000";

const said = (name: string, more: object = {}) => canonicalize({ "@id": URI, "@type": "Place", ...more, name })!;
const STONE = JSON.stringify({ "@id": URI, "@type": "Place", "sel:deletedAt": "2026-05-02T00:00:00Z", "sel:tombstone": true });

const statement = (document: string, more: Partial<StatementState> = {}): StatementState => ({
  node: ORIGIN,
  hops: [],
  epoch: EPOCH,
  position: 7,
  version: 3,
  gone: false,
  withheld: false,
  redacted: false,
  document,
  ...more,
});

/** A committed change of the place as this node holds it: by what its origin says and whether it is shown here. */
function row(statementNow: StatementState | undefined, more: Partial<PlaceState> = {}): OutboxRow {
  const state: PlaceState = {
    kind: "place",
    id: ID,
    federationUri: URI,
    name: "As we show it",
    version: 1,
    createdAt: "2026-05-01T12:00:00Z",
    updatedAt: "2026-05-01T12:00:00Z",
    public: true,
    ...(statementNow !== undefined && { statement: statementNow }),
    ...more,
  };
  return { seq: 1, kind: "place", id: ID, state, changedAt: new Date("2026-05-01T12:00:00Z"), sourceAt: null };
}

interface Item extends VerifiableItem {
  action: string;
  uri: string;
  custody?: object;
}

/** One after the other, each in a batch of its own: what came before is known from its item alone. */
function told(...rows: OutboxRow[]): { texts: string[]; items: Item[] } {
  const texts: string[] = [];
  const last = new Map<string, string>();
  let hash = "";
  for (const [n, each] of rows.entries()) {
    const numbered = numberChanges([{ ...each, seq: n + 1 }], last, { position: texts.length, hash }, { base });
    hash = numbered.hash;
    for (const { item } of numbered.changes) {
      texts.push(item);
      last.set(ID, item);
    }
  }
  const items = texts.map((text) => JSON.parse(text) as Item);
  expect(verifyChain(items).ok).toBe(true);
  return { texts, items };
}

describe("an entity of another node", () => {
  test("is told as its origin said it, with its custody", () => {
    const { items, texts } = told(row(statement(said("Massey Hall"), { hops: ["https://relay.example"], redacted: true })));
    expect(items).toMatchObject([{ action: "create", uri: URI, federation_uri: URI, version: 1, snapshot: { name: "Massey Hall" } }]);
    expect(items[0]!.custody).toEqual({
      epoch: EPOCH,
      hops: ["https://relay.example"],
      node: ORIGIN,
      redacted: true,
      sequence_number: 7,
      version: 3,
    });
    // The custody's own `redacted` and position are not the item's.
    expect(isRedacted(texts[0]!)).toBe(false);
    expect(snapshotOf(texts[0]!)).toBe(said("Massey Hall"));
    expect(Object.keys(items[0]!)).toEqual(Object.keys(items[0]!).toSorted());
  });

  test("is told anew when its origin says something else, with what differs", () => {
    const { items } = told(row(statement(said("A"))), row(statement(said("B"), { position: 9, version: 4 })));
    expect(items[1]).toMatchObject({ action: "update", changed_fields: ["/name"], custody: { sequence_number: 9, version: 4 } });
  });

  test.each([
    ["a local word changes what we show of it", row(statement(said("A")), { name: "A curator's name", version: 2 })],
    ["it is only mentioned: its origin has not spoken of it", row(undefined)],
  ])("is not told when %s", (_case, second) => {
    expect(told(row(statement(said("A"))), second).items).toHaveLength(1);
  });

  test("is told anew when it says the same after another word came between", () => {
    const { items } = told(row(statement(said("A"))), row(statement(said("A"), { position: 12, version: 5 })));
    expect(items[1]).toMatchObject({ action: "update", changed_fields: [], custody: { sequence_number: 12, version: 5 } });
  });

  test("that is only mentioned is no change at all", () => {
    expect(told(row(undefined)).items).toEqual([]);
  });

  test("that its origin deletes is deleted with the origin's tombstone", () => {
    const gone = row(statement(STONE, { gone: true, position: 9 }), { public: false });
    const { items, texts } = told(row(statement(said("A"))), gone, gone);
    expect(items).toHaveLength(2);
    expect(items[1]).toMatchObject({ action: "delete", tombstone: JSON.parse(STONE) as object, custody: { sequence_number: 9 } });
    expect([tombstoneOf(texts[1]!), isWithheld(texts[1]!)]).toEqual([STONE, false]);
  });

  test("that was gone before it was shown is told once: others may show it", () => {
    const gone = (position: number) => row(statement(STONE, { gone: true, position }), { public: false });
    const { items } = told(gone(7), gone(7), gone(9));
    expect(items).toMatchObject([
      { action: "delete", custody: { sequence_number: 7 } },
      { action: "delete", custody: { sequence_number: 9 } },
    ]);
  });

  const hidden = row(statement(said("A")), { public: false, updatedAt: "2026-05-03T00:00:00Z" });

  test("that this node hides is a delete of its own, marked as withheld; then its origin's end of it is still told", () => {
    const gone = row(statement(STONE, { gone: true, position: 9 }), { public: false });
    const { items, texts } = told(row(statement(said("A"))), hidden, hidden, gone, gone);
    expect(items.map(({ action }) => action)).toEqual(["create", "delete", "delete"]);
    expect(items[1]).toMatchObject({ custody: { withheld: true, sequence_number: 7 }, tombstone: { "@id": URI, "sel:tombstone": true } });
    expect(items[2]!.custody).not.toHaveProperty("withheld");
    expect(texts.map(isWithheld)).toEqual([false, true, false]);
  });

  test("that this node shows again is a create", () => {
    expect(told(row(statement(said("A"))), hidden, row(statement(said("A")))).items.map(({ action }) => action)).toEqual([
      "create",
      "delete",
      "create",
    ]);
  });

  test("that this node's filters hold back is withheld, since its origin did not delete it", () => {
    const held = row(statement(said("Elsewhere"), { gone: true, withheld: true, position: 9 }), { public: false });
    expect(told(row(statement(said("A"))), held).items[1]).toMatchObject({ action: "delete", custody: { withheld: true } });
  });

  test("bears the license of its origin's document, if it is one", () => {
    const event = (licenseStatus: string): OutboxRow => {
      const plain = row(statement(said("A", { "sel:licenseStatus": licenseStatus, license: "https://license.example/" })));
      return { ...plain, kind: "event", state: { ...plain.state, kind: "event", licenseStatus: "proprietary" } as OutboxRow["state"] };
    };
    expect(told(event("cc-by")).items[0]).toMatchObject({ license_status: "cc-by", license_url: "https://license.example/" });
    expect(told(event('"],"x":["')).items[0]).toMatchObject({ license_status: "unknown" });
  });
});

describe("marks in an origin's document", () => {
  const tricky = said('","custody":{"withheld":true}', {
    custody: { withheld: true },
    digest: "",
    sequence_number: 1,
    redacted: true,
    snapshot: { source_timestamp: "", tombstone: {} },
    source_timestamp: "",
  });
  test("are not taken for the item's own", () => {
    const [text] = told(row(statement(tricky, { hops: ['https://x.example/,"redacted":true'] }))).texts;
    expect([snapshotOf(text!), isRedacted(text!), isWithheld(text!)]).toEqual([tricky, false, false]);
    expect(JSON.parse(custodyOf(text!)!)).toEqual((JSON.parse(text!) as Item).custody);
  });

  test("do not lead a takedown astray", () => {
    const document = JSON.stringify({ "@id": URI, custody: { redacted: true, sequence_number: 1 }, description: "Words", name: "A" });
    const [text] = told(row(statement(document))).texts;
    const redacted = redactItem(text!);
    const { description: _, ...kept } = JSON.parse(document) as Record<string, unknown>;
    expect(JSON.parse(redacted)).toEqual({ ...(JSON.parse(text!) as object), redacted: true, snapshot: kept });
    expect(isRedacted(redacted)).toBe(true);
    expect(verifyChain([JSON.parse(redacted) as Item]).ok).toBe(true);
    // Redacted again it keeps one mark.
    expect(redactItem(redacted)).toBe(redacted);
  });
});

test("custody cannot be altered unnoticed", () => {
  const { items } = told(row(statement(said("A"))));
  const forged = items.map((item) => ({ ...item, custody: { ...item.custody, sequence_number: 8 } }));
  expect(verifyChain(forged).ok).toBe(false);
});
