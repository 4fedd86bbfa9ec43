/** Where an event is: LOCATION, GEO, CONFERENCE (RFC 5545, section 3.8.1; RFC 7986, section 5.11). */
import type { EventFields, PlaceMention } from "../domain/submission.ts";
import { httpIri, plainText } from "../jsonld/text.ts";
import { valueOf, type Component } from "./components.ts";
import { refuse, shown } from "./content-lines.ts";
import { addressOf, textOf } from "./read-properties.ts";

type Where = Pick<EventFields, "location" | "virtualLocation" | "eventAttendanceMode">;

/** LOCATION and GEO, CONFERENCE (RFC 7986), else the event's own address on the web. */
export function readPlaces(event: Component, url: string | undefined): Where {
  const written = plainText(textOf(event, "LOCATION") ?? "");
  const online = httpIri(written.split(/\s/, 1)[0]!);
  const isNowhere = online !== undefined || /^(online|virtual)( event)?$/i.test(written);
  const geo = readGeo(event);
  const location = placeOf(isNowhere ? "" : written, geo);
  const virtual = addressOf(event, "CONFERENCE") ?? online ?? (location === undefined ? url : undefined);
  if (location === undefined && virtual === undefined)
    throw refuse("LOCATION", "expected a LOCATION, a GEO, or a URL where the event is seen, found none");
  return {
    ...(location !== undefined && { location }),
    ...(virtual !== undefined && {
      virtualLocation: { url: virtual },
      eventAttendanceMode: location === undefined ? ("OnlineEventAttendanceMode" as const) : ("MixedEventAttendanceMode" as const),
    }),
  };
}

/** "The Rex, 194 Queen St W, Toronto" -> a name and an address; one that begins with a house number is all address. */
function placeOf(written: string, geo: PlaceMention["geo"]): PlaceMention | undefined {
  const parts = written
    .split(/[\n,]/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const [first, ...rest] = parts;
  if (first === undefined) return geo && { name: `${geo.latitude}, ${geo.longitude}`, geo };
  const isAddress = /^\d+[a-z]?([-–/]\d+)?\s+\S/i.test(first) && rest.length > 0;
  const name = isAddress ? parts.slice(0, 2).join(", ") : first;
  const street = (isAddress ? parts : rest).join(", ");
  return { name, ...(street !== "" && { address: { streetAddress: street } }), ...(geo !== undefined && { geo }) };
}

function readGeo(event: Component): PlaceMention["geo"] {
  const written = valueOf(event, "GEO");
  if (written === undefined) return undefined;
  const [, first, second] = /^([+-]?\d+(?:\.\d+)?)\s*\\?[;,]\s*([+-]?\d+(?:\.\d+)?)$/.exec(written) ?? [];
  const [latitude, longitude] = [Number(first), Number(second)];
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180))
    throw refuse("GEO", `expected degrees of latitude and longitude such as 43.65;-79.38, found ${shown(written)}`);
  return { latitude: latitude + 0, longitude: longitude + 0 };
}
