/** Whatever is typed into a search field: it is read, or refused by name, and read again it says the same. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { processorTime } from "../support/processor-time.ts";
import { RegistryError } from "../../src/domain/errors.ts";
import { MOST_CHARACTERS, MOST_WORDS, parseQuery, printQuery, significant, textOf } from "../../src/search/parse-query.ts";
import { readPhrases } from "../../src/search/query-phrases.ts";

/** Letters of many kinds, the signs that mean something, and words that are phrases. */
const piece = fc.oneof(
  fc.constantFrom(
    "jazz",
    "or",
    "OR",
    "l'or",
    "-",
    '"',
    "“",
    "«",
    "'",
    " ",
    "$20",
    "20 $",
    "/",
    ".",
    "--",
    "I\u0307",
    "İ",
    "™",
    "à",
    "ŉ",
    "ﷺ",
    "\ud800",
    "\0",
  ),
  fc.constantFrom(
    "tonight",
    "this",
    "next",
    "samedi",
    "soir",
    "June",
    "31",
    "2026",
    "free",
    "near",
    "moins de",
    "after 7 pm",
    "constructor",
    "__proto__",
  ),
  fc.string({ unit: "grapheme", maxLength: 6 }),
  fc.string({ unit: "binary", maxLength: 6 }),
);
const queries = fc.array(fc.tuple(piece, fc.constantFrom("", " ")), { maxLength: 40 }).map((pieces) => pieces.flat().join(""));

/** What was read, or undefined for a refusal that names a bound. */
function read(q: string): ReturnType<typeof parseQuery> | undefined {
  try {
    return parseQuery(q);
  } catch (error) {
    expect(error).toBeInstanceOf(RegistryError);
    expect((error as RegistryError).message).toMatch(/^q: expected at most (64 words|1000 characters)\.$/);
    return undefined;
  }
}

describe("any query", () => {
  test("is read, or is above a bound", () => {
    fc.assert(
      fc.property(queries, (q) => {
        const parsed = read(q);
        const small = Array.from(q).length <= MOST_CHARACTERS / 18 && q.length <= MOST_WORDS;
        if (parsed === undefined) expect(small).toBe(false);
        else expect(parsed.groups.flat().flatMap(({ words }) => words).length).toBeLessThanOrEqual(MOST_WORDS);
      }),
      { numRuns: 500 },
    );
  });

  test("printed, is the same query", () => {
    fc.assert(
      fc.property(queries, (q) => {
        const parsed = read(q);
        const printed = parsed && printQuery(parsed);
        // Printing may add a letter or two ("l'or"), and so pass the bound that the query just kept.
        if (printed !== undefined && Array.from(printed).length <= MOST_CHARACTERS)
          expect({ q, ...parseQuery(printed) }).toEqual({ q, ...parsed });
        else expect(printed?.length ?? Infinity).toBeGreaterThan(MOST_CHARACTERS);
      }),
      { numRuns: 1_000 },
    );
  });

  test("says nothing of what it excludes, and an excluded term stands alone", () => {
    const word = fc.stringMatching(/^[a-z]{3,8}$/).filter((text) => text !== "or");
    fc.assert(
      fc.property(
        fc.array(word),
        fc.uniqueArray(fc.stringMatching(/^[A-Z]{2}[0-9]{2}$/), { minLength: 1, maxLength: 5 }),
        (wanted, excluded) => {
          fc.pre(wanted.length + excluded.length <= MOST_WORDS);
          const { text, groups } = parseQuery([...wanted, ...excluded.map((one, n) => (n % 2 === 0 ? `-${one}` : `-"${one}"`))].join(" "));
          expect(text).toBe(wanted.join(" "));
          expect(groups.filter(([term]) => term!.excluded)).toHaveLength(excluded.length);
          for (const terms of groups) if (terms.some((term) => term.excluded)) expect(terms).toHaveLength(1);
        },
      ),
    );
  });

  test("loses nothing to stop words and phrases but what it had", () => {
    const now = new Date("2026-05-20T16:00:00Z");
    fc.assert(
      fc.property(queries, (q) => {
        const parsed = read(q) ?? parseQuery("");
        const { rest, phrases } = readPhrases(parsed, now, "America/Toronto");
        for (const left of [rest, significant(parsed), significant(rest)])
          for (const terms of left.groups) expect(parsed.groups).toContain(terms);
        expect(rest.text).toBe(textOf(rest.groups));
        for (const { text } of phrases) expect(` ${parsed.text} `).toContain(` ${text} `);
      }),
      { numRuns: 500 },
    );
  });
});

test("twice the length costs no more than a few times as much, and far too long a query next to nothing", () => {
  const cost = (q: string): number => {
    const times = Array.from({ length: 25 }, () => {
      const spent = processorTime();
      read(q);
      return spent();
    });
    return Math.min(...times);
  };
  for (const unit of ['"', "-", "a-", "- ", '-"', "a'", "1 $", "http://", "\u0301", "((", "é"]) {
    const long = unit.repeat(Math.floor(MOST_CHARACTERS / unit.length));
    expect(cost(long), unit).toBeLessThan(20 * cost(long.slice(0, MOST_CHARACTERS / 4)) + 0.5);
    expect(cost(unit.repeat(100_000)), unit).toBeLessThan(5);
  }
});
