/** The numbers by which search is judged, against examples reckoned by hand, and what must hold whatever is ranked. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventKey, seriesKey, type CorpusEvent } from "../relevance/corpus.ts";
import { judge } from "../relevance/judging/judge-query.ts";
import { createPool } from "../relevance/judging/pool.ts";
import { all, begins, during, hours, name, near, weekday } from "../relevance/judging/rules.ts";
import { gradesIn, readJudgements, type Grade } from "../relevance/judgements.ts";
import { judgedShare, ndcg, recall } from "../relevance/metrics.ts";
import { checksOf, LEGS, rowsOf, table, type Leg, type MeasuredQuery } from "../relevance/verdict.ts";

const GRADES: ReadonlyMap<string, Grade> = new Map([
  ["a", 3],
  ["b", 2],
  ["c", 1],
  ["d", 0],
]);

describe("nDCG", () => {
  test("is 1 for the best order and 0 for nothing that was asked for", () => {
    expect(ndcg(["a", "b", "c"], GRADES, 10)).toBe(1);
    expect(ndcg(["a", "b", "c", "d", "unjudged"], GRADES, 10)).toBe(1);
    expect(ndcg(["d", "unjudged"], GRADES, 10)).toBe(0);
    expect(ndcg([], GRADES, 10)).toBe(0);
  });

  test("gains 2^grade − 1 and discounts by log2(place + 1)", () => {
    // Ideal: 7/1 + 3/log2(3) + 1/2 = 7 + 1.892789 + 0.5 = 9.392789.
    // c, a, b: 1/1 + 7/log2(3) + 3/2 = 1 + 4.416508 + 1.5 = 6.916508.
    expect(ndcg(["c", "a", "b"], GRADES, 10)).toBeCloseTo(6.916508 / 9.392789, 6);
    // Alone at place 2: 7/log2(3). A linear gain would say 3/log2(3) over 3 + 2/log2(3) + 1/2 = 0.3979.
    expect(ndcg(["d", "a"], GRADES, 10)).toBeCloseTo(4.416508 / 9.392789, 6);
    expect(ndcg(["d", "a"], GRADES, 10)).not.toBeCloseTo(0.3979, 3);
  });

  test("looks no further than its depth, in the ideal order too", () => {
    expect(ndcg(["a"], GRADES, 1)).toBe(1);
    expect(ndcg(["b", "a"], GRADES, 1)).toBeCloseTo(3 / 7, 6);
    expect(ndcg([...Array.from({ length: 10 }, (_, n) => `unjudged ${n}`), "a"], GRADES, 10)).toBe(0);
  });

  test("is not to be had for a ranking that names an event twice, nor where nothing is relevant", () => {
    expect(() => ndcg(["a", "a"], GRADES, 10)).toThrow("twice");
    expect(() => ndcg(["d"], new Map([["d", 0]]), 10)).toThrow("Nothing is relevant");
  });

  test("never leaves 0…1, and never falls when a better event takes the place of a worse one before it", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 30 }), (list) => {
        const grades = new Map(list.map((grade, n) => [`e${n}`, grade as Grade]));
        fc.pre(list.some((grade) => grade > 0));
        const ids = [...grades.keys()];
        const before = ndcg(ids, grades, 10);
        expect(before).toBeGreaterThanOrEqual(0);
        expect(before).toBeLessThanOrEqual(1);
        const at = list.findIndex((grade, n) => n + 1 < list.length && grade < list[n + 1]!);
        if (at === -1) {
          expect(before).toBe(1);
          return;
        }
        const swapped = ids.with(at, ids[at + 1]!).with(at + 1, ids[at]!);
        expect(ndcg(swapped, grades, 10)).toBeGreaterThanOrEqual(before);
      }),
    );
  });
});

describe("recall", () => {
  test("counts what fits well or better, within the depth", () => {
    expect(recall(["a", "c", "d"], GRADES, 50)).toBe(0.5);
    expect(recall(["c", "b", "a"], GRADES, 50)).toBe(1);
    expect(recall(["c", "b", "a"], GRADES, 2)).toBe(0.5);
    expect(recall(["c", "d"], GRADES, 50)).toBe(0);
  });

  test("can reach 1 where more is relevant than its depth holds", () => {
    const many = new Map(Array.from({ length: 80 }, (_, n) => [`e${n}`, 3 as Grade]));
    expect(recall([...many.keys()].slice(0, 50), many, 50)).toBe(1);
    expect(recall([...many.keys()].slice(0, 25), many, 50)).toBe(0.5);
  });

  test("is not to be had for a ranking that names an event twice", () => expect(() => recall(["a", "a"], GRADES, 50)).toThrow("twice"));
});

test("what was judged is told as a share of the places that are filled", () => {
  expect(judgedShare(["a", "d", "x", "y"], GRADES, 10)).toBe(0.5);
  expect(judgedShare(["a", "x"], GRADES, 1)).toBe(1);
  expect(judgedShare([], GRADES, 10)).toBeUndefined();
});

describe("the checks", () => {
  const query = (slice: string, ndcgs: Record<Leg, number>, empty = false): MeasuredQuery => ({
    id: `${slice}-01`,
    slice,
    query: "jazz",
    legs: Object.fromEntries(LEGS.map((leg) => [leg, { ndcg: ndcgs[leg], recall: 1, judged: 1, empty }])) as MeasuredQuery["legs"],
  });
  const failing = (...queries: MeasuredQuery[]) => checksOf(rowsOf(queries)).flatMap(({ holds, what }) => (holds ? [] : what));
  const fine = query("misspelt", { words: 0.5, lexical: 0.7, semantic: 0.6, hybrid: 0.7 });

  test("hold where hybrid is as good as the better leg", () => expect(failing(fine)).toEqual([]));
  test("fail where hybrid is behind a leg in one slice, however little", () => {
    const behind = query("long", { words: 0.1, lexical: 0.5, semantic: 0.6, hybrid: 0.5999 });
    expect(failing(fine, behind)).toEqual(["long: hybrid 0.600 >= the better leg 0.600"]);
    expect(failing(fine, query("long", { words: 0.1, lexical: 0.6, semantic: 0.5, hybrid: 0.5 }))).toHaveLength(1);
  });
  test("fail where typing errors cost as much as with words alone, or are not measured", () => {
    expect(failing(query("misspelt", { words: 0.65, lexical: 0.7, semantic: 0.6, hybrid: 0.7 }))).toEqual([
      "misspelt: hybrid 0.700 >= 1.1 x words alone 0.650",
    ]);
    expect(failing(query("exact", { words: 1, lexical: 1, semantic: 1, hybrid: 1 }))).toEqual(["misspelt: no such slice"]);
  });
  test("fail where more than 2 % of the answers are empty", () => {
    const full = Array.from({ length: 49 }, () => fine);
    const empty = query("misspelt", { words: 0, lexical: 0, semantic: 0, hybrid: 0 }, true);
    expect(failing(...full, empty)).toEqual([]);
    expect(failing(...full.slice(1), empty)).toEqual(["hybrid finds nothing for 2.0 % of the queries, at most 2.0 %"]);
  });
  test("are told with a line for each slice and one for all", () => {
    expect(
      table(rowsOf([fine]), "nDCG@10", (leg) => leg.ndcg)
        .split("\n")
        .map((line) => line.split(/\s+/)),
    ).toEqual([
      ["nDCG@10", "queries", "words", "lexical", "semantic", "hybrid"],
      ["misspelt", "1", "0.500", "0.700", "0.600", "0.700"],
      ["all", "1", "0.500", "0.700", "0.600", "0.700"],
    ]);
  });
});

const event = (changes: Partial<CorpusEvent>): CorpusEvent => ({
  id: `${changes.name} ${changes.start}`,
  name: "Jazz Night",
  start: "2025-06-07T20:00:00-04:00",
  end: undefined,
  place: "The Rex",
  city: "Toronto",
  country: "CA",
  organizer: "",
  performers: [],
  keywords: ["Music"],
  description: "",
  free: undefined,
  online: false,
  latitude: 43.6505,
  longitude: -79.3886,
  ...changes,
});

describe("judging", () => {
  const saturday = event({ id: "1" });
  const sunday = event({ id: "2", start: "2025-06-08T20:00:00-04:00" });
  const market = event({ id: "3", name: "Night Market" });
  const corpus = [saturday, sunday, market];

  test("names a series once where all its dates have one grade, and each date where they differ", () => {
    const evening = judge(
      "exact",
      1,
      { query: "jazz night", need: "Jazz.", grades: [[3, name(/jazz/i)]] },
      corpus,
      new Set([seriesKey(market)]),
    );
    expect(evening).toMatchObject({ id: "exact-01", judged: { "3": ["Jazz Night | The Rex"], "0": ["Night Market | The Rex"] } });
    const weekend = judge(
      "place-time",
      2,
      {
        query: "jazz on Sunday",
        need: "Jazz.",
        grades: [
          [3, all(name(/jazz/i), weekday(0))],
          [1, name(/jazz/i)],
        ],
      },
      corpus,
      new Set(),
    );
    expect(weekend.judged).toEqual({ "3": [eventKey(sunday)], "2": [], "1": [eventKey(saturday)], "0": [] });
    expect([...gradesIn(corpus)(weekend)]).toEqual([
      ["2", 3],
      ["1", 1],
    ]);
  });

  test("is refused where it names an event that is not there, or one twice", () => {
    const judged = { "3": ["Jazz Night | The Rex"], "2": [], "1": [], "0": [] };
    const find = gradesIn(corpus);
    expect([...find({ id: "x", judged })]).toEqual([
      ["1", 3],
      ["2", 3],
    ]);
    expect(() => find({ id: "x", judged: { ...judged, "2": ["Nowhere | The Rex"] } })).toThrow("no event of this corpus");
    expect(() => find({ id: "x", judged: { ...judged, "1": [eventKey(saturday)] } })).toThrow("twice");
  });

  test("knows local days, hours and distances", () => {
    const fits = (condition: (one: CorpusEvent) => boolean) => corpus.filter(condition).map(({ id }) => id);
    expect(fits(all(weekday(6), name(/jazz/i)))).toEqual(["1"]);
    expect(fits(begins("2025-06-08"))).toEqual(["2"]);
    expect(fits(begins("2025-06"))).toEqual(["1", "2", "3"]);
    expect(fits(during("2025-06-09", "2025-06-30"))).toEqual([]);
    expect([fits(hours(20, 21)), fits(hours(18, 20))]).toEqual([["1", "2", "3"], []]);
    expect(hours(0, 24)(event({ start: "2025-06-07" }))).toBe(false);
    // The Rex is some 1.1 km from Kensington Market.
    expect([near(43.6547, -79.4005, 1_200)(saturday), near(43.6547, -79.4005, 900)(saturday)]).toEqual([true, false]);
  });

  test("draws its candidates from words, letters and names", () => {
    const pool = createPool(corpus);
    expect(pool("jaz").map(({ name: title }) => title)).toContain("Jazz Night");
    expect(pool("zebra")).toEqual([]);
  });
});

describe("the committed judgements", () => {
  const judgements = readJudgements();
  const bySlice = Map.groupBy(judgements, ({ slice }) => slice);

  test("are of at least 120 queries, at least 12 in each of the eight slices, none asked twice in one", () => {
    expect(judgements.length).toBeGreaterThanOrEqual(120);
    expect([...bySlice.keys()].toSorted()).toEqual([
      "accented",
      "exact",
      "french",
      "inflected",
      "long",
      "misspelt",
      "place-time",
      "synonyms",
    ]);
    for (const [slice, queries] of bySlice) {
      expect(queries.length, slice).toBeGreaterThanOrEqual(12);
      expect(new Set(queries.map(({ query }) => query.toLowerCase())).size, slice).toBe(queries.length);
    }
    expect(new Set(judgements.map(({ id }) => id)).size).toBe(judgements.length);
  });

  test("each know something that was asked for, and no event in two grades", () => {
    for (const { id, judged } of judgements) {
      const keys = Object.values(judged).flat();
      expect(judged["3"].length, id).toBeGreaterThan(0);
      expect(new Set(keys).size, id).toBe(keys.length);
    }
  });

  test("have long sentences of 8 to 25 words", () => {
    for (const { query } of bySlice.get("long")!) {
      const words = query.split(/\s+/).length;
      expect(words >= 8 && words <= 25, `${query}: ${words} words`).toBe(true);
    }
  });
});
