/** Two nodes of the demo that follow each other: what each shows of the other, and a change on its way. All of it over HTTP, as anybody would. */
import { listIds } from "../db/entity-ids.ts";
import { readStates } from "../db/entities.ts";
import { ulidOf, uriOf } from "../domain/iri.ts";
import type { EventState } from "../domain/state.ts";
import { listPeers } from "../registry/peers.ts";
import type { CalendsNode } from "../node.ts";
import { columns, table } from "./command.ts";

export interface DemoNode {
  name: string;
  node: CalendsNode;
}

const CANCELLED = "https://schema.org/EventCancelled";

/** `follower` adds `followed` as a peer and copies it. */
export async function follow(follower: DemoNode, followed: DemoNode): Promise<void> {
  await ask(follower, "/api/v1/admin/peers", { method: "POST", body: { url: followed.node.base } });
  await catchUp(follower, followed);
}

/** Pulls until `follower` stands at the head of `followed`'s feed. */
async function catchUp(follower: DemoNode, followed: DemoNode): Promise<void> {
  await followed.node.processAll();
  const { database, registry } = follower.node;
  const peers = await database.read((on) => listPeers(on, registry.clock()));
  const result = await follower.node.pull(peers.find(({ base }) => base === followed.node.base)!.id);
  if (result.outcome !== "applied" && result.outcome !== "unchanged")
    throw new Error(`${follower.name} cannot pull ${followed.name}: ${"end" in result ? result.end.detail : result.outcome}.`);
  await follower.node.processAll();
}

/** How many events each node shows, its own and the other's; throws where they do not show the same. */
export async function whoShowsWhat(nodes: readonly DemoNode[]): Promise<string> {
  const addresses: string[] = [];
  const rows: string[][] = [];
  for (const { name, node } of nodes) {
    const events = await eventsOf(node);
    const foreign = events.filter(({ federationUri }) => federationUri !== undefined).length;
    rows.push([name, node.base, String(events.length - foreign), String(foreign)]);
    addresses.push(
      events
        .map((event) => uriOf(node.base, "event", event))
        .toSorted()
        .join("\n"),
    );
  }
  if (new Set(addresses).size > 1) throw new Error("The nodes should show the same events under the same addresses.");
  const count = addresses[0]!.split("\n").length;
  return `${columns(["node", "base", "own events", "of the other"], rows)}\nBoth show the same ${count} events under the same addresses.`;
}

/** One event of `origin` as both nodes tell it; then it is cancelled at `origin`, and the change is pulled by `other`. */
export async function showOneEvent(origin: DemoNode, other: DemoNode): Promise<string> {
  // The one that lies furthest ahead.
  const [event] = (await eventsOf(origin.node))
    .filter(({ federationUri }) => federationUri === undefined)
    .toSorted((one, two) => two.startDate.localeCompare(one.startDate));
  if (event === undefined) throw new Error(`${origin.name} has no event of its own.`);
  const uri = uriOf(origin.node.base, "event", event);
  const copy = (await eventsOf(other.node)).find(({ federationUri }) => federationUri === uri);
  if (copy === undefined) throw new Error(`${other.name} has not heard of ${uri}.`);
  const here = `/events/${ulidOf(event.id)}`;
  const there = `/events/${ulidOf(copy.id)}`;
  const before = [await documentOf(origin, here), await documentOf(other, there)] as const;
  if (before[0]["@id"] !== uri || before[1]["@id"] !== uri) throw new Error(`Both nodes should call it ${uri}.`);

  await ask(origin, `/api/v1${here}`, { method: "PATCH", body: { eventStatus: CANCELLED }, type: "application/merge-patch+json" });
  await catchUp(other, origin);
  const after = [await documentOf(origin, here), await documentOf(other, there)] as const;
  if (after.some(({ eventStatus }) => eventStatus !== CANCELLED)) throw new Error(`The cancellation of ${uri} did not arrive.`);
  const rows: [string, string][] = [
    ["its address on both", uri],
    [`  page at ${origin.name}`, origin.node.base + here],
    [`  page at ${other.name}`, other.node.base + there],
    [`  as JSON-LD`, `curl -H 'Accept: application/ld+json' ${other.node.base}${there}`],
    [`cancelled at ${origin.name}`, statusesOf(before[0], after[0])],
    [`and so at ${other.name}`, statusesOf(before[1], after[1])],
  ];
  return `One event: ${event.name}\n${table(rows)}`;
}

/** "EventScheduled -> EventCancelled". */
const statusesOf = (...told: Told[]): string =>
  told.map(({ eventStatus }) => eventStatus?.replace("https://schema.org/", "") ?? "no word of its status").join(" -> ");

async function eventsOf({ database }: CalendsNode): Promise<EventState[]> {
  const states = await database.read(async (on) => readStates(on, "event", await listIds(on, "event", undefined, 200)));
  return states.filter((state) => state.kind === "event");
}

interface Told {
  "@id": string;
  eventStatus?: string;
}
const documentOf = (node: DemoNode, path: string): Promise<Told> => ask(node, path);

/** A node's answer, asked as its admin; what it refuses is thrown in its own words. */
async function ask<T>(
  { name, node }: DemoNode,
  path: string,
  { method = "GET", body, type = "application/json" }: { method?: string; body?: object; type?: string } = {},
): Promise<T> {
  const answer = await fetch(node.url + path, {
    method,
    headers: {
      accept: "application/ld+json, application/json;q=0.9",
      authorization: `Bearer ${node.firstAdminKey}`,
      ...(body && { "content-type": type }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${name} answers ${answer.status} to ${method} ${path}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as T;
}
