import { describe, expect, test } from "vitest";
import { licenseOf, statusOfLicense } from "./license.ts";
import { decide, type Claim } from "./provenance.ts";
import type { ClaimField } from "./submission.ts";
import type { LicenseStatus } from "./vocabulary.ts";

const BY = "https://creativecommons.org/licenses/by/4.0/";
const ZERO = "https://creativecommons.org/publicdomain/zero/1.0/";

interface Source {
  id: string;
  trust: number;
  licenseStatus: LicenseStatus;
  pinned?: boolean;
  url?: string;
}
const city: Source = { id: "city", trust: 8, licenseStatus: "cc-by", url: "https://city.example/terms" };
const club: Source = { id: "club", trust: 5, licenseStatus: "cc0" };
const press: Source = { id: "press", trust: 3, licenseStatus: "proprietary" };
const curator: Source = { id: "curator", trust: 10, licenseStatus: "cc0", pinned: true };

const says = ({ id, trust, licenseStatus, pinned = false, url }: Source, fields: Partial<Record<ClaimField, string>>) =>
  Object.entries(fields).map(([field, value]) => ({
    field: field as ClaimField,
    value,
    sourceId: id,
    trust,
    confidence: 1,
    observedAt: 0,
    pinned,
    licenseStatus,
    sourceLicenseUrl: url ?? null,
  }));

type Said = ReturnType<typeof says>[number];
const shown = (...words: Said[][]) => {
  const claims = words.flat();
  return licenseOf(decide(claims, () => false) as Map<ClaimField, Claim & Said>, claims);
};

describe("the license of an event is", () => {
  test("that of its text, whoever names it", () => {
    expect(shown(says(city, { name: "Jazz", description: "All night." }))).toEqual({ status: "cc-by", url: city.url });
    expect(shown(says(curator, { name: "Free Jazz" }), says(city, { name: "Jazz", description: "All night." }))).toEqual({
      status: "cc-by",
      url: city.url,
    });
    expect(shown(says(press, { name: "Jazz" }), says(club, { name: "jazz", description: "All night." }))).toEqual({ status: "cc0" });
  });

  test("of a text and an image, the license that asks more", () => {
    const text = says({ ...club, trust: 9 }, { name: "Jazz", description: "All night." });
    const image = says(city, { name: "Jazz", image: "https://city.example/jazz.jpg" });
    expect(shown(text, image)).toMatchObject({ status: "cc-by" });
    expect(shown(image, text)).toMatchObject({ status: "cc-by" });
  });

  test("without any, that of who names it, but for the curator where anybody else does", () => {
    expect(shown(says(city, { name: "Jazz" }), says(club, { name: "jazz" }))).toMatchObject({ status: "cc-by" });
    expect(shown(says(curator, { name: "Free Jazz" }), says(press, { name: "Jazz" }))).toEqual({ status: "proprietary" });
    expect(shown(says(curator, { name: "Free Jazz" }))).toEqual({ status: "cc0" });
  });

  test("what a curator has pinned", () => {
    expect(shown(says(curator, { license: BY }), says(club, { name: "Jazz", description: "All night." }))).toEqual({
      status: "cc-by",
      url: BY,
    });
  });

  test("under the address that its source gave for this one, else for all", () => {
    expect(shown(says({ ...city, licenseStatus: "cc0" }, { name: "Jazz", description: "All night.", license: ZERO }))).toEqual({
      status: "cc0",
      url: ZERO,
    });
    expect(shown(says(city, { name: "Jazz", description: "All night." }), says(club, { name: "Jazz", license: ZERO }))).toMatchObject({
      url: city.url,
    });
  });
});

test.each([
  [ZERO, "cc0"],
  ["http://creativecommons.org/publicdomain/mark/1.0/", "cc0"],
  [BY, "cc-by"],
  ["https://creativecommons.org/licenses/by-nc/4.0/", "proprietary"],
  ["https://creativecommons.org.example/licenses/by/4.0/", "proprietary"],
  [undefined, undefined],
])("%s is %s", (url, status) => {
  expect(statusOfLicense(url)).toBe(status);
});
