/** Conditional reads (RFC 9110 §13): has the client's copy of this representation changed? */

/** Grows when the same state encodes to other bytes than before (a new context, a changed encoder). */
export const ENCODER_VERSION = 1;

/**
 * A strong tag of one representation of one version: `"v7-turtle.1"`. The version leads, so If-Match can read it. `variant` names
 * what else it depends on.
 */
export const entityTag = (version: number, format: string, variant?: string): string =>
  `"v${version}-${format}.${ENCODER_VERSION}${variant === undefined ? "" : `.${variant}`}"`;

export interface Validators {
  etag: string;
  /** Seconds precision on the wire. */ lastModified?: Date | undefined;
}

/**
 * True when the client holds this representation already (304). If-None-Match takes precedence over
 * If-Modified-Since (§13.2.2) and compares weakly (§13.1.2).
 */
export function isNotModified(
  headers: { ifNoneMatch?: string | undefined; ifModifiedSince?: string | undefined },
  { etag, lastModified }: Validators,
): boolean {
  if (headers.ifNoneMatch !== undefined) return matchesTag(headers.ifNoneMatch, etag);
  if (headers.ifModifiedSince === undefined || lastModified === undefined) return false;
  const since = HTTP_DATE.test(headers.ifModifiedSince) ? Date.parse(headers.ifModifiedSince) : Number.NaN;
  return !Number.isNaN(since) && Math.floor(lastModified.getTime() / 1000) <= since / 1000;
}

/** IMF-fixdate, or the two obsolete forms (§5.6.7). */
const HTTP_DATE = /^[A-Z][a-z]{2,8},? [\w :-]+( GMT)?$/;

function matchesTag(header: string, etag: string): boolean {
  if (header.trim() === "*") return true;
  const opaque = etag.replace(/^W\//, "");
  return [...header.matchAll(/(?:W\/)?("[^"]*")/g)].some(([, tag]) => tag === opaque);
}
