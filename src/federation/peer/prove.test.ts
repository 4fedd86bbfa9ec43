import { describe, expect, it } from "vitest";
import { canonicalForm } from "../../feed/canonical.ts";
import { chainHash, sha256 } from "../../feed/item.ts";
import { PeerFault } from "./faults.ts";
import { proveItems } from "./prove.ts";

/** Items 1 … 5 as a feed has them; `change` alters what the one at a position shows, after it was hashed. */
function page(change: Record<number, object> = {}) {
  let before = "";
  return [1, 2, 3, 4, 5].map((position) => {
    const snapshot = { "@id": `https://city.example/events/${position}` };
    const core = { action: "create", digest: `sha-256:${sha256(canonicalForm(snapshot))}`, sequence_number: position };
    before = chainHash(before, canonicalForm(core));
    return { ...core, hash: before, snapshot, ...change[position] };
  });
}
function faultOf(items: readonly object[], hash: string | null = "") {
  try {
    proveItems(items, { position: 0, hash });
  } catch (error) {
    if (error instanceof PeerFault) return { alarm: error.alarm, detail: error.message };
    throw error;
  }
  return undefined;
}

describe("the proof of a page", () => {
  it("holds, from its beginning and from the middle of a chain", () => {
    expect(proveItems(page(), { position: 0, hash: "" })).toMatchObject({ position: 5, hash: page()[4]!.hash });
    expect(proveItems(page().slice(2), { position: 2, hash: null })).toMatchObject({ position: 5 });
  });

  it.each([
    ["a lone surrogate", { name: "\ud800" }, "Lone surrogate is not allowed"],
    ["a number beyond any", { price: Infinity }, "Infinity is not allowed"],
  ])("names the item that shows %s, and not the first one", (_name, snapshot, why) => {
    for (const hash of ["", null])
      for (const position of [1, 5])
        expect(faultOf(page({ [position]: { snapshot } }), hash)).toEqual({
          alarm: "digest",
          detail: `at position ${position}: digest cannot be taken of it: ${why}`,
        });
  });

  const shown = { "@id": "https://city.example/events/3" };
  it.each([
    ["a tombstone beside its snapshot", { tombstone: shown }, "digest covers the snapshot of such an item, and it bears a tombstone"],
    ["one that is null", { tombstone: null }, "digest covers the snapshot of such an item, and it bears a tombstone"],
    [
      "a tombstone for a snapshot",
      { snapshot: undefined, tombstone: shown },
      "digest covers the snapshot of such an item, and it bears a tombstone",
    ],
    [
      "both, and calls itself redacted",
      { tombstone: shown, redacted: true },
      "digest covers the snapshot of such an item, and it bears a tombstone",
    ],
    ["neither", { snapshot: undefined }, "digest does not match what is shown"],
  ])("of an item speaks only the member that its digest covers: not with %s", (_what, more, why) => {
    for (const hash of ["", null])
      for (const position of hash === null ? [1, 3] : [3])
        expect(faultOf(page({ [position]: more }), hash)).toEqual({ alarm: "digest", detail: `at position ${position}: ${why}` });
  });

  it("of a delete is of its tombstone, whatever stands beside it", () => {
    const tombstone = { "@id": "https://city.example/events/1", "sel:tombstone": true };
    const core = { action: "delete", digest: `sha-256:${sha256(canonicalForm(tombstone))}`, sequence_number: 1 };
    const item = { ...core, hash: chainHash("", canonicalForm(core)) };
    expect(faultOf([{ ...item, tombstone }])).toBeUndefined();
    for (const altered of [
      { snapshot: tombstone, tombstone: { ...tombstone, "sel:supersededBy": "https://evil.example" } },
      { snapshot: tombstone },
    ])
      expect(faultOf([{ ...item, ...altered }])).toEqual({
        alarm: "digest",
        detail: "at position 1: digest covers the tombstone of such an item, and it bears a snapshot",
      });
  });

  it("says of what cannot be hashed besides what is shown whose that is", () => {
    expect(faultOf(page({ 4: { more: "\ud800" } }))).toEqual({
      alarm: "hash_chain",
      detail: "at position 4: hash cannot be taken of it: Lone surrogate is not allowed",
    });
  });

  it.each([
    ["3", 'the number 3 was expected as a position, it gives "3"'],
    [undefined, "the number 3 was expected as a position, it gives nothing"],
    [null, "the number 3 was expected as a position, it gives null"],
    [4, "position 3 was expected, it gives 4"],
  ])("of a position %j says what was expected", (told, detail) => {
    expect(faultOf(page({ 3: { sequence_number: told } }))).toEqual({ alarm: "positions", detail });
  });
});
