/** Everything that a reader without a key can see of an event: one entry for each output of a node. */
import { gunzipSync } from "node:zlib";
import { CHANGES } from "./feed-reader.ts";

export interface Seen {
  /** The event's @id. */
  uri: string;
  /** A name that nothing else has. */
  name: string;
  /** The address of its venue, whose page lists what is to come. */
  venue: string;
}

const ulidOf = (uri: string): string => uri.slice(uri.lastIndexOf("/") + 1);
const words = ({ name }: Seen): string => encodeURIComponent(name);

/** Outputs that speak of many events, and where they are asked for. Each gives the ULIDs of those that it tells of. */
const LISTINGS: Record<string, { path: (one: Seen) => string; accept?: string }> = {
  "list, JSON": { path: () => "/api/v1/events?limit=200" },
  "list, HTML": { path: () => "/events?limit=100", accept: "text/html" },
  "search, JSON": { path: (one) => `/api/v1/events/search?q=${words(one)}` },
  "search by filter, JSON": { path: () => "/api/v1/events/search?city=Toronto&limit=100" },
  "search, HTML": { path: (one) => `/search?q=${words(one)}`, accept: "text/html" },
  calendar: { path: () => "/api/v1/events/search?city=Toronto&format=ics" },
  RSS: { path: () => "/api/v1/events/search?city=Toronto&format=rss" },
  Atom: { path: () => "/api/v1/events/search?city=Toronto&format=atom" },
  "JSON-LD feed": { path: () => "/api/v1/events/search?city=Toronto&format=jsonld" },
  suggestions: { path: (one) => `/api/v1/events/suggest?q=${words(one)}` },
  "venue's page": { path: (one) => new URL(one.venue).pathname, accept: "text/html" },
};
export const LISTING_NAMES = Object.keys(LISTINGS);

/** What an event's own address answers, by format. */
const OWN: Record<string, { path: (ulid: string) => string; accept?: string }> = {
  "API, JSON": { path: (ulid) => `/api/v1/events/${ulid}`, accept: "application/json" },
  "API, explained": { path: (ulid) => `/api/v1/events/${ulid}?include=provenance`, accept: "application/json" },
  "address, JSON-LD": { path: (ulid) => `/events/${ulid}`, accept: "application/ld+json" },
  "address, HTML": { path: (ulid) => `/events/${ulid}`, accept: "text/html" },
  "address, Turtle": { path: (ulid) => `/events/${ulid}.ttl` },
  "more like it": { path: (ulid) => `/api/v1/events/${ulid}/similar` },
};
export const OWN_NAMES = Object.keys(OWN);

const ask = (node: { url: string }, path: string, accept?: string): Promise<Response> =>
  fetch(node.url + path, { redirect: "manual", ...(accept !== undefined && { headers: { accept } }) });

/** Status of each of the event's own addresses. */
export async function ownAnswers(node: { url: string }, { uri }: Seen): Promise<Record<string, number>> {
  const answers = Object.entries(OWN).map(async ([name, { path, accept }]) => {
    const response = await ask(node, path(ulidOf(uri)), accept);
    await response.arrayBuffer();
    return [name, response.status] as const;
  });
  return Object.fromEntries(await Promise.all(answers));
}

/** Of each listing, whether it tells of the event. Fails on anything but 200. */
export async function listingsWith(node: { url: string }, one: Seen): Promise<Record<string, boolean>> {
  const told = Object.entries(LISTINGS).map(async ([name, { path, accept }]) => {
    const text = await textAt(node, path(one), accept);
    return [name, text.includes(ulidOf(one.uri))] as const;
  });
  return Object.fromEntries(await Promise.all(told));
}

export async function textAt(node: { url: string }, path: string, accept?: string): Promise<string> {
  const response = await ask(node, path, accept);
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.text();
}

/** The lines of the node's snapshot, with which a reader of its feed begins. */
export async function snapshotText(node: { url: string }): Promise<string> {
  const { headers } = await ask(node, `${CHANGES}/snapshot`);
  const file = await ask(node, new URL(headers.get("location")!).pathname);
  return gunzipSync(Buffer.from(await file.arrayBuffer())).toString();
}
