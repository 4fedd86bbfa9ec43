/**
 * The client of one peer: bounded requests to its own host, which may be private where it was when the operator named it, and
 * to whatever it redirects to, judged as usual. The key that it gave us is told to its own origin alone.
 */
import type { Peer } from "../../domain/peer.ts";
import { isFixedAddress } from "../../domain/peer-base.ts";
import { createSafeFetch, type FetchAnswer, type Resolve } from "../safe-fetch.ts";
import { createSafeOpen, type OpenAnswer } from "../safe-open.ts";

export interface PeerRequest {
  headers?: Readonly<Record<string, string>> | undefined;
  /** Of the body, encoded and decoded; `open` counts nothing. */
  maxBytes?: number | undefined;
  /** For everything up to the last byte; of `open`: up to the head of the answer, and the longest silence after it. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** True where our key was sent to whoever answered. */
interface Keyed {
  keyed?: boolean;
}

export interface PeerClient {
  /** The whole answer. Throws a SafeFetchError; an abort passes through. */
  get(url: string, request?: PeerRequest): Promise<FetchAnswer & Keyed>;
  /** The answer's head, and its body as it arrives, not decoded. Throws as `get`, also while the body is read. */
  open(url: string, request?: PeerRequest): Promise<OpenAnswer & Keyed>;
}

export interface PeerClientOptions {
  /** What may be dialled besides (FETCH_ALLOW). */
  allow: readonly string[];
  /** Who asks. */
  userAgent: string;
  resolve?: Resolve | undefined;
}

/** Whose client it is; an absent `privateAddress` is false, but what is an address or localhost by its name may always be private. */
export type PeerTarget = Pick<Peer, "base" | "accessKey"> & Partial<Pick<Peer, "privateAddress">>;
/** With `resolve` names are looked up by that. */
export type PeerClientOf = (peer: PeerTarget, resolve?: Resolve) => PeerClient;

/** `createPeerClient(options)(peer).get(url)`. Throws an Error for a malformed entry of `allow`. */
export function createPeerClient({ allow, userAgent, resolve: usual }: PeerClientOptions): PeerClientOf {
  return ({ base, accessKey, privateAddress = false }, resolve = usual) => {
    const { origin, hostname, port, protocol } = new URL(base);
    const own = `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
    const options = { allow: privateAddress || isFixedAddress(base) ? [...allow, own] : allow, userAgent, ...(resolve && { resolve }) };
    const [fetch, open] = [createSafeFetch(options), createSafeOpen(options)];
    const hearsKey = (url: string): boolean => accessKey !== null && URL.parse(url)?.origin === origin;
    const asked = (url: string, { headers, timeoutMs, signal }: PeerRequest) => ({
      headers: { ...headers, ...(hearsKey(url) && { authorization: `Bearer ${accessKey}` }) },
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(signal && { signal }),
    });
    const keyed = <Answer extends { url: string }>(answer: Answer) => ({ ...answer, keyed: hearsKey(answer.url) });
    return {
      get: async (url, request = {}) =>
        keyed(await fetch(url, { ...asked(url, request), ...(request.maxBytes !== undefined && { maxBytes: request.maxBytes }) })),
      open: async (url, request = {}) =>
        keyed(await open(url, { ...asked(url, request), ...(request.timeoutMs !== undefined && { idleMs: request.timeoutMs }) })),
    };
  };
}
