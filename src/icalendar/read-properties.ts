/** Single properties of a VEVENT (RFC 5545, section 3.8; RFC 7986) -> values of a submission. */
import ICAL from "ical.js";
import type { EventStatus } from "../domain/vocabulary.ts";
import { httpIri, plainLine, plainText } from "../jsonld/text.ts";
import { propertyOf, valueOf, type Component } from "./components.ts";
import { rawValue, refuse, shown, type ContentLine } from "./content-lines.ts";

/** SUMMARY, on one line; empty where there is none. */
export const nameOf = (event: Component): string => plainLine(textOf(event, "SUMMARY") ?? "");

/** UID, on one line; undefined where there is none. */
export const uidOf = (event: Component): string | undefined => plainLine(textOf(event, "UID") ?? "") || undefined;

export const urlOf = (event: Component): string | undefined => addressOf(event, "URL");

/** DESCRIPTION as plain text, else what stands beside it as HTML; empty where there is none. */
export const descriptionOf = (event: Component): string => plainText(textOf(event, "DESCRIPTION") ?? htmlOf(event) ?? "");

/** The CN of ORGANIZER; empty where there is none. */
export const organizerOf = (event: Component): string => plainLine(parameterOf(event, "ORGANIZER", "cn") ?? "");

/** TENTATIVE says nothing that schema.org has a word for. */
export function statusOf(event: Component): EventStatus | undefined {
  const status = valueOf(event, "STATUS")?.toUpperCase();
  if (status === "CANCELLED" || status === "CANCELED") return "EventCancelled";
  return status === "CONFIRMED" ? "EventScheduled" : undefined;
}

/** Throws `invalid_body` for what its source does not want to be read by everybody. */
export function refusePrivate(event: Component): void {
  const access = (valueOf(event, "CLASS") ?? "PUBLIC").toUpperCase();
  if (access === "PRIVATE" || access === "CONFIDENTIAL")
    throw refuse("CLASS", `expected PUBLIC, found ${access}: what is not public is not taken in`);
}

/** IMAGE, else an ATTACH that is a picture by its type or by its ending. */
export function imageOf(event: Component): string | undefined {
  for (const line of event.properties) {
    const isImage =
      line.name === "IMAGE" ||
      (line.name === "ATTACH" && (/;FMTTYPE=image\//i.test(line.text) || /\.(jpe?g|png|webp|gif|avif)$/i.test(line.text)));
    const url = isImage ? httpIri(rawValue(line)) : undefined;
    if (url !== undefined) return url;
  }
  return undefined;
}

export function keywordsOf(event: Component): string[] {
  const words = event.properties
    .filter(({ name }) => name === "CATEGORIES")
    .flatMap((line) => valuesOf(line))
    .map(plainLine);
  return [...new Set(words.filter((word) => word !== ""))];
}

/** What Outlook and others send beside, or in place of, a plain description. */
function htmlOf(event: Component): string | undefined {
  const line = propertyOf(event, "X-ALT-DESC");
  // ical.js knows no X- property, and leaves its text escaped (section 3.3.11).
  return line && valuesOf(line)[0]?.replace(/\\([nN,;\\])/g, (_, escaped: string) => (/n/i.test(escaped) ? "\n" : escaped));
}

export function addressOf(event: Component, name: string): string | undefined {
  return event.properties
    .filter((line) => line.name === name)
    .map((line) => httpIri(rawValue(line)))
    .find((url) => url !== undefined);
}

/** The value of a text property, unescaped. */
export function textOf(event: Component, name: string): string | undefined {
  const line = propertyOf(event, name);
  return line && valuesOf(line)[0];
}

export function parameterOf(event: Component, name: string, parameter: string): string | undefined {
  const line = propertyOf(event, name);
  return line && [parse(line).getParameter(parameter)].flat().map(String)[0];
}

function valuesOf(line: ContentLine): string[] {
  // What is no text by its VALUE, or unknown to ical.js, comes as it was written.
  return (parse(line).jCal as unknown[]).slice(3).flat().map(String);
}

function parse(line: ContentLine): InstanceType<typeof ICAL.Property> {
  try {
    return ICAL.Property.fromString(line.text);
  } catch (cause) {
    // ical.js throws plain Errors for whatever it cannot read.
    throw refuse(line.name, `expected ${line.name}:value with its parameters before the colon, found ${shown(line.text)}`, cause);
  }
}
