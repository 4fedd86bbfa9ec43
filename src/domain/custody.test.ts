import { describe, expect, test } from "vitest";
import {
  beginOf,
  compareCustody,
  isUnder,
  judgeChange,
  MOST_HOPS,
  nextEpochAt,
  type Custody,
  type HeardChange,
  type HeldStatement,
  type Hearing,
} from "./custody.ts";

const [US, PEER, FAR] = ["https://us.example", "https://peer.example", "https://far.example"];
/** An epoch that began on 1 May 2026, and one a day later. */
const [MAY_1, MAY_2] = ["01KQGDBJ001111111111111111", "01KQJZR9001111111111111111"];

const hearing = (more: Partial<Hearing["peer"]> = {}, followed: string[] = [PEER]): Hearing => ({
  base: US,
  peer: { base: PEER, relay: false, ...more },
  followed: new Set(followed),
  now: Date.parse("2026-05-03T12:00:00Z"),
});
const custody = (more: Partial<Custody> = {}): Custody => ({ node: PEER, epoch: MAY_1, position: 7, version: 2, hops: [], ...more });
const heard = (more: Partial<HeardChange> = {}): HeardChange => {
  const uri = more.uri ?? `${PEER}/events/1`;
  const document = { "@id": uri, name: "Jazz" };
  const how = { gone: false, redacted: false, digest: "d1", position: 7, custody: custody() };
  return { uri, kind: "event", document, text: JSON.stringify(document), ...how, ...more };
};
const held = (more: Partial<HeldStatement> = {}): HeldStatement => ({
  kind: "event",
  epoch: MAY_1,
  position: 6,
  version: 1,
  gone: false,
  digest: "d0",
  hops: [],
  ...more,
});
/** As a relay passes it on that has it from the far origin itself. */
const relayed = (more: Partial<Custody> = {}, uri = `${FAR}/events/1`) =>
  heard({ uri, custody: custody({ node: FAR, hops: [PEER], ...more }) });
const RELAY = hearing({ relay: true });
const FOLLOWING_FAR = hearing({ relay: true }, [PEER, FAR]);
/** A node of its own within the far one's address. */
const PART = `${FAR}/part`;
const ofPart = (more: Partial<Custody>) => relayed(more, `${PART}/events/1`);

describe("whose word is heard", () => {
  test("a peer's on what lies under its own base", () => {
    expect(judgeChange(heard(), undefined, hearing())).toEqual({ verdict: "apply", custody: custody() });
  });

  test.for([
    ["our own URI", heard({ uri: `${US}/events/1` }), hearing(), "own_uri"],
    ["our own URI, told by a relay as another's", heard({ uri: `${US}/events/1` }), RELAY, "own_uri"],
    ["another's URI without custody, by one that is no relay", { ...relayed(), custody: undefined }, hearing(), "foreign_uri"],
    [
      "another's URI with a third one's custody, by one that is no relay",
      relayed({ node: "https://third.example" }),
      hearing(),
      "foreign_uri",
    ],
    ["a base that only begins like the peer's", heard({ uri: `${PEER}.evil/events/1` }), hearing(), "foreign_uri"],
    ["a way out of the base", heard({ uri: `${PEER}/../events/1` }), hearing(), "foreign_uri"],
    ["a way out of the base in disguise", heard({ uri: `${PEER}/%2E%2e/events/1` }), hearing(), "foreign_uri"],
    ["a way out of the base at the end", heard({ uri: `${PEER}/events/..?1` }), hearing(), "foreign_uri"],
    [
      "what lies under a node within the peer's base",
      heard({ uri: `${PEER}/club/events/1` }),
      hearing({}, [PEER, `${PEER}/club`]),
      "foreign_uri",
    ],
    ["a relay that names no origin", heard({ uri: `${FAR}/events/1`, custody: undefined }), RELAY, "no_custody"],
    ["a relay that names another origin", relayed({ node: "https://third.example" }), RELAY, "false_custody"],
    ["a peer that gives its own word for another's", heard({ custody: custody({ node: FAR }) }), RELAY, "false_custody"],
    ["a relay that names a part of one that we follow", relayed({ node: `${FAR}/events` }), FOLLOWING_FAR, "false_custody"],
    [
      "a relay that names the whole of which one that we follow is a part",
      ofPart({ node: FAR }),
      hearing({ relay: true }, [PART]),
      "false_custody",
    ],
    ["what has come through its own origin again", relayed({ hops: [FAR, PEER] }), RELAY, "looping"],
    ["what has come through one node twice", relayed({ hops: [PEER, "https://b.example", PEER] }), RELAY, "looping"],
    ["a node between that is not written as it is kept", relayed({ hops: ["https://B.example", PEER] }), RELAY, "false_custody"],
    [
      "a longer way than any",
      relayed({ hops: Array.from({ length: MOST_HOPS + 1 }, (_, n) => `https://n${n}.example`) }),
      RELAY,
      "too_many_hops",
    ],
    ["an epoch of the day after tomorrow", relayed({ epoch: "01KQTPYE001111111111111111" }), RELAY, "future_epoch"],
  ] as const)("refused: %s", ([, item, how, reason]) => {
    expect(judgeChange(item, undefined, how)).toMatchObject({ verdict: "refuse", reason });
  });

  test.for([
    ["what a relay heard from us", heard({ uri: `${US}/events/1`, custody: custody({ node: US, hops: [PEER] }) }), RELAY, "own"],
    ["what any peer heard from us", heard({ uri: `${US}/events/1`, custody: custody({ node: US, hops: [PEER] }) }), hearing(), "own"],
    ["what comes back to us", relayed({ hops: [US, PEER] }), RELAY, "own"],
    ["another's URI, as its word, by one that is no relay", relayed(), hearing(), "no relay"],
    ["what a relay tells of one that we follow ourselves", relayed(), FOLLOWING_FAR, "followed"],
    ["what a relay tells of a part that we follow", ofPart({ node: PART }), hearing({ relay: true }, [PART, FAR]), "followed"],
    ["an origin that we did not ask the relay for", relayed(), hearing({ relay: true, origins: ["https://third.example"] }), "filtered"],
    ["what a relay hides for reasons of its own", { ...relayed(), gone: true, withheld: true }, RELAY, "withheld"],
  ] as const)("passed over: %s", ([, item, how, why]) => {
    expect(judgeChange(item, undefined, how)).toEqual({ verdict: "pass", why });
  });

  test("a relay's on another's, with its custody", () => {
    expect(judgeChange(relayed(), undefined, RELAY)).toMatchObject({ verdict: "apply", custody: { node: FAR, hops: [PEER] } });
    expect(judgeChange(relayed(), undefined, hearing({ relay: true, origins: [FAR] }))).toMatchObject({ verdict: "apply" });
  });
});

describe("which of two words is the newer one", () => {
  test.for([
    ["a later position", held(), heard(), { verdict: "apply" }],
    ["a later position of the same content: only where it stands", held({ digest: "d1" }), heard(), { verdict: "note" }],
    ["the same content, but it is back", held({ digest: "d1", gone: true }), heard(), { verdict: "apply" }],
    ["the very same", held({ position: 7 }), heard(), { verdict: "pass", why: "same" }],
    ["an earlier position", held({ position: 8 }), heard(), { verdict: "pass", why: "older" }],
    [
      "an epoch that its origin has begun",
      held({ epoch: MAY_1, position: 900 }),
      heard({ custody: custody({ epoch: MAY_2, position: 1 }) }),
      { verdict: "apply" },
    ],
    ["another kind of entity", held({ kind: "place" }), heard(), { verdict: "refuse", reason: "kind_changed" }],
    ["a version that goes back", held({ version: 9 }), heard(), { verdict: "refuse", reason: "version_backwards" }],
  ] as const)("%s", ([, before, item, judgement]) => {
    expect(judgeChange(item, before, hearing())).toMatchObject(judgement);
  });

  test("between relays epochs go by when they began, and no version speaks against a newer one", () => {
    const before = held({ epoch: MAY_2, hops: [PEER], position: 3, version: 9 });
    expect(judgeChange(relayed({ epoch: MAY_1, position: 100 }), before, RELAY)).toEqual({ verdict: "pass", why: "older" });
    expect(judgeChange(relayed({ epoch: MAY_2, position: 4, version: 8 }), before, RELAY)).toMatchObject({ reason: "version_backwards" });
    expect(judgeChange(relayed({ epoch: MAY_2, position: 4, version: 8 }), { ...before, hops: [] }, RELAY)).toMatchObject({
      verdict: "apply",
    });
  });

  test("of one position: without its texts before the whole, unless the origin itself tells whole what a relay had shortened", () => {
    const at7 = { position: 7, digest: "d1" };
    const short = heard({ redacted: true });
    expect(judgeChange(short, held(at7), hearing())).toMatchObject({ verdict: "apply" });
    expect(judgeChange(short, held({ ...at7, redacted: true }), hearing())).toEqual({ verdict: "pass", why: "same" });
    expect(judgeChange(heard(), held({ ...at7, redacted: true }), hearing())).toEqual({ verdict: "pass", why: "same" });
    const shortened = held({ ...at7, redacted: true, hops: ["https://b.example"] });
    expect(judgeChange(heard(), shortened, hearing())).toMatchObject({ verdict: "apply" });
    expect(judgeChange(relayed(), shortened, RELAY)).toEqual({ verdict: "pass", why: "same" });
  });

  test("what is held as another node's word: no relay's is heard, that of the node itself is", () => {
    const before = held({ node: FAR, position: 900, hops: [PEER] });
    expect(judgeChange(ofPart({ node: PART }), before, RELAY)).toMatchObject({ reason: "false_custody" });
    const own = heard({ uri: `${PART}/events/1`, custody: custody({ node: PART }) });
    expect(judgeChange(own, before, hearing({ base: PART }, [PART]))).toMatchObject({ verdict: "apply" });
  });

  test("what the origin tells itself stands before what a relay said it told", () => {
    const byRelay = { epoch: MAY_2, position: 100, hops: [PEER] };
    // A name that sorts behind every ULID says nothing of when it began.
    expect(compareCustody({ epoch: "zzz", position: 200, hops: [PEER] }, byRelay)).toBeLessThan(0);
    expect(compareCustody(byRelay, { epoch: "zzz", position: 200, hops: [PEER] })).toBeGreaterThan(0);
    expect(compareCustody({ epoch: "b", position: 1, hops: [PEER] }, { epoch: "a", position: 2, hops: [PEER] })).toBeGreaterThan(0);
    expect(compareCustody(custody({ epoch: MAY_1, position: 1 }), byRelay)).toBeGreaterThan(0);
    expect(compareCustody(custody({ epoch: MAY_2, position: 1 }), byRelay)).toBeGreaterThan(0);
    expect(compareCustody(custody({ epoch: MAY_2, position: 100 }), byRelay)).toBe(0);
  });
});

test("what lies under a base has a path of its own there", () => {
  expect(isUnder(PEER, `${PEER}/events/1`)).toBe(true);
  for (const uri of [PEER, `${PEER}.evil/1`, `${PEER}/a/../../b`, `${PEER}/..`, `${PEER}/a b`, `${PEER}/a\\b`, `http://peer.example/1`])
    expect(isUnder(PEER, uri), uri).toBe(false);
});

test("an epoch's name says when it began, where it is a ULID", () => {
  expect(new Date(beginOf(MAY_2)).toISOString()).toMatch(/^2026-05-02T00:00/);
  expect(beginOf(MAY_2)).toBeGreaterThan(beginOf(MAY_1));
  expect(beginOf("")).toBe(0);
  expect(beginOf("seq_12")).toBe(0);
});

describe("an epoch that follows another", () => {
  const [may1, may2] = [Date.parse("2026-05-01T00:00:00Z"), Date.parse("2026-05-02T00:00:00Z")];

  test("begins now", () => {
    expect(nextEpochAt(may2, MAY_1)).toBe(may2);
    expect(nextEpochAt(may2, "")).toBe(may2);
  });

  test("begins after it, where the clock stood ahead and was set right", () => {
    expect(nextEpochAt(may2 - 3_600_000, MAY_2)).toBe(beginOf(MAY_2) + 1);
    expect(nextEpochAt(beginOf(MAY_2), MAY_2)).toBe(beginOf(MAY_2) + 1);
  });

  test("begins now, where that one's beginning was so far ahead that nobody believed it", () => {
    expect(nextEpochAt(may1 - 3_600_000, MAY_2)).toBe(may1 - 3_600_000);
  });
});
