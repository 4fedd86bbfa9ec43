/** TZIDs of properties and of definitions, and the names of the IANA database in them. */
import { isZone } from "../domain/when.ts";
import { valueOf, type Component } from "./components.ts";
import type { ContentLine } from "./content-lines.ts";

/** The TZID of a property: "DTSTART;TZID=\"Europe/Berlin\":…" -> "Europe/Berlin". */
export function zoneParameterOf({ text }: ContentLine): string | undefined {
  const [, quoted, bare] = /;TZID=(?:"([^"]*)"|([^":;,]*))/i.exec(text) ?? [];
  return (quoted ?? bare)?.trim() || undefined;
}

/** The TZID that a VTIMEZONE defines; undefined for any other component. */
export function definedZoneOf(component: Component): string | undefined {
  return component.name === "VTIMEZONE" ? valueOf(component, "TZID")?.replace(/\\([\\,;])/g, "$1") : undefined;
}

/** The IANA name in a TZID, also where a vendor stands before it: "/mozilla.org/20050126_1/America/Toronto" -> "America/Toronto". */
export function zoneNameOf(tzid: string): string | undefined {
  const parts = tzid.split("/").filter((part) => part !== "");
  const candidates = tzid.startsWith("/") ? [3, 2].map((count) => parts.slice(-count).join("/")) : [tzid];
  return candidates.find(isZone);
}
