/** Peers at a glance, with the subscribers of our own feed; and what both this list and the page of one peer say of it. */
import { pullsFrom, ALARMS } from "../../domain/peer.ts";
import { spanOf } from "../../federation/peer/describe.ts";
import type { SubscriberVitals } from "../../db/subscriber-vitals.ts";
import type { PeerListing } from "../../registry/peers.ts";
import { adminLayout, complaint, moment, type AdminView } from "./admin-layout.ts";
import { addForm, PEERS, peerPath, type PeerForm } from "./admin-peer-forms.ts";
import { subscribersSection } from "./admin-subscribers.ts";
import { tableOf } from "./admin-table.ts";
import { html, join, localPath, type Part } from "./markup.ts";

/** The whole document for `/admin/peers`. */
export function peersPage(
  view: AdminView & {
    peers: readonly PeerListing[];
    subscribers: readonly SubscriberVitals[];
    total: number;
    form?: PeerForm | undefined;
    fault?: string | undefined;
  },
): string {
  const { base, peers, locale, form = {} } = view;
  return adminLayout(view, {
    title: "Peers",
    section: PEERS,
    main: html`<h1>Peers</h1>
      ${complaint(view.fault)}
      ${
        peers.length === 0
          ? html`<p class="quiet">This node follows no other yet.</p>`
          : tableOf(
              "Peers",
              ["Peer", "State", "Trust", "Behind", "Last success", "Trouble"],
              peers.map((peer) => [
                html`<a href="${localPath(base, peerPath(peer))}">${peer.name}</a><br /><span class="quiet">${peer.base}</span>`,
                stateOf(peer),
                peer.trust,
                lagOf(peer),
                peer.succeededAt === null ? html`<span class="quiet">never</span>` : moment(peer.succeededAt, locale),
                troubleOf(peer),
              ]),
            )
      }
      <h2>Add a peer</h2>
      <p>
        Its profile is read first. It is then copied and followed: its events appear here under their own addresses, with its word as that
        of a source.
      </p>
      ${addForm(view, form)} ${subscribersSection(view, view)}`,
  });
}

export function stateOf({ status, direction, failures, bootstrap, succeededAt }: PeerListing): Part {
  if (status === "broken") return html`<span class="tag">stopped</span>`;
  if (status === "paused") return "paused";
  if (failures > 0) return html`<span class="tag">failing</span>`;
  if (bootstrap !== null) return bootstrap.resync ? "copied anew" : "first copy";
  return succeededAt === null && pullsFrom({ direction }) ? "new" : "active";
}

export function lagOf({ lagPositions, lagSeconds, ...peer }: PeerListing): Part {
  if (!pullsFrom(peer)) return html`<span class="quiet">not pulled</span>`;
  if (lagPositions === 0) return lagSeconds ? `not heard for ${spanOf(lagSeconds)}` : "nothing";
  const parts = [lagPositions !== null && `${lagPositions} changes`, lagSeconds !== null && lagSeconds > 0 && spanOf(lagSeconds)];
  const known = parts.filter((part) => part !== false);
  return known.length === 0 ? html`<span class="quiet">unknown</span>` : known.join(", ");
}

function troubleOf({ alarm, lastError, refusedLast24h }: PeerListing): Part {
  const parts = [
    alarm !== null ? `${alarm}: ${ALARMS[alarm]}` : lastError,
    refusedLast24h > 0 && `${refusedLast24h} refused in 24 hours`,
  ].filter((part) => part !== false && part !== null);
  return join(parts, html`<br />`);
}
