/** schema.org offers -> prices as exact decimal strings. */
import type { Offer } from "../domain/submission.ts";
import { OFFER_AVAILABILITIES } from "../domain/vocabulary.ts";
import { firstUrl } from "./decode-url.ts";
import { literal, localName, resolve, text, values } from "./expanded.ts";
import type { Node, NodeIndex, Term, Value } from "./expanded.ts";
import { expected } from "./faults.ts";
import type { Fault, Path } from "./faults.ts";
import { httpIri, plainLine } from "./text.ts";
import { readTime } from "./time.ts";

const AVAILABILITIES = new Map(OFFER_AVAILABILITIES.map((name) => [name.toLowerCase(), name]));
const SYMBOLS: Record<string, string> = {
  "€": "EUR",
  "£": "GBP",
  CA$: "CAD",
  C$: "CAD",
  US$: "USD",
  A$: "AUD",
  NZ$: "NZD",
  "₹": "INR",
  "₩": "KRW",
};
const FREE = /^(free|free of charge|free admission|free entry|gratuit|gratuite|entrée libre|gratis|kostenlos|no charge)[.!]?$/i;
const PRICE = 'a price such as 12, 12.50, "Free" or 12.50 with its currency';

type Price = { price: string } | { lowPrice: string; highPrice: string };

/** Offers in their order; one that says nothing is left out. */
export function readOffers(event: Node, index: NodeIndex, faults: Fault[]): Offer[] {
  return values(event, "offers").flatMap((value, position) => readOffer(resolve(value, index), index, ["offers", position], faults) ?? []);
}

function readOffer(value: Value, index: NodeIndex, path: Path, faults: Fault[]): Offer | undefined {
  const written = literal(value);
  if (written !== undefined) {
    const url = httpIri(String(written));
    if (url !== undefined) return { url };
    return String(written).trim() === "" ? undefined : priced(written, undefined, path, faults);
  }
  const offer: Offer = {};
  // A price may also stand one level down, in a PriceSpecification.
  const specification = values(value, "priceSpecification").map((node) => resolve(node, index))[0];
  const prices: readonly [Node, Path][] =
    specification === undefined
      ? [[value, path]]
      : [
          [value, path],
          [specification, [...path, "priceSpecification"]],
        ];
  for (const [node, at] of prices) {
    if (offer.priceCurrency === undefined) {
      const currency = readCurrency(text(node, "priceCurrency"), [...at, "priceCurrency"], faults);
      if (currency !== undefined) offer.priceCurrency = currency;
    }
    if (offer.price !== undefined || offer.lowPrice !== undefined || offer.highPrice !== undefined) continue;
    Object.assign(offer, priced(first(node, "price"), offer.priceCurrency, [...at, "price"], faults));
    for (const [term, minimum, maximum] of [
      ["lowPrice", "lowPrice", "minPrice"],
      ["highPrice", "highPrice", "maxPrice"],
    ] as const) {
      const given = first(node, minimum) ?? first(node, maximum);
      const bound = priced(given, offer.priceCurrency, [...at, term], faults);
      if (bound?.price !== undefined) offer[term] = bound.price;
    }
  }
  if (offer.lowPrice !== undefined && offer.highPrice !== undefined && Number(offer.highPrice) < Number(offer.lowPrice)) {
    faults.push(expected([...path, "highPrice"], `at least the lowPrice ${offer.lowPrice}`, offer.highPrice));
  }
  const name = text(value, "name");
  if (name !== undefined && plainLine(name) !== "") offer.name = plainLine(name);
  const availability = AVAILABILITIES.get(
    localName(text(value, "availability") ?? "")
      .replace(/\s+/g, "")
      .toLowerCase(),
  );
  if (availability !== undefined) offer.availability = availability;
  const url = firstUrl(value, "url");
  if (url !== undefined) offer.url = url;
  const validFrom = text(value, "validFrom");
  if (validFrom !== undefined) {
    const time = readTime(validFrom);
    if ("value" in time) offer.validFrom = time.value;
    else faults.push({ path: [...path, "validFrom"], detail: time.fault });
  }
  const said = Object.keys(offer);
  return said.length === 0 || (said.length === 1 && said[0] === "priceCurrency") ? undefined : offer;
}

function first(node: Node, term: Term): string | number | boolean | undefined {
  return values(node, term)
    .map(literal)
    .find((found) => found !== undefined && String(found).trim() !== "");
}

function readCurrency(written: string | undefined, path: Path, faults: Fault[]): string | undefined {
  if (written === undefined) return undefined;
  const trimmed = written.trim();
  const code = SYMBOLS[trimmed] ?? trimmed.toUpperCase();
  if (/^[A-Z]{3}$/.test(code)) return code;
  // "$" is the sign of a score of currencies: no guess.
  if (trimmed !== "$") faults.push(expected(path, "an ISO 4217 code such as CAD", written));
  return undefined;
}

/** What one written price says, with the currency that it names where none is given beside it. */
function priced(
  written: string | number | boolean | undefined,
  currency: string | undefined,
  path: Path,
  faults: Fault[],
): Offer | undefined {
  if (written === undefined) return undefined;
  const found = typeof written === "number" ? fromNumber(written) : typeof written === "string" ? fromText(plainLine(written)) : undefined;
  if (found === undefined) {
    faults.push(expected(path, PRICE, written));
    return undefined;
  }
  const { code, ...price } = found;
  return { ...price, ...(currency === undefined && code !== undefined && { priceCurrency: code }) };
}

/** 15.5 -> "15.5"; 0.1 + 0.2 -> "0.3" (the noise of binary fractions is not part of a price). */
function fromNumber(number: number): (Price & { code?: string }) | undefined {
  if (!Number.isFinite(number) || number < 0 || number >= 1e10) return undefined;
  const rounded = Number(number.toFixed(4));
  return Math.abs(rounded - number) > 1e-9 * Math.max(1, number)
    ? undefined
    : { price: String(rounded).includes("e") ? rounded.toFixed(4) : String(rounded) };
}

function fromText(written: string): (Price & { code?: string }) | undefined {
  if (FREE.test(written)) return { price: "0" };
  const match =
    /^(?<before>[^\d\s.,-]{0,4})\s*(?<low>\d[\d.,' ]*?)(?:\s*(?:-|–|—|to)\s*[^\d\s.,-]{0,4}\s*(?<high>\d[\d.,' ]*?))?\s*(?<after>[^\d\s.,-]{0,4})$/.exec(
      written,
    );
  if (match?.groups === undefined) return undefined;
  const { before = "", low, high, after = "" } = match.groups;
  const sign = before || after;
  const code = SYMBOLS[sign] ?? (/^[A-Za-z]{3}$/.test(sign) ? sign.toUpperCase() : undefined);
  if (sign !== "" && sign !== "$" && code === undefined) return undefined;
  const from = decimal(low!);
  const to = high === undefined ? undefined : decimal(high);
  if (from === undefined || (high !== undefined && to === undefined)) return undefined;
  const price: Price = to === undefined ? { price: from } : { lowPrice: from, highPrice: to };
  return { ...price, ...(code !== undefined && { code }) };
}

/** "15,00" -> "15.00", "1,234.50" and "1.234,50" -> "1234.50", "1,234" -> "1234". */
function decimal(written: string): string | undefined {
  const text = written.replace(/[' ]/g, "").replace(/[.,]$/, "");
  const lastComma = text.lastIndexOf(",");
  const lastDot = text.lastIndexOf(".");
  let plain = text;
  if (lastComma !== -1 && lastDot !== -1)
    plain = lastComma > lastDot ? text.replaceAll(".", "").replace(",", ".") : text.replaceAll(",", "");
  else if (lastComma !== -1) plain = /^\d{1,3}(,\d{3})+$/.test(text) ? text.replaceAll(",", "") : text.replace(",", ".");
  else if (text.split(".").length > 2) plain = /^\d{1,3}(\.\d{3})+$/.test(text) ? text.replaceAll(".", "") : text;
  return /^\d{1,10}(\.\d{1,4})?$/.test(plain) ? plain : undefined;
}
