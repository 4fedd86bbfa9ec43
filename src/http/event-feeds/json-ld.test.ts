import jsonld from "jsonld";
import { describe, expect, test } from "vitest";
import { concertState, FEED, HOSTILE_TEXTS, shown, URI } from "../../../test/support/event-feeds.ts";
import { createDocumentLoader } from "../../jsonld/contexts.ts";
import { encodeEntity } from "../../jsonld/encode.ts";
import { encodeJsonLd } from "./json-ld.ts";

const documentLoader = createDocumentLoader(FEED.base) as never;
const toRdf = async (document: object) => String(await jsonld.toRDF(document as never, { documentLoader, format: "application/n-quads" }));

describe("events as one JSON-LD document", () => {
  test("each is told exactly as it tells itself alone, under one context", () => {
    const one = encodeEntity(concertState(), FEED);
    const { "@context": context, ...members } = one;
    expect(JSON.parse(encodeJsonLd([concertState()], FEED))).toEqual({ "@context": context, "@graph": [members] });
    expect(JSON.parse(encodeJsonLd([], FEED))).toEqual({ "@context": context, "@graph": [] });
  });

  test("means the same triples", async () => {
    const quads = await toRdf(JSON.parse(encodeJsonLd([concertState()], FEED)) as object);
    expect(quads).toBe(await toRdf(encodeEntity(concertState(), FEED)));
    expect(quads).toContain(`<${URI}> <http://schema.org/name> "Free Jazz at the Rex"`);
  });

  test("keeps back what the state keeps back", () => {
    expect(encodeJsonLd([concertState({ description: undefined, image: undefined })], FEED)).not.toMatch(/"(description|image)"/);
  });

  test.each(HOSTILE_TEXTS.filter((text) => text.isWellFormed()).map((text) => [shown(text), text]))("hostile: %s", (_shown, name) => {
    expect(JSON.parse(encodeJsonLd([concertState({ name })], FEED))).toMatchObject({ "@graph": [{ name }] });
  });
});
