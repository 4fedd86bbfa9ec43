/** What the forms of peers may bear, and what they mean. An empty field is as one that is absent, and changes nothing, but for what is let in. */
import { z } from "@hono/zod-openapi";
import { BOOTSTRAP_WAYS, PEER_DIRECTIONS, type PeerFilters } from "../../domain/peer.ts";
import type { PeerChange } from "../../registry/peers.ts";
import { queryText } from "../schemas.ts";

const wholeNumber = (digits: number) => z.string().regex(new RegExp(String.raw`^\d{0,${digits}}$`), "expected a whole number");
const field = (most: number) => z.string().max(most);
const settings = {
  name: field(200).optional(),
  trust: wholeNumber(6).optional(),
  direction: z.enum(PEER_DIRECTIONS).exclude(["none"]).optional(),
  relay: z.enum(["yes", "no"]).optional(),
  key: field(500).optional(),
};

export const addFields = z.object({ url: field(2_048).optional(), ...settings });
export const steerFields = z.object({
  action: z.enum(["sync", "resync", "pause", "resume", "set", "remove"]),
  ...settings,
  every: wholeNumber(6).optional(),
  bootstrap: z.enum(BOOTSTRAP_WAYS).optional(),
  /** The form has fields of what is let in, all of them or but for the origins: what is empty of these lets everything in. */
  filters: z.enum(["all", "not-origins"]).optional(),
  bbox: field(200).optional(),
  domains: field(1_000).optional(),
  origins: field(4_000).optional(),
  most: wholeNumber(9).optional(),
  forget: z.enum(["yes", "no"]).optional(),
  reason: queryText(500).optional(),
});
export type Steer = z.output<typeof steerFields>;

/** What the form to change a peer says; `before` are the filters that stay where it names none. Nothing is checked: `changePeer` does that. */
export function changeOf(
  { name, trust, direction, relay, every, key, forget, bootstrap, ...form }: Steer,
  before: PeerFilters,
): PeerChange {
  return {
    name: name || undefined,
    trust: numberOf(trust),
    direction,
    relay: relay === undefined ? undefined : relay === "yes",
    everySeconds: numberOf(every),
    bootstrapBy: bootstrap,
    filters: filtersOf(form, before),
    // Who gives another key means that one.
    accessKey: key || (forget === "yes" ? null : undefined),
  };
}

function filtersOf({ filters, bbox, domains, origins, most }: Partial<Steer>, before: PeerFilters): PeerFilters | undefined {
  if (filters === undefined) return undefined;
  const said: PeerFilters = Object.fromEntries(
    Object.entries({
      bbox: listed(bbox)?.map(Number),
      domains: listed(domains),
      origins: listed(origins)?.map((base) => base.replace(/\/+$/, "")),
      maxEntities: numberOf(most),
    }).filter(([, value]) => value !== undefined),
  );
  return filters === "all" ? said : { ...said, ...(before.origins && { origins: before.origins }) };
}

/** "a, b c" -> ["a", "b", "c"]; undefined where there is nothing. */
function listed(text = ""): string[] | undefined {
  const parts = text.split(/[\s,]+/).filter((part) => part !== "");
  return parts.length === 0 ? undefined : parts;
}

/** "" -> undefined: a field that was left empty. */
export const numberOf = (text: string | undefined): number | undefined => (text ? Number(text) : undefined);
