/**
 * The rules of origin alone (domain/custody.ts), over all orders in which the words about one URI may be heard: from the origin, in its
 * order, while it is followed; from two relays, in any. Texts may have been taken out at the origin or on the way.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { judgeChange, type HeardChange, type HeldStatement } from "../../src/domain/custody.ts";

const RUNS = 20_000;
const [US, ORIGIN] = ["https://us.example", "https://origin.example"];
const RELAYS = ["https://one.example", "https://two.example"] as const;
/** The origin was restored from a backup once: positions come a second time. */
const EPOCHS = ["01KDVDWF00ABCDEFGHJKMNPQRS", "01KQGDBJ00ABCDEFGHJKMNPQRS"] as const;
const uri = `${ORIGIN}/events/1`;

/** What the origin said, in its order. */
interface Word {
  epoch: string;
  position: number;
  gone: boolean;
  content: string;
}
/** A word as somebody tells it: whole, or without its texts; `inPlace` where its digest still is that of the whole. */
interface Telling {
  word: number;
  by: string;
  short: boolean;
  inPlace: boolean;
}
/** What is held, and which of the contents is shown. */
type Held = HeldStatement & { content: string };
type Judge = typeof judgeChange;

const words = fc
  .array(
    fc.record({
      epoch: fc.constantFrom(...EPOCHS),
      position: fc.integer({ min: 1, max: 3 }),
      gone: fc.boolean(),
      content: fc.constantFrom("a", "b"),
    }),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((said) => {
    const places = new Map(said.map((word): [string, Word] => [`${word.epoch} ${word.position}`, word]));
    return [...places.keys()].toSorted().map((place) => places.get(place)!);
  });
const telling = (by: fc.Arbitrary<string>) => fc.record({ word: fc.nat(5), by, short: fc.boolean(), inPlace: fc.boolean() });
const ofRelays = fc.array(telling(fc.constantFrom(...RELAYS)), { minLength: 1, maxLength: 8 });
const ofAll = fc.array(telling(fc.constantFrom(ORIGIN, ...RELAYS)), { maxLength: 8 });

/** Of a tombstone nothing can be taken out. */
const fit = (said: readonly Word[], told: readonly Telling[]): Telling[] =>
  told.map((one) => {
    const word = one.word % said.length;
    return { ...one, word, short: one.short && !said[word]!.gone };
  });

/** The origin tells in its order; a word that it has shortened once it never tells whole again. Its last word is told last. */
function inItsOrder(said: readonly Word[], told: readonly Telling[]): Telling[] {
  const own = told
    .filter(({ by }) => by === ORIGIN)
    .toSorted((one, other) => one.word - other.word || Number(one.short) - Number(other.short));
  const last = own.at(-1);
  if (last !== undefined) own.splice(-1, 1, { ...last, word: said.length - 1, short: last.short && !said.at(-1)!.gone });
  // What became of it is known by its last telling alone.
  const short = own.some(({ word, short: cut }) => cut && word === said.length - 1);
  if (last !== undefined && short) own.splice(-1, 1, { ...own.at(-1)!, short });
  return told.map((one) => (one.by === ORIGIN ? own.shift()! : one));
}

function heardAs({ epoch, position, gone, content }: Word, { by, short, inPlace }: Telling): HeardChange {
  const digest = short && !inPlace ? `${content}, cut` : content;
  const custody = { node: ORIGIN, epoch, position, version: position, hops: by === ORIGIN ? [] : [by] };
  return { uri, kind: "event", gone, document: { "@id": uri }, text: "{}", digest, redacted: short, custody, position };
}

/** What is held in the end. */
function hearAll(judge: Judge, said: readonly Word[], told: readonly Telling[]): Held | undefined {
  let held: Held | undefined;
  for (const one of told) {
    const word = said[one.word]!;
    const heard = heardAs(word, one);
    const judged = judge(heard, held, {
      base: US,
      peer: { base: one.by, relay: one.by !== ORIGIN },
      // The relays are heard about it as long as it is no peer of ours.
      followed: new Set(one.by === ORIGIN ? [ORIGIN] : []),
      now: Date.parse("2026-06-01T00:00:00Z"),
    });
    if (judged.verdict === "refuse") throw new Error(`an honest word is refused: ${judged.detail}`);
    if (judged.verdict === "pass") continue;
    const { epoch, position, version, hops } = judged.custody;
    const place = { kind: "event", epoch, position, version, hops } as const;
    // Noted: where it stands is kept, and all else stays.
    if (judged.verdict === "note") held = { ...held!, ...place };
    else held = { ...place, gone: heard.gone, digest: heard.digest, redacted: heard.redacted, content: word.content };
  }
  return held;
}

const shownOf = ({ epoch, position, gone, content, redacted }: Held) => ({ epoch, position, gone, content, redacted: redacted === true });

/** Once the origin has told its last word itself, that is held, whole or not as it told it; a relay may only take texts out of it. */
const itsLastWordHolds = (judge: Judge) =>
  fc.property(words, ofAll, telling(fc.constant(ORIGIN)), fc.nat(8), (said, others, last, at) => {
    const all = inItsOrder(said, fit(said, [...others.slice(0, at), last, ...others.slice(at)]));
    const lastAt = all.findLastIndex(({ by }) => by === ORIGIN);
    const cut = all.slice(lastAt).some(({ word, short }) => short && word === said.length - 1);
    expect(shownOf(hearAll(judge, said, all)!)).toEqual({ ...said.at(-1)!, redacted: cut });
  });

/** Where only relays tell, the newest word that any of them told is held, without its texts if one of them told it so: in whatever order. */
const relaysAgree = (judge: Judge) =>
  fc.property(
    words.chain((said) =>
      ofRelays.chain((told) => fc.tuple(fc.constant(said), fc.shuffledSubarray(fit(said, told), { minLength: told.length }))),
    ),
    ([said, told]) => {
      const newest = Math.max(...told.map(({ word }) => word));
      const cut = told.some(({ word, short }) => short && word === newest);
      expect(shownOf(hearAll(judge, said, told)!)).toEqual({ ...said[newest]!, redacted: cut });
    },
  );

test("the origin's last word holds once it was heard, whatever relays told before or tell after", () => {
  expect(() => fc.assert(itsLastWordHolds(judgeChange), { numRuns: RUNS })).not.toThrow();
});

test("relays come to the same in any order", () => {
  expect(() => fc.assert(relaysAgree(judgeChange), { numRuns: RUNS })).not.toThrow();
});

const passed = { verdict: "pass", why: "same" } as const;
const MUTATIONS: Record<string, Judge> = {
  "an older position replaces a newer one": (heard, held, hearing) =>
    judgeChange(heard, held && { ...held, position: 0, version: undefined }, hearing),
  "a newer position is passed over": (heard, held, hearing) =>
    held !== undefined && heard.custody!.epoch === held.epoch && heard.custody!.position > held.position
      ? passed
      : judgeChange(heard, held, hearing),
  "between relays any other epoch is the newer one": (heard, held, hearing) => {
    const other = held !== undefined && held.epoch !== heard.custody!.epoch;
    return other ? { verdict: "apply", custody: heard.custody! } : judgeChange(heard, held, hearing);
  },
  "a new epoch is never heard of": (heard, held, hearing) =>
    held !== undefined && held.epoch !== heard.custody!.epoch ? passed : judgeChange(heard, held, hearing),
  "what the origin says itself is judged as what a relay tells": (heard, held, hearing) =>
    judgeChange(heard, held && { ...held, hops: heard.custody!.hops }, hearing),
  "texts that were taken out of a word stay": (heard, held, hearing) =>
    heard.redacted && heard.custody!.position === held?.position ? passed : judgeChange(heard, held, hearing),
  "a relay gives a text back": (heard, held, hearing) =>
    judgeChange(heard, held?.redacted === true ? { ...held, position: held.position - 1, digest: "", version: undefined } : held, hearing),
  "the origin itself cannot give back what a relay took out": (heard, held, hearing) =>
    judgeChange(heard, held && { ...held, ...(held.redacted === true && { hops: [] }) }, hearing),
  "the same digest is the same word, whatever was taken out of it": (heard, held, hearing) => {
    const judged = judgeChange(heard, held, hearing);
    const alike =
      judged.verdict === "apply" && heard.digest === held?.digest && heard.gone === held.gone && heard.custody!.position !== held.position;
    return alike ? { ...judged, verdict: "note" } : judged;
  },
};

test.for(Object.entries(MUTATIONS))("it is noticed when %s", ([, judge]) => {
  const failed = [itsLastWordHolds(judge), relaysAgree(judge)].some(
    (property) => fc.check(property as fc.IProperty<unknown>, { numRuns: RUNS }).failed,
  );
  expect(failed).toBe(true);
});
