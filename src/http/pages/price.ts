/**
 * Prices as people read them, from schema.org offers: exact decimal strings, never through a float that rounds.
 */
import type { EventState } from "../../domain/state.ts";
import type { Offer } from "../../domain/submission.ts";
import { numberFormat } from "./formatters.ts";

/** World English: it names whose dollar it is (CA$, US$), as a registry of many countries must. */
const PRICE_LOCALE = "en-001";

/** `formatMoney("15.00", "CAD")` -> "CA$15"; without a currency, or with one that is none, the number with what was given. */
export function formatMoney(amount: string, currency: string | undefined, locale = PRICE_LOCALE): string {
  if (currency === undefined) return amount;
  try {
    const money = numberFormat(locale, { style: "currency", currency, maximumFractionDigits: 4, trailingZeroDisplay: "stripIfInteger" });
    // A decimal string keeps its exact value (ECMA-402 reads it as such); the type still says number-like only.
    return money.format(amount as `${number}`);
  } catch (error) {
    if (error instanceof RangeError) return `${amount} ${currency}`;
    throw error;
  }
}

const isZero = (amount: string) => /^0+(\.0+)?$/.test(amount);

/** "Free", "CA$15", "CA$10 – CA$20", "from CA$10", "up to CA$20"; undefined when the offer names no price. */
export function formatOffer(offer: Offer, locale = PRICE_LOCALE): string | undefined {
  const { price, lowPrice, highPrice, priceCurrency } = offer;
  const money = (amount: string) => formatMoney(amount, priceCurrency, locale);
  if (price !== undefined) return isZero(price) ? "Free" : money(price);
  if (lowPrice !== undefined && highPrice !== undefined && lowPrice !== highPrice)
    return `${isZero(lowPrice) ? "Free" : money(lowPrice)} – ${money(highPrice)}`;
  if (lowPrice !== undefined)
    return isZero(lowPrice) && highPrice !== undefined ? "Free" : highPrice === lowPrice ? money(lowPrice) : `from ${money(lowPrice)}`;
  return highPrice === undefined ? undefined : `up to ${money(highPrice)}`;
}

const AVAILABILITY: Partial<Record<NonNullable<Offer["availability"]>, string>> = {
  SoldOut: "sold out",
  OutOfStock: "sold out",
  LimitedAvailability: "few left",
  PreOrder: "on sale later",
  PreSale: "presale",
  OnlineOnly: "online only",
  InStoreOnly: "at the door only",
  Discontinued: "no longer sold",
};

/** What deserves a word beside the price; "in stock" does not. */
export function availabilityOf(offer: Offer): string | undefined {
  return offer.availability && AVAILABILITY[offer.availability];
}

/** An event's price in one phrase, for lists; undefined when nothing is known of it. */
export function priceSummary(event: Pick<EventState, "offers" | "isAccessibleForFree">, locale = PRICE_LOCALE): string | undefined {
  const offers = event.offers ?? [];
  const texts = [...new Set(offers.map((offer) => formatOffer(offer, locale)).filter((text) => text !== undefined))];
  if (texts.length === 0) return event.isAccessibleForFree === true ? "Free" : undefined;
  if (texts.length === 1) return texts[0];

  const priced = offers.flatMap((offer) =>
    [offer.price, offer.lowPrice, offer.highPrice]
      .filter((amount) => amount !== undefined)
      .map((amount) => ({ amount, currency: offer.priceCurrency })),
  );
  const [first] = priced;
  if (first === undefined || priced.some(({ currency }) => currency !== first.currency)) return texts.join(" or ");
  const ordered = priced.map(({ amount }) => amount).sort((a, b) => Number(a) - Number(b));
  return formatOffer({ lowPrice: ordered[0], highPrice: ordered.at(-1), priceCurrency: first.currency } as Offer, locale);
}

/** Whether nothing can be bought any more: the lifecycle says so, or every offer does. */
export function isSoldOut(event: Pick<EventState, "offers" | "lifecycleState">): boolean {
  const offers = event.offers ?? [];
  return event.lifecycleState === "sold_out" || (offers.length > 0 && offers.every((offer) => availabilityOf(offer) === "sold out"));
}
