/** schema.org location in its many spellings -> a place, an address on the web, or both. */
import { KIND_OF_PATH } from "../domain/iri.ts";
import type { GeoCoordinates, PlaceMention, PostalAddress } from "../domain/submission.ts";
import type { AttendanceMode } from "../domain/vocabulary.ts";
import { identifierOf, literal, resolve, text, textOf, typesOf, values } from "./expanded.ts";
import type { Node, NodeIndex, Value } from "./expanded.ts";
import { expected } from "./faults.ts";
import type { Fault, Path } from "./faults.ts";
import { absoluteIri, httpIri, plainLine } from "./text.ts";
import { firstUrl, urls } from "./decode-url.ts";
import { PLACE_TYPES } from "./vocabulary.ts";

export interface Locations {
  location?: PlaceMention;
  virtualLocation?: { url: string; name?: string };
}

const KEPT_TYPES = new Set<string>(PLACE_TYPES);
const ADDRESS_TERMS = ["streetAddress", "addressLocality", "addressRegion", "postalCode", "addressCountry"] as const;

/**
 * Where an event happens. The first usable place and the first usable virtual location count; an online event
 * without a VirtualLocation is held at its own `eventUrl`. Nothing usable is a fault at /location.
 */
export function readLocations(
  event: Node,
  index: NodeIndex,
  hints: { mode: AttendanceMode | undefined; eventUrl: string | undefined },
  faults: Fault[],
): Locations {
  const found: Locations = {};
  const local: Fault[] = [];
  for (const [position, given] of values(event, "location").entries()) {
    const value = resolve(given, index);
    const path: Path = ["location", position];
    const url = virtualUrl(value, hints.mode);
    if (url !== undefined && hints.mode !== "OnlineEventAttendanceMode" && isOfPlace(url) && !typesOf(value).includes("VirtualLocation")) {
      local.push(expected(path, "the Place itself with its name or address, for places are not looked up by their address alone", url));
    } else if (url !== undefined) {
      const name = text(value, "name");
      found.virtualLocation ??= { url, ...(name !== undefined && { name: plainLine(name) }) };
    } else if (typesOf(value).includes("VirtualLocation")) {
      local.push(expected([...path, "url"], "an http(s) address of the VirtualLocation", text(value, "url")));
    } else if (found.location === undefined) {
      const place = readPlace(value, index, path, local, faults);
      if (place !== undefined) found.location = place;
    }
  }
  if (found.virtualLocation === undefined && hints.mode === "OnlineEventAttendanceMode" && hints.eventUrl !== undefined) {
    found.virtualLocation = { url: hints.eventUrl };
  }
  if (found.location === undefined && found.virtualLocation === undefined) {
    faults.push(
      ...(local.length > 0 ? local : [expected(["location"], "a Place with a name or an address, or a VirtualLocation with a url")]),
    );
  }
  return found;
}

/** The address of an online place: a VirtualLocation's url, a bare URL, or an unnamed thing with a url when the event is online. */
function virtualUrl(value: Value, mode: AttendanceMode | undefined): string | undefined {
  const bare = literal(value);
  if (bare !== undefined) return httpIri(String(bare));
  const types = typesOf(value);
  const own = firstUrl(value, "url") ?? (types.includes("VirtualLocation") ? httpIri(identifierOf(value) ?? "") : undefined);
  if (types.includes("VirtualLocation")) return own;
  const nameless = text(value, "name") === undefined && values(value, "address").length === 0;
  if (!nameless) return undefined;
  if (Object.keys(value).length === 1) return httpIri(identifierOf(value) ?? "");
  return mode === "OnlineEventAttendanceMode" ? own : undefined;
}

/** Whether an address names a place of a node, and not an online event. */
const isOfPlace = (url: string): boolean => KIND_OF_PATH[new URL(url).pathname.split("/").at(-2) as keyof typeof KIND_OF_PATH] === "place";

/** Undefined, with a fault in `local`, where it is called nothing. */
export function readPlace(value: Value, index: NodeIndex, path: Path, local: Fault[], faults: Fault[]): PlaceMention | undefined {
  const written = literal(value);
  if (written !== undefined) {
    const name = plainLine(String(written));
    if (name === "") return undefined;
    return { name };
  }
  const types = typesOf(value);
  const address = types.includes("PostalAddress") ? readAddressNode(value) : readAddress(value, index);
  const nameText = types.includes("PostalAddress") ? undefined : text(value, "name");
  const name = (nameText === undefined ? "" : plainLine(nameText)) || nameFromAddress(address);
  if (name === "") {
    local.push(expected([...path, "name"], "a Place with a name or an address, or a VirtualLocation with a url", text(value, "name")));
    return undefined;
  }
  const geo = readGeo(value, index, path, faults);
  const id = absoluteIri(identifierOf(value) ?? "");
  const placeType = types.find((type) => KEPT_TYPES.has(type) && type !== "Place");
  const url = firstUrl(value, "url");
  const sameAs = urls(value, "sameAs");
  return {
    name,
    ...(id !== undefined && { id }),
    ...(placeType !== undefined && { placeType }),
    ...(address !== undefined && { address }),
    ...(geo !== undefined && { geo }),
    ...(url !== undefined && { url }),
    ...(sameAs.length > 0 && { sameAs }),
  };
}

/** Nested PostalAddress, a string (-> streetAddress), or the parts flat on the place itself. */
function readAddress(place: Node, index: NodeIndex): PostalAddress | undefined {
  for (const given of values(place, "address")) {
    const written = literal(given);
    if (written !== undefined) {
      const streetAddress = plainLine(String(written));
      if (streetAddress !== "") return { streetAddress };
      continue;
    }
    const address = readAddressNode(resolve(given, index));
    if (address !== undefined) return address;
  }
  return readAddressNode(place);
}

function readAddressNode(node: Node): PostalAddress | undefined {
  const address: PostalAddress = {};
  for (const term of ADDRESS_TERMS) {
    const value = text(node, term);
    const line = value === undefined ? "" : plainLine(value);
    if (line !== "") address[term] = line;
  }
  return Object.keys(address).length === 0 ? undefined : address;
}

function nameFromAddress(address: PostalAddress | undefined): string {
  if (address === undefined) return "";
  const parts = [address.streetAddress, address.addressLocality, address.addressRegion, address.addressCountry];
  return (
    parts
      .filter((part) => part !== undefined)
      .slice(0, 2)
      .join(", ") ||
    (address.postalCode ?? "")
  );
}

/** GeoCoordinates nested or flat, numbers or strings; half a pair is left out, a value off the globe is a fault. */
function readGeo(place: Node, index: NodeIndex, path: Path, faults: Fault[]): GeoCoordinates | undefined {
  const nested = values(place, "geo")
    .map((value) => resolve(value, index))
    .find((value) => literal(value) === undefined && values(value, "latitude").length > 0);
  const node = nested ?? place;
  const at = nested === undefined ? path : [...path, "geo"];
  const latitude = degrees(node, "latitude", 90, at, faults);
  const longitude = degrees(node, "longitude", 180, at, faults);
  return latitude === undefined || longitude === undefined ? undefined : { latitude, longitude };
}

function degrees(node: Node, term: "latitude" | "longitude", limit: number, path: Path, faults: Fault[]): number | undefined {
  const value = values(node, term)[0];
  const written = value === undefined ? undefined : textOf(value)?.trim();
  if (written === undefined || written === "") return undefined;
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(written)
    ? Number(written)
    : /^[+-]?\d+,\d+$/.test(written)
      ? Number(written.replace(",", "."))
      : Number.NaN;
  if (Number.isFinite(number) && Math.abs(number) <= limit) return number === 0 ? 0 : number;
  faults.push(expected([...path, term], `a number of degrees from -${limit} to ${limit}`, literal(value!) ?? written));
  return undefined;
}
