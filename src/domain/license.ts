/** Under which license an event is shown (data.md, "License": facts are anybody's, texts and images are not). */
import { compareClaims, type Claim } from "./provenance.ts";
import type { ClaimField } from "./submission.ts";
import { LICENSE_STATUSES, type LicenseStatus } from "./vocabulary.ts";

export interface License {
  url?: string;
  status: LicenseStatus;
}

interface LicensedClaim extends Claim {
  /** Of its source, for what names none itself. */
  sourceLicenseUrl: string | null;
}

/** https://creativecommons.org/publicdomain/zero/1.0/ -> "cc0", …/licenses/by/4.0/ -> "cc-by", any other license -> "proprietary". */
export function statusOfLicense(license: string): LicenseStatus;
export function statusOfLicense(license: string | undefined): LicenseStatus | undefined;
export function statusOfLicense(license: string | undefined): LicenseStatus | undefined {
  if (license === undefined) return undefined;
  if (/^https?:\/\/creativecommons\.org\/publicdomain\/(zero|mark)\//.test(license)) return "cc0";
  if (/^https?:\/\/creativecommons\.org\/licenses\/by\//.test(license)) return "cc-by";
  return "proprietary";
}

/**
 * That of what is shown and can be owned: of the text and of the image, the license that asks more. Where neither is shown, that of who gives
 * the event its name; a name that a curator mends makes nobody's words the curator's.
 */
export function licenseOf(winners: ReadonlyMap<ClaimField, LicensedClaim>, claims: readonly LicensedClaim[]): License {
  const said = winners.get("license");
  if (said?.pinned) return { status: statusOfLicense(said.value as string), url: said.value as string };
  const owned = [winners.get("description"), winners.get("image")].filter((claim) => claim !== undefined);
  const named = claims.filter(({ field, pinned }) => field === "name" && !pinned);
  const [first] = [...owned.toSorted((a, b) => asks(b) - asks(a)), ...named.toSorted(compareClaims), winners.get("name")!];
  const { licenseStatus: status, sourceId, sourceLicenseUrl } = first!;
  const own = claims.find((claim) => claim.field === "license" && claim.sourceId === sourceId);
  const url = (own?.value as string | undefined) ?? sourceLicenseUrl ?? undefined;
  return { status, ...(url !== undefined && { url }) };
}

/** Their order is that of what they ask. */
const asks = ({ licenseStatus }: Claim): number => LICENSE_STATUSES.indexOf(licenseStatus);
