/** Where sources of equal rank say different things of which only one can be true (data.md, "Provenance and the winner"). */
import { partsOf } from "./canonical-series.ts";
import { comparePlaces, type PlaceLikeness } from "./duplicates.ts";
import { nameContradictions } from "./name-marks.ts";
import { nameSimilarity } from "./names.ts";
import { compareClaims, type Claim } from "./provenance.ts";
import { startKey } from "./similarity.ts";
import type { AgentMention, ClaimField, EventFields, FieldName, Offer, PlaceMention } from "./submission.ts";

/** Above this, two names are one in two spellings. */
const LIKE = 0.8;

/**
 * Whether two values of a field may both be true, for each field that has one truth; of an occurrence's own words likewise. Of texts,
 * pictures, links and lists there may be many.
 */
const COMPATIBLE: { [F in FieldName]?: (a: NonNullable<EventFields[F]>, b: NonNullable<EventFields[F]>) => boolean } = {
  name: (a, b) => nameSimilarity(a, b) > LIKE && nameContradictions(a, b).length === 0,
  startDate: sameTime,
  endDate: sameTime,
  doorTime: sameTime,
  eventStatus: Object.is,
  eventAttendanceMode: Object.is,
  isAccessibleForFree: Object.is,
  location: (a, b) => comparePlaces(likenessOf(a, "a"), likenessOf(b, "b")).verdict !== "different",
  organizer: (a: AgentMention, b: AgentMention) => nameSimilarity(a.name, b.name) > LIKE,
  offers: (a, b) => prices(a) === prices(b),
};

/** The fields, in order, whose best claim and another source's claim of the same pin, trust and confidence contradict each other. */
export function contestedFields(claims: readonly Claim[]): ClaimField[] {
  if (new Set(claims.map((claim) => claim.sourceId)).size < 2) return [];
  const contested = [...Map.groupBy(claims, (claim) => claim.field)].filter(([field, all]) => {
    const compatible = COMPATIBLE[(partsOf(field)?.term ?? field) as FieldName] as ((a: unknown, b: unknown) => boolean) | undefined;
    const [best, ...others] = all.toSorted(compareClaims);
    if (compatible === undefined || best === undefined) return false;
    return others.some((other) => sameRank(best, other) && !compatible(best.value, other.value));
  });
  return contested.map(([field]) => field).toSorted();
}

const sameRank = (a: Claim, b: Claim): boolean => a.pinned === b.pinned && a.trust === b.trust && a.confidence === b.confidence;

/** To five minutes; a date and a time are not the same. */
function sameTime(a: string, b: string): boolean {
  return startKey(a) === startKey(b);
}

const likenessOf = ({ name, address, geo, url, sameAs = [] }: PlaceMention, id: string): PlaceLikeness => ({
  id,
  name,
  sameAs,
  ...(url !== undefined && { url }),
  ...(address?.streetAddress !== undefined && { streetAddress: address.streetAddress }),
  ...(address?.addressLocality !== undefined && { locality: address.addressLocality }),
  ...(address?.addressRegion !== undefined && { region: address.addressRegion }),
  ...(address?.postalCode !== undefined && { postalCode: address.postalCode }),
  ...(address?.addressCountry !== undefined && { country: address.addressCountry }),
  ...geo,
});

function prices(offers: readonly Offer[]): string {
  return offers
    .flatMap(({ price, lowPrice, highPrice, priceCurrency }) =>
      [price, lowPrice, highPrice].flatMap((each) => (each === undefined ? [] : `${Number(each)} ${priceCurrency ?? ""}`)),
    )
    .toSorted()
    .join();
}
