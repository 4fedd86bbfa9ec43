/** What can go wrong when something is fetched, in one word and one line. */

export type FetchFault =
  /** Never fetched: the URL itself. */
  | "url"
  /** Never dialled: the address. */
  | "address"
  | "name"
  | "connection"
  | "redirects"
  | "time"
  | "size"
  | "ratio"
  /** The answer cannot be read: broken HTTP, an unknown or broken coding. */
  | "answer";

/** A URL for a message, of no more characters than a person reads. */
export const cut = (url: string, most: number): string => (url.length > most ? `${url.slice(0, most)}…` : url);

export class SafeFetchError extends Error {
  override name = "SafeFetchError";
  readonly fault: FetchFault;
  readonly url: string;
  /** The message without the URL. */
  readonly reason: string;

  constructor(fault: FetchFault, url: string, reason: string, cause?: unknown) {
    super(`${cut(url, 300)}: ${reason}.`, { cause });
    this.fault = fault;
    this.url = url;
    this.reason = reason;
  }
}
