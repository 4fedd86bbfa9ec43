/** How a search's words are read: the syntax of web search engines, and no input that breaks it. */
import { describe, expect, test } from "vitest";
import { RegistryError } from "../domain/errors.ts";
import { MOST_CHARACTERS, MOST_WORDS, parseQuery, printQuery, significant, STOP_WORDS, type ParsedQuery } from "./parse-query.ts";

/** Groups as text: alternatives by "|", `-` for excluded, quotes for a phrase. */
const read = (parsed: ParsedQuery): string[] =>
  parsed.groups.map((terms) =>
    terms
      .map(({ kind, words, excluded }) => (excluded ? "-" : "") + (kind === "phrase" ? `"${words.join(" ")}"` : words.join(" ")))
      .join("|"),
  );
const groups = (q: string): string[] => read(parseQuery(q));

describe("words, phrases, alternatives and exclusions", () => {
  test.each<[string, string[]]>([
    ["free jazz", ["free", "jazz"]],
    ['"open mic" night', ['"open mic"', "night"]],
    ["jazz OR blues", ["jazz|blues"]],
    ["jazz or blues or folk tonight", ["jazz|blues|folk", "tonight"]],
    ['jazz or "hip hop"', ['jazz|"hip hop"']],
    ['jazz -blues -"open mic"', ["jazz", "-blues", '-"open mic"']],
    ["kids - family", ["kids", "family"]],
    ["hip-hop", ["hip-hop"]],
    ['unclosed "to the end', ["unclosed", '"to the end"']],
    ['foo"bar baz', ["foo", '"bar baz"']],
    ["« la nuit »", ['"la nuit"']],
    ["“La Nuit”", ['"la nuit"']],
    ['one "" two', ["one", "two"]],
  ])("%s", (q, expected) => expect(groups(q)).toEqual(expected));

  test("`or` needs a term on either side: otherwise it is a word", () => {
    expect(groups("or jazz")).toEqual(["or", "jazz"]);
    expect(groups("jazz or")).toEqual(["jazz", "or"]);
    expect(groups("jazz or -blues")).toEqual(["jazz", "or", "-blues"]);
    expect(groups('jazz "or" blues')).toEqual(["jazz", '"or"', "blues"]);
  });

  test("a query is literal by quotes, capital OR and minus, not by a small or", () => {
    expect(['"jazz"', "jazz OR blues", "jazz -blues"].map((q) => parseQuery(q).literal)).toEqual([true, true, true]);
    expect(["jazz", "jazz or blues", "jazz - blues", "hip-hop"].map((q) => parseQuery(q).literal)).toEqual([false, false, false, false]);
  });

  test("text holds the words for the meaning, without what is excluded", () => {
    expect(parseQuery('Free "Jazz Night" OR blues -rock').text).toBe("free jazz night blues");
  });

  test("printed, it is the same query", () => {
    expect(printQuery(parseQuery("  Free,jazz OR blues  -“Open Mic”"))).toBe('free jazz OR blues -"open mic"');
    expect(groups(printQuery(parseQuery("fièvre de l'or noir")))).toEqual(["fièvre", "de", "or", "noir"]);
  });
});

describe("words", () => {
  test.each<[string, string, string[]]>([
    ["keep their accents", "Été à Montréal", ["été", "à", "montréal"]],
    ["are one however their accents were typed", "E\u0301te\u0301", ["été"]],
    ["lose French elisions", "L'Orchestre d’été qu'on aime", ["orchestre", "été", "on", "aime"]],
    ["keep other apostrophes", "don't O’Brien rock'n'roll s'mores", ["don't", "o'brien", "rock'n'roll", "s'mores"]],
    ["keep elisions within a phrase", '"fête de l\'art"', ['"fête de l\'art"']],
    ["keep signs between letters", "AC/DC R&B a.b x@y", ["ac/dc", "r&b", "a.b", "x@y"]],
    [
      "end at other signs",
      "jazz,blues wait...what foo--bar foo_bar #pride C++",
      ["jazz", "blues", "wait", "what", "foo", "bar", "foo", "bar", "pride", "c"],
    ],
    ["of money keep its sign", "$20 or 12,50 €, $ alone", ["$20|12.50€", "alone"]],
    ["of addresses lose the scheme", "https://example.org/a", ["example.org/a"]],
    ["lose trade marks", "Foo™ Bar®", ["foo", "bar"]],
    ["of wide letters are narrow", "ＪＡＺＺ", ["jazz"]],
    ["may be in any script", "音楽 حفلة שלום हिन्दी", ["音楽", "حفلة", "שלום", "हिन्दी"]],
  ])("%s: %s", (_, q, expected) => expect(groups(q)).toEqual(expected));
});

describe("hostile queries", () => {
  test.each(["", "   ", "!!! ... ---", '"""', '-""', "🎉🎉 👩‍👩‍👧", "\0", "\ud800", "()[]{}*+?", "-"])("%j holds no words", (q) => {
    expect(parseQuery(q)).toEqual({ groups: [], text: "", literal: false });
  });

  test("SQL and regular expressions are words", () => {
    expect(groups("'; DROP TABLE events;--")).toEqual(["drop", "table", "events"]);
    expect(groups("(a+)+$ | !x & y:* <->")).toEqual(["a", "x", "y"]);
  });

  const refusal = (q: string): unknown => {
    try {
      return parseQuery(q);
    } catch (error) {
      return error instanceof RegistryError ? error.problem : error;
    }
  };

  test("more words or characters than the bounds are refused by name; as many are not", () => {
    expect(parseQuery("a ".repeat(MOST_WORDS)).groups).toHaveLength(MOST_WORDS);
    expect(refusal("a ".repeat(MOST_WORDS + 1))).toMatchObject({
      code: "invalid_query",
      errors: [{ pointer: "/q", detail: "q: expected at most 64 words." }],
    });
    expect(refusal(`"${"a ".repeat(MOST_WORDS + 1)}"`)).toMatchObject({ code: "invalid_query" });
    expect(groups("😀".repeat(MOST_CHARACTERS))).toEqual([]);
    expect(refusal("a".repeat(MOST_CHARACTERS + 1))).toMatchObject({
      code: "invalid_query",
      detail: "q: expected at most 1000 characters.",
    });
    expect(refusal("\ufdfa".repeat(100)), "a ligature of eighteen letters").toMatchObject({ code: "invalid_query" });
  });
});

describe("stop words", () => {
  test("say nothing by themselves", () => {
    expect(read(significant(parseQuery("a concert for the kids")))).toEqual(["concert", "kids"]);
    expect(read(significant(parseQuery("des spectacles pour les enfants")))).toEqual(["spectacles", "enfants"]);
    expect(significant(parseQuery("a concert")).text).toBe("a concert");
    expect(read(significant(parseQuery('jazz "open mic" Jazz -rock jazz "open mic" -rock')))).toEqual(["jazz", '"open mic"', "-rock"]);
  });

  test("count in quotes, as an exclusion, as an alternative, and where there is nothing else", () => {
    for (const q of ['"the" band', "jazz -the", "the or jazz", "The Who", "the -jazz"])
      expect(significant(parseQuery(q))).toEqual(parseQuery(q));
  });

  test("none is a word of its own in the other language", () => {
    for (const word of ["car", "son", "thé", "main", "art"]) expect(STOP_WORDS.has(word), word).toBe(false);
  });
});
