/** What a relay passes on: the word of an origin that the reader does not follow itself, with its chain of custody. */
import { describe, expect, it } from "vitest";
import { following } from "../support/pulling.ts";
import { FEED, sendFile } from "../support/scripted-peer.ts";

describe("a relay", () => {
  const FAR = "https://far.example";
  const custody = { node: FAR, epoch: "01JX0000000000000000000000", position: 7, version: 3, hops: ["https://mid.example"] };
  const document = { "@id": `${FAR}/events/1`, "@type": "Event", name: "Far away" };

  it("passes on what another origin said: its word, its place in its own feed, and one hop more", async () => {
    await using set = await following(1);
    const { origin, reader } = set;
    const uri = origin.tell({ path: `${FAR}/events/1`, document, custody });
    const peer = reader.store.add({ base: origin.base, relay: true, bootstrapBy: "feed" });
    await reader.pull(peer);
    expect(reader.store.statements.get(uri)).toMatchObject({
      origin: FAR,
      epoch: custody.epoch,
      position: 7,
      version: 3,
      hops: ["https://mid.example", origin.base],
      gone: false,
    });
    expect(reader.store.shown()[uri]).toEqual(document);
  });

  it("in a snapshot too, and with the end of what is gone", async () => {
    await using set = await following(1);
    const { origin, reader } = set;
    const tombstone = { "@id": `${FAR}/events/2`, "sel:tombstone": true };
    const told = { node: FAR, epoch: custody.epoch, sequence_number: 9, hops: [] };
    const file = origin.snapshot(([header, ...lines]) => [
      header!.replace('"count":1', '"count":2').replace("}", ',"lines":3}'),
      ...lines,
      JSON.stringify({ custody: told, kind: "event", sequence_number: 1, snapshot: document, uri: document["@id"], version: 8 }),
      JSON.stringify({ custody: told, kind: "event", sequence_number: 1, tombstone, uri: tombstone["@id"], version: 8 }),
    ]);
    origin.answer(`${FEED}/snapshot`, (request, response) => sendFile(request, response, file));
    const peer = reader.store.add({ base: origin.base, relay: true });
    expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", counts: { applied: 1, deleted: 1, refused: 0 } });
    expect(reader.store.statements.get(tombstone["@id"])).toMatchObject({ gone: true, position: 9, hops: [origin.base] });
  });

  it("keeps to itself what it hides for reasons of its own", async () => {
    await using set = await following(1);
    const { origin, reader } = set;
    const uri = origin.tell({ path: `${FAR}/events/1`, document, custody });
    const peer = reader.store.add({ base: origin.base, relay: true, bootstrapBy: "feed" });
    await reader.pull(peer);
    origin.tell({ path: uri, gone: true, custody: { ...custody, position: 8, withheld: true } });
    expect(await reader.pull(peer)).toMatchObject({ outcome: "unchanged", counts: { passedOver: 1, refused: 0 } });
    expect(reader.store.shown()).toHaveProperty([uri]);
  });

  it.each<[string, string, object]>([
    ["no_custody", "none", {}],
    ["false_custody", "of a node that has no say", { custody: { ...custody, node: "https://fa.example" } }],
    ["looping", "that came through its origin again", { custody: { ...custody, hops: [FAR] } }],
    ["too_many_hops", "of a long way", { custody: { ...custody, hops: Array.from({ length: 17 }, (_, n) => `https://n${n}.example`) } }],
    ["future_epoch", "of an epoch to come", { custody: { ...custody, epoch: "7ZZZZZZZZZZZZZZZZZZZZZZZZZ" } }],
    ["malformed", "without an end", { custody: { ...custody, hops: Array(65).fill("https://n.example") } }],
    ["malformed", "with a node that is none", { custody: { ...custody, node: "far" } }],
  ])("is refused (%s) with a custody %s", async (reason, _what, more) => {
    await using set = await following(1);
    const { origin, reader } = set;
    origin.tell({ path: `${FAR}/events/1`, document, ...more });
    await reader.pull(reader.store.add({ base: origin.base, relay: true, bootstrapBy: "feed" }));
    expect(reader.store.refusals).toMatchObject([{ reason }]);
    expect(reader.store.shown()).not.toHaveProperty([document["@id"]]);
  });
});
