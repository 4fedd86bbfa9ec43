/**
 * Reading expanded JSON-LD: values of schema.org properties, whichever of http and https their IRIs begin with.
 * https://www.w3.org/TR/json-ld11/#expanded-document-form
 */
import { SCHEMA, SCHEMA_HTTPS, SEL } from "./vocabulary.ts";

export interface Node {
  readonly [property: string]: unknown;
}
/** What an expanded property may hold: a literal or a node. */
export type Value = Node;

/** Nodes of the same document by their @id, for references within an @graph. */
export type NodeIndex = ReadonlyMap<string, Node>;

/** Every schema.org property that is read; each with both of its IRIs, joined once and not at every look. */
const TERMS = [
  "accessibilityFeature",
  "address",
  "addressCountry",
  "addressLocality",
  "addressRegion",
  "alternateName",
  "availability",
  "byDay",
  "byMonth",
  "byMonthDay",
  "byMonthWeek",
  "contentUrl",
  "description",
  "doorTime",
  "duration",
  "endDate",
  "endTime",
  "eventAttendanceMode",
  "eventSchedule",
  "eventStatus",
  "exceptDate",
  "familyName",
  "geo",
  "givenName",
  "highPrice",
  "identifier",
  "image",
  "inLanguage",
  "isAccessibleForFree",
  "keywords",
  "latitude",
  "legalName",
  "license",
  "location",
  "longitude",
  "lowPrice",
  "maxPrice",
  "minPrice",
  "name",
  "offers",
  "organizer",
  "performer",
  "postalCode",
  "previousStartDate",
  "price",
  "priceCurrency",
  "priceSpecification",
  "repeatCount",
  "repeatFrequency",
  "sameAs",
  "scheduleTimezone",
  "startDate",
  "startTime",
  "streetAddress",
  "subEvent",
  "subEvents",
  "thumbnailUrl",
  "url",
  "validFrom",
  "value",
] as const;
export type Term = (typeof TERMS)[number];
const IRIS = Object.fromEntries(TERMS.map((term) => [term, [SCHEMA + term, SCHEMA_HTTPS + term]])) as unknown as Record<
  Term,
  readonly [string, string]
>;

/** All values of a property, lists opened: `values(node, "location")` -> expanded values. */
export function values(node: Node, term: Term): readonly Value[] {
  const [httpIri, httpsIri] = IRIS[term];
  const http = node[httpIri];
  const https = node[httpsIri];
  if (http === undefined && https === undefined) return [];
  const all = [...(Array.isArray(http) ? http : []), ...(Array.isArray(https) ? https : [])] as Value[];
  return all.some((value) => "@list" in value) ? all.flatMap((value) => ("@list" in value ? (value["@list"] as Value[]) : [value])) : all;
}

/** All values of a term of our own, `sel:eventDomain` for "eventDomain"; also where the sender's context does not declare the prefix. */
export function own(node: Node, term: string): readonly Value[] {
  const found = node[SEL + term] ?? node[`sel:${term}`];
  return Array.isArray(found) ? (found as Value[]) : [];
}

/** The texts of a term of our own, blanks around them cut off. */
export function ownTexts(node: Node, term: string): string[] {
  return own(node, term)
    .map((value) => (textOf(value) ?? "").trim())
    .filter((found) => found !== "");
}

/** The literal of a value, or undefined for a node: `{"@value": 12}` -> 12. */
export function literal(value: Value): string | number | boolean | undefined {
  const found = value["@value"];
  return typeof found === "string" || typeof found === "number" || typeof found === "boolean" ? found : undefined;
}

/** A literal's text or a node's @id or name: what a person would read there. */
export function textOf(value: Value): string | undefined {
  const found = literal(value);
  if (found !== undefined) return String(found);
  const name = preferred(values(value, "name"));
  if (name !== undefined) return textOf(name);
  return identifierOf(value);
}

/** The @id of a node (blank nodes have none). */
export function identifierOf(value: Value): string | undefined {
  const id = value["@id"];
  return typeof id === "string" && !id.startsWith("_:") ? id : undefined;
}

/** Of values in several languages the untagged one, then English, then the first. */
export function preferred(all: readonly Value[]): Value | undefined {
  if (all.length < 2) return all[0];
  return (
    all.find((value) => value["@language"] === undefined && !isEmpty(value)) ??
    all.find((value) => /^en\b/i.test(String(value["@language"]))) ??
    all[0]
  );
}

/** The text of a property, in the preferred language; undefined when absent or blank. */
export function text(node: Node, term: Term): string | undefined {
  const value = preferred(values(node, term));
  const found = value === undefined ? undefined : textOf(value);
  return found === undefined || found.trim() === "" ? undefined : found;
}

/** Local names of a node's schema.org types: ["MusicEvent"]; types of other vocabularies keep their IRI. */
export function typesOf(node: Node): string[] {
  const types = node["@type"];
  return (Array.isArray(types) ? types : types === undefined ? [] : [types]).filter((type) => typeof type === "string").map(localName);
}

/** "https://schema.org/EventScheduled" and "http://schema.org/EventScheduled" -> "EventScheduled" */
export function localName(iri: string): string {
  const trimmed = iri.trim();
  const at = /^(?:https?:\/\/(?:www\.)?schema\.org\/+|schema:)/i.exec(trimmed);
  return at === null ? trimmed : trimmed.slice(at[0].length).replace(/\/$/, "");
}

/** A bare reference is replaced by the node of the same document that it names. */
export function resolve(value: Value, index: NodeIndex): Value {
  const id = value["@id"];
  if (typeof id !== "string" || Object.keys(value).some((key) => key !== "@id" && key !== "@type")) return value;
  return index.get(id) ?? value;
}

function isEmpty(value: Value): boolean {
  return typeof value["@value"] === "string" && value["@value"].trim() === "";
}
