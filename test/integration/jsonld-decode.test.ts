/** What the web calls an event, and what becomes of it here. Each fixture file is one case, and says in words what it shows. */
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { RegistryError } from "../../src/domain/errors.ts";
import { decodeEach, decodeEvent, decodeEvents } from "../../src/jsonld/decode.ts";
import { decodeHtml } from "../../src/jsonld/html.ts";
import { describeWhereRealDataIsAtHand, readRealData } from "../support/real-data.ts";
import { BASE } from "../support/states.ts";

const FIXTURES = new URL("../fixtures/jsonld/", import.meta.url);
const options = { base: BASE };

interface Valid {
  about: string;
  input: unknown;
  fields?: Record<string, unknown>;
  submission?: Record<string, unknown>;
  absent?: string[];
  noId?: boolean;
}
interface Invalid {
  about: string;
  input: unknown;
  code: string;
  pointers: string[];
  detail?: string;
}

function fixtures<T>(folder: string): [string, T][] {
  return readdirSync(new URL(folder, FIXTURES))
    .toSorted()
    .map((name) => [name.replace(".json", ""), JSON.parse(readFileSync(new URL(folder + name, FIXTURES), "utf8")) as T]);
}

async function refusal(document: unknown): Promise<RegistryError> {
  try {
    await decodeEvent(document, options);
  } catch (error) {
    if (error instanceof RegistryError) return error;
    throw error;
  }
  throw new Error("expected a refusal, but the document was accepted");
}

describe("lenient where the web is messy", () => {
  test.each(fixtures<Valid>("valid/"))("%s", async (_, fixture) => {
    const submission = await decodeEvent(fixture.input, options);
    expect(submission.fields, fixture.about).toMatchObject(fixture.fields ?? {});
    // toMatchObject lets a nested object have more members than expected: what is named must be complete.
    for (const [field, value] of Object.entries(fixture.fields ?? {}))
      expect(submission.fields[field as never], `${fixture.about}: ${field}`).toEqual(value);
    expect(submission, fixture.about).toMatchObject(fixture.submission ?? {});
    for (const field of fixture.absent ?? []) expect(submission.fields, fixture.about).not.toHaveProperty(field);
    if (fixture.noId) expect(submission).not.toHaveProperty("id");
  });
});

describe("strict where a guess would be wrong: the answer names the field", () => {
  test.each(fixtures<Invalid>("invalid/"))("%s", async (_, fixture) => {
    const error = await refusal(fixture.input);
    expect(error.code, fixture.about).toBe(fixture.code);
    expect(
      error.errors.map(({ pointer }) => pointer),
      `${fixture.about}: ${error.message}`,
    ).toEqual(fixture.pointers);
    if (fixture.detail !== undefined) expect(error.message, fixture.about).toContain(fixture.detail);
    expect(error.message.length).toBeLessThan(1_000);
  });

  test("the check itself fails on a document that is fine", async () => {
    await expect(refusal(fixtures<Valid>("valid/").find(([name]) => name === "times-date")![1].input)).rejects.toThrow("was accepted");
  });
});

describe("documents of many events", () => {
  test.each([
    ["a document", (events: object[]) => decodeEvents(events, options)],
    ["a page of a peer", (events: object[]) => decodeEach(events, options)],
  ])("leave others their turn between two events of %s", async (_, decode) => {
    const turnsOf = async (count: number): Promise<number> => {
      const events = Array.from({ length: count }, (__, n) => ({
        "@type": "Event",
        name: `Concert ${n}`,
        startDate: "2026-05-08T19:00:00Z",
      }));
      let turns = 0;
      const take = () => {
        turns += 1;
        next = setImmediate(take);
      };
      let next = setImmediate(take);
      expect(await decode(events)).toHaveLength(count);
      clearImmediate(next);
      return turns;
    };
    const alone = await turnsOf(1);
    expect((await turnsOf(30)) - alone).toBeGreaterThanOrEqual(28);
  });

  const event = (name: unknown) => ({ "@type": "Event", name, startDate: "2026-05-01", location: "Hall" });

  test("one bad item spoils no other, and every pointer leads into the document", async () => {
    const decoded = await decodeEvents([event("A"), { ...event("B"), startDate: "soon" }, 7, { "@type": 5 }, event("C")], options);
    expect(decoded.map((item) => ("submission" in item ? item.submission.fields.name : item.problem.errors?.[0]?.pointer))).toEqual([
      "A",
      "/1/startDate",
      "/2",
      "/3",
      "C",
    ]);
    expect(decoded.map(({ pointer }) => pointer)).toEqual(["/0", "/1", "/2", "/3", "/4"]);
  });

  test("a list of lists of items, each with its own context", async () => {
    const decoded = await decodeEvents(
      { "@context": "http://schema.org", "@type": "ItemList", itemListElement: [event("A"), { "@type": "ListItem", item: event("B") }] },
      options,
    );
    expect(decoded.map(({ pointer }) => pointer)).toEqual(["/itemListElement/0", "/itemListElement/1/item"]);
    expect(decoded.every((item) => "submission" in item)).toBe(true);
  });

  test("what stands beside the events of a graph is passed over", async () => {
    const decoded = await decodeEvents(
      { "@context": "https://schema.org", "@graph": [{ "@type": "WebPage" }, event("A"), { "@type": "Person", name: "P" }] },
      options,
    );
    expect(decoded.map(({ pointer }) => pointer)).toEqual(["/@graph/1"]);
  });

  test("too many values are refused before they are expanded", async () => {
    const error = await refusal({ ...event("A"), keywords: Array.from({ length: 20_001 }, () => "k") });
    expect(error.code).toBe("too_complex");
    const long = await refusal({ ...event("A"), description: "x".repeat(100_001) });
    expect(long).toMatchObject({ code: "too_complex", errors: [{ pointer: "/description" }] });
  });
});

describe("events in web pages", () => {
  test("every block of JSON-LD is found; a broken one is a problem of its own", async () => {
    const html = `<html><head><script type="application/ld+json">{"@context":"https://schema.org","@type":"Event","name":"A &amp; B","startDate":"2026-05-01","location":"Hall"}</script>
      <script>var notOurs = 1</script><script type='application/ld+json; charset=utf-8'>{"@type": "Event", broken}</script>
      <script type="application/ld+json"><!-- {"@type":"Event","name":"C","startDate":"2026-05-02","location":"Hall"} --></script>`;
    const blocks = decodeHtml(html);
    expect(blocks.map((block) => ("document" in block ? "document" : block.problem.code))).toEqual([
      "document",
      "malformed_json",
      "document",
    ]);
    const [first] = blocks;
    const decoded = await decodeEvents((first as { document: unknown }).document, options);
    expect(decoded[0]).toMatchObject({ submission: { fields: { name: "A & B" } } });
  });
});

describeWhereRealDataIsAtHand("real data", () => {
  test.each([
    ["toronto-festivals-2025-06-21.jsonld" as const, 850, ["/27/endDate", "/440/endDate", "/521/endDate", "/699/endDate"]],
    ["toronto-festivals-2026-05-22.jsonld" as const, 1727, ["/30/endDate", "/476/endDate", "/569/endDate", "/778/endDate"]],
    ["conferences.jsonld.jsonl" as const, 6828, ["/5116/location"]],
  ])("%s: %i events, and a reason for each that is refused", async (name, count, refused) => {
    const decoded = await decodeEvents(readRealData(name), options);
    expect(decoded).toHaveLength(count);
    expect(decoded.flatMap((item) => ("problem" in item ? item.problem.errors!.map(({ pointer }) => pointer) : []))).toEqual(refused);
  });
});
