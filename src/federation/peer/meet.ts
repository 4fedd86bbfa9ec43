/** Meeting a node before it becomes a peer: who answers at an address, and what it offers. */
import { z } from "zod";
import { RegistryError } from "../../domain/errors.ts";
import type { PeerDialect, PeerProfile } from "../../domain/peer.ts";
import { readPeerBase } from "../../domain/peer-base.ts";
import type { NewPeer } from "../../registry/peers.ts";
import { SafeFetchError } from "../safe-fetch-error.ts";
import type { Resolve } from "../safe-fetch.ts";
import type { PeerClient, PeerClientOf } from "./client.ts";
import { PeerFault } from "./faults.ts";
import { findPeer } from "./find-peer.ts";
import { dialectOf, readProfile } from "./profile.ts";
import { BadJson, parseBounded } from "./read-json.ts";

export interface MetPeer {
  profile: PeerProfile;
  dialect: PeerDialect;
  /** Position of the newest item of its feed; null where the feed does not say. */
  head: number | null;
  /** Why its feed could not be looked at, in one line: a key is wanted, it is out of order. Its profile stands all the same. */
  trouble?: string;
}

const LOOK_BYTES = 4 * 1024 * 1024;
const LOOK_MS = 20_000;
const feedPage = z.looseObject({ head: z.int().nonnegative().optional() });

/**
 * Reads the profile of the node at `base` and looks at its feed once. Throws `invalid_body` (pointer /url), which says in one line what
 * answered there instead.
 */
export async function meetPeer(client: PeerClient, base: string, signal?: AbortSignal): Promise<MetPeer> {
  let profile: PeerProfile;
  try {
    profile = await readProfile(client, base, signal);
  } catch (error) {
    if (!(error instanceof PeerFault || error instanceof SafeFetchError)) throw error;
    throw new RegistryError("invalid_body", {
      detail: `url: no node can be met at ${base}: ${whyNotMet(error)}`,
      pointer: "/url",
      cause: error,
    });
  }
  return { profile, dialect: dialectOf(profile), ...(await lookAtFeed(client, profile, signal)) };
}

async function lookAtFeed(client: PeerClient, { feed }: PeerProfile, signal: AbortSignal | undefined) {
  try {
    const url = `${feed}${feed.includes("?") ? "&" : "?"}limit=1`;
    const { status, body, keyed } = await client.get(url, { maxBytes: LOOK_BYTES, timeoutMs: LOOK_MS, signal });
    if (status === 401 || status === 403)
      return { head: null, trouble: keyed === true ? "its feed does not take the key (--key)" : "its feed wants a key (--key)" };
    if (status !== 200) return { head: null, trouble: `its feed answers ${status}` };
    const page = feedPage.safeParse(parseBounded(body, { depth: 64, values: 200_000 }));
    return page.success ? { head: page.data.head ?? null } : { head: null, trouble: "its feed is not one of changes" };
  } catch (error) {
    if (error instanceof BadJson) return { head: null, trouble: `its feed cannot be read: ${error.message}` };
    if (error instanceof SafeFetchError) return { head: null, trouble: `its feed does not answer: ${reasonOf(error)}` };
    throw error;
  }
}

/** What is to be done fits one that is no peer yet: there is nothing to be set. */
function whyNotMet(error: PeerFault | SafeFetchError): string {
  const key = error instanceof PeerFault ? error.key : undefined;
  if (key === "not taken") return "its /.well-known/sel-profile does not take this key. Check the key, or leave it out.";
  if (key === "wanted") return "its /.well-known/sel-profile wants a key. Give the one that its operator gave you.";
  return `${withStop(reasonOf(error))} Check the address, and that its /.well-known/sel-profile answers.`;
}

const reasonOf = (error: PeerFault | SafeFetchError): string => (error instanceof SafeFetchError ? error.reason : error.message);
const withStop = (text: string): string => (text.endsWith(".") ? text : `${text}.`);

/** What a person asks for: an address, and whatever is to differ from the usual. */
export interface PeerWish extends Omit<NewPeer, "base" | "name" | "dialect" | "profile" | "privateAddress"> {
  url: string;
  /** Its own name for itself when absent. */
  name?: string | undefined;
}

/**
 * The wish with what was found out: ready for `addPeer`. A peer that is only pushed to, or pushes, is not asked anything.
 * Its name is looked up once, so that what is kept of its address is what was met. Throws as `meetPeer`.
 */
export async function meetNewPeer(
  clientOf: PeerClientOf,
  { url, name, ...settings }: PeerWish,
  signal?: AbortSignal,
  resolve?: Resolve,
): Promise<{ peer: NewPeer; met?: MetPeer }> {
  const base = baseOfUrl(url);
  if (settings.direction === "push") {
    return { peer: { ...settings, base, name: name ?? hostOf(base), dialect: "calends", profile: null } };
  }
  const { privateAddress, resolveAgain } = await findPeer(base, resolve);
  const client = clientOf({ base, accessKey: settings.accessKey ?? null, privateAddress }, resolveAgain);
  const met = await meetPeer(client, base, signal);
  return { peer: { ...settings, base, name: name ?? met.profile.name, dialect: met.dialect, profile: met.profile, privateAddress }, met };
}

/** "https://city.example/.well-known/sel-profile" and "https://city.example/" -> "https://city.example". Throws `invalid_body` (pointer /url). */
export function baseOfUrl(url: string): string {
  const { base, fault } = readPeerBase(url.trim().replace(/\/\.well-known\/sel-profile\/?$/, ""));
  if (base === undefined) throw new RegistryError("invalid_body", { detail: `url: ${fault}.`, pointer: "/url" });
  return base;
}

const hostOf = (base: string): string => URL.parse(base)?.host ?? base;
