/** From each query's numbers to a table by slice and leg, and to what must hold of it. */
import { mean } from "./metrics.ts";

/** words: the lexical leg with neither corrections nor synonyms nor any-of-the-words. */
export const LEGS = ["words", "lexical", "semantic", "hybrid"] as const;
export type Leg = (typeof LEGS)[number];

export interface Measured {
  ndcg: number;
  recall: number;
  /** Undefined where nothing was found. */
  judged: number | undefined;
  empty: boolean;
}
export interface MeasuredQuery {
  id: string;
  slice: string;
  query: string;
  legs: Record<Leg, Measured>;
}
export interface Row {
  slice: string;
  queries: number;
  legs: Record<Leg, { ndcg: number; recall: number; judged: number | undefined; empty: number }>;
}
export interface Check {
  holds: boolean;
  what: string;
}

/** Misspelt queries must do so much better with all legs than by their words alone. */
const MISSPELT_GAIN = 1.1;
const MOST_EMPTY = 0.02;

/** Means by slice, in the slices' order, and of all queries last. */
export function rowsOf(measured: readonly MeasuredQuery[]): Row[] {
  const row = (slice: string, queries: readonly MeasuredQuery[]): Row => ({
    slice,
    queries: queries.length,
    legs: Object.fromEntries(
      LEGS.map((leg) => {
        const all = queries.map((query) => query.legs[leg]);
        return [
          leg,
          {
            ndcg: mean(all.map((one) => one.ndcg))!,
            recall: mean(all.map((one) => one.recall))!,
            judged: mean(all.flatMap((one) => one.judged ?? [])),
            empty: mean(all.map((one) => Number(one.empty)))!,
          },
        ];
      }),
    ) as Row["legs"],
  });
  return [...[...Map.groupBy(measured, (one) => one.slice)].map(([slice, queries]) => row(slice, queries)), row("all", measured)];
}

/** What must hold, each with its numbers. Compared as measured, not as printed. */
export function checksOf(rows: readonly Row[]): Check[] {
  const slices = rows.filter(({ slice }) => slice !== "all");
  const all = rows.find(({ slice }) => slice === "all")!;
  const better = slices.map(({ slice, legs }) => {
    const best = Math.max(legs.lexical.ndcg, legs.semantic.ndcg);
    return { holds: legs.hybrid.ndcg >= best, what: `${slice}: hybrid ${fixed(legs.hybrid.ndcg)} >= the better leg ${fixed(best)}` };
  });
  const misspelt = slices.find(({ slice }) => slice === "misspelt");
  return [
    ...better,
    ...(misspelt === undefined
      ? [{ holds: false, what: "misspelt: no such slice" }]
      : [
          {
            holds: misspelt.legs.hybrid.ndcg >= MISSPELT_GAIN * misspelt.legs.words.ndcg,
            what: `misspelt: hybrid ${fixed(misspelt.legs.hybrid.ndcg)} >= ${MISSPELT_GAIN} x words alone ${fixed(misspelt.legs.words.ndcg)}`,
          },
        ]),
    {
      holds: all.legs.hybrid.empty <= MOST_EMPTY,
      what: `hybrid finds nothing for ${percent(all.legs.hybrid.empty)} of the queries, at most ${percent(MOST_EMPTY)}`,
    },
  ];
}

/** A line a slice, for one number of each leg. */
export function table(rows: readonly Row[], title: string, number: (leg: Row["legs"][Leg]) => number | undefined): string {
  const cells = (values: readonly string[]) => values.map((value) => value.padStart(10)).join("");
  return [
    `${title.padEnd(16)}${cells(["queries", ...LEGS])}`,
    ...rows.map(({ slice, queries, legs }) => {
      const values = LEGS.map((leg) => number(legs[leg]));
      return `${slice.padEnd(16)}${cells([String(queries), ...values.map((value) => (value === undefined ? "-" : fixed(value)))])}`;
    }),
  ].join("\n");
}

const fixed = (value: number) => value.toFixed(3);
const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
