/** Who a peer is and what it offers: /.well-known/sel-profile, read strictly where it says who it is, leniently in all else. */
import type { PeerDialect, PeerProfile } from "../../domain/peer.ts";
import { assertAnswered, oneLine } from "./answers.ts";
import type { PeerClient } from "./client.ts";
import { alarmed, PeerFault } from "./faults.ts";
import { BadJson, parseBounded } from "./read-json.ts";

const PROFILE_PATH = "/.well-known/sel-profile";
/** Where SEL servers have their feed that do not say so. */
const FEED_PATH = "/api/v1/feeds/changes";
const MOST_BYTES = 256 * 1024;

/**
 * Asks a node who it is. `base` has no slash at its end. Throws a PeerFault: an alarm `identity` where another node
 * answers, else what keeps the profile from being read; a SafeFetchError where nobody answers.
 */
export async function readProfile(client: PeerClient, base: string, signal?: AbortSignal): Promise<PeerProfile> {
  const url = base + PROFILE_PATH;
  const answer = await client.get(url, { headers: { accept: "application/json" }, maxBytes: MOST_BYTES, signal });
  if (answer.status === 404 || answer.status === 410) throw new PeerFault(`it has no ${PROFILE_PATH}: it is no SEL node`);
  assertAnswered(answer, "profile");
  return profileOf(parsed(answer.body), base);
}

function parsed(body: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseBounded(body, { depth: 16, values: 10_000 });
  } catch (error) {
    if (error instanceof BadJson) throw new PeerFault(`its profile cannot be read: ${error.message}`, {}, error);
    throw error;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new PeerFault("its profile is no JSON object");
  return value as Record<string, unknown>;
}

/** The profile in a parsed document. Throws as `readProfile`. */
export function profileOf(said: Readonly<Record<string, unknown>>, base: string): PeerProfile {
  const node = textOf(said["node"])?.replace(/\/+$/, "");
  if (node === undefined) throw new PeerFault("its profile names no node");
  if (node !== base) throw alarmed("identity", `at ${base} answers a node that calls itself ${oneLine(node)}`);
  const endpoint = (name: string): string | undefined => {
    const address = textOf(said[name]);
    if (address === undefined) return undefined;
    const url = URL.parse(address, `${base}/`);
    if (url === null || url.origin !== new URL(base).origin)
      throw new PeerFault(`its ${name} (${oneLine(address)}) is not of its own origin`);
    return url.href.replace(/\/$/, "");
  };
  const software = typeof said["software"] === "object" && said["software"] !== null ? (said["software"] as Record<string, unknown>) : {};
  const named = { name: textOf(software["name"]), version: textOf(software["version"]) };
  const [snapshot, stream, pages] = [endpoint("snapshotEndpoint"), endpoint("streamEndpoint"), endpoint("pagesEndpoint")];
  const features = said["feedFeatures"];
  return {
    node,
    name: oneLine(textOf(said["name"]) ?? new URL(base).host),
    version: oneLine(textOf(said["version"]) ?? ""),
    ...((named.name ?? named.version) !== undefined && {
      software: {
        ...(named.name !== undefined && { name: oneLine(named.name) }),
        ...(named.version !== undefined && { version: oneLine(named.version) }),
      },
    }),
    feed: endpoint("changeFeedEndpoint") ?? base + FEED_PATH,
    ...(snapshot !== undefined && { snapshot }),
    ...(stream !== undefined && { stream }),
    ...(pages !== undefined && { pages }),
    features: Array.isArray(features)
      ? features.filter((one): one is string => typeof one === "string" && /^[\w-]{1,50}$/.test(one)).slice(0, 50)
      : [],
  };
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" && value.length <= 2048 ? value : undefined;

/** `calends` proves order and content (hash chain) and says when it may have lost something (epochs); any other is plain `sel`. */
export function dialectOf({ features }: Pick<PeerProfile, "features">): PeerDialect {
  return features.includes("hash-chain") && features.includes("epochs") ? "calends" : "sel";
}
