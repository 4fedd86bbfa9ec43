/** The real input as duplicates are judged by, and the deterministic choices that pairs are made by. */
import { createHash } from "node:crypto";
import type { EventLikeness } from "../../src/domain/duplicates.ts";
import { placeKey } from "../../src/domain/similarity.ts";
import type { Pick } from "./duplicate-mutations.ts";
import { readRealData } from "./real-data.ts";

interface Raw {
  name: string;
  startDate: string;
  endDate?: string | null;
  url?: string | null;
  organizer?: { name?: string } | null;
  location?: {
    name: string;
    url?: string;
    address?: {
      streetAddress?: string;
      addressLocality?: string;
      addressRegion?: string;
      postalCode?: string | null;
      addressCountry?: string;
    };
    geo?: { latitude: unknown; longitude: unknown };
  } | null;
}

export const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
export const idOf = (text: string): string => {
  const hex = digest(text).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
};
export const pickFor =
  (seed: string): Pick =>
  (list, salt = "") =>
    list[digest(`${seed} ${salt}`).readUInt32BE() % list.length]!;
export const shuffled = <T>(list: readonly T[], seed: string, text: (one: T) => string): T[] =>
  list
    .map((one) => ({ one, at: digest(`${seed} ${text(one)}`).toString("hex") }))
    .toSorted((a, b) => (a.at < b.at ? -1 : 1))
    .map(({ one }) => one);

function venueOf({ location }: Raw): EventLikeness["venue"] | undefined {
  if (!location?.name) return undefined;
  const { address, geo } = location;
  const [latitude, longitude] = [geo?.latitude, geo?.longitude].map((one) => (one === undefined ? NaN : Number(one)));
  return {
    name: location.name,
    ...(address?.streetAddress && { streetAddress: address.streetAddress }),
    ...(address?.addressLocality && { locality: address.addressLocality }),
    ...(address?.postalCode && { postalCode: address.postalCode }),
    ...(Number.isFinite(latitude) && Number.isFinite(longitude) && { latitude: latitude!, longitude: longitude! }),
  };
}

function localDate(startDate: string): string {
  if (startDate.length === 10) return startDate;
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "America/Toronto", dateStyle: "short" }).format(new Date(startDate));
}

function likenessOf(raw: Raw, n: number, source: string): EventLikeness {
  const { address, geo, ...location } = raw.location ?? { name: "" };
  const place = {
    name: location.name,
    ...(address && { address: Object.fromEntries(Object.entries(address).filter(([, value]) => value)) }),
  };
  const venue = venueOf(raw);
  return {
    id: idOf(`${source} ${n}`),
    name: raw.name.trim(),
    startAt: Date.parse(raw.startDate),
    startIsDate: raw.startDate.length === 10,
    ...(raw.endDate && { endAt: Date.parse(raw.endDate) }),
    localDate: localDate(raw.startDate),
    ...(venue && {
      venue,
      venueId: placeKey({ ...place, name: venue.name })
        .toString("hex")
        .slice(0, 12),
    }),
    ...(venue === undefined && raw.url && { virtualUrl: raw.url }),
    ...(raw.url && { url: raw.url }),
    ...(raw.organizer?.name && { organizer: raw.organizer.name }),
    performers: [],
    records: [{ sourceId: source }],
    lifecycleState: "published",
  };
}

const read = (file: Parameters<typeof readRealData>[0], source: string) =>
  (readRealData(file) as Raw[]).map((raw, n) => likenessOf(raw, n, source));
export const town2025 = read("toronto-festivals-2025-06-21.jsonld", "town 2025");
export const town = read("toronto-festivals-2026-05-22.jsonld", "town");
export const conferences = read("conferences.jsonld.jsonl", "conferences");
