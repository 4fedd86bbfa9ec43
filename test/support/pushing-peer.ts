/** Peers without a feed: what they push to a node, and what its operator sees of that. */
import { addPeer, peerRefusals, peerRuns, type NewPeer } from "../../src/registry/peers.ts";
import { anEvent, type TestNode } from "./http.ts";

export const SYNC = "/api/v1/federation/sync";
export const operator = { actor: "test", role: "admin" } as const;

/** Makes peers, each of another base and with its key; they push, unless `more` says otherwise. */
export function createPushers(node: TestNode) {
  let number = 0;
  return async (more: Partial<NewPeer> = {}) => {
    const base = `https://town-${++number}.example`;
    const startDate = `${new Date(Date.UTC(2026, 8, number)).toISOString().slice(0, 10)}T20:00:00-04:00`;
    const peer = { base, name: `Town ${number}`, direction: "push", dialect: "calends", profile: null, ...more } as const;
    await node.database.transact((tx) => addPeer(node.registry, operator, tx, peer));
    const key = await node.key("peer", { source: base, name: base });
    return {
      base,
      key,
      /** An event of this peer, on a day of its own, so that it resembles no other's. */
      concert: (said: object = {}) => anEvent({ "@id": `${base}/events/1`, startDate, ...said }),
      /** Texts and bytes go as they are. */
      push: (body: unknown, headers: Record<string, string> = {}) =>
        node.ask(SYNC, {
          key,
          headers,
          ...(typeof body === "string" || body instanceof Uint8Array ? { raw: body as Uint8Array<ArrayBuffer> } : { body }),
        }),
      refusals: () => node.database.read((on) => peerRefusals(on, base, 10)),
      runs: () => node.database.read((on) => peerRuns(on, base, 10)),
    };
  };
}

export const outcomeOf = ({ status, headers }: Response) => [status, headers.get("calends-outcome")];
