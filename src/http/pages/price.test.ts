import { expect, test } from "vitest";
import type { Offer } from "../../domain/submission.ts";
import { formatMoney, formatOffer, isSoldOut, priceSummary } from "./price.ts";

const cad = (members: Partial<Offer>): Offer => ({ priceCurrency: "CAD", ...members });

test.each<[string, Offer, string | undefined]>([
  ["whole dollars lose their cents", cad({ price: "15.00" }), "CA$15"],
  ["cents stay", cad({ price: "12.5" }), "CA$12.50"],
  ["nothing is free", cad({ price: "0.00" }), "Free"],
  ["a span", cad({ lowPrice: "10", highPrice: "20" }), "CA$10 – CA$20"],
  ["a span from nothing", cad({ lowPrice: "0", highPrice: "20" }), "Free – CA$20"],
  ["a span of one price", cad({ lowPrice: "10", highPrice: "10" }), "CA$10"],
  ["only the lowest is known", cad({ lowPrice: "10" }), "from CA$10"],
  ["only the highest is known", cad({ highPrice: "20" }), "up to CA$20"],
  ["no currency", { price: "15" }, "15"],
  ["no price", cad({ url: "https://tickets.example" }), undefined],
])("%s", (_, offer, expected) => expect(formatOffer(offer)).toBe(expected));

test("dollars say whose they are; fractions are never rounded away", () => {
  expect(formatMoney("15", "USD")).toBe("US$15");
  expect(formatMoney("1500.5", "JPY")).toBe("JP¥1,500.5");
  expect(formatMoney("9999999999.9999", "EUR")).toBe("€9,999,999,999.9999");
});

test("a currency that is none is shown as given", () => {
  expect(formatMoney("15", "dollars")).toBe("15 dollars");
  expect(formatMoney("15", "XTS")).toContain("15");
});

test("a list says the whole span of several offers in one phrase", () => {
  expect(priceSummary({ offers: [cad({ price: "15" }), cad({ price: "9" }), cad({ price: "20" })] })).toBe("CA$9 – CA$20");
  expect(priceSummary({ offers: [cad({ price: "0" }), cad({ price: "0.00" })] })).toBe("Free");
  expect(priceSummary({ offers: [cad({ price: "15" }), { price: "10", priceCurrency: "EUR" }] })).toBe("CA$15 or €10");
  expect(priceSummary({ isAccessibleForFree: true })).toBe("Free");
  expect(priceSummary({ isAccessibleForFree: false })).toBeUndefined();
});

test("sold out is when the lifecycle says so or nothing is left", () => {
  expect(isSoldOut({ lifecycleState: "sold_out" })).toBe(true);
  expect(isSoldOut({ lifecycleState: "published", offers: [cad({ availability: "SoldOut" }), cad({ availability: "InStock" })] })).toBe(
    false,
  );
  expect(isSoldOut({ lifecycleState: "published", offers: [cad({ availability: "SoldOut" })] })).toBe(true);
});
