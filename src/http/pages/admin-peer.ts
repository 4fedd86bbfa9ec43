/** One peer in full: how far behind it we are, why it was stopped, what its pulls brought, what was refused, and the forms that change it. */
import { REFUSALS, type RefusalReason } from "../../domain/custody.ts";
import { pullsFrom, ALARMS } from "../../domain/peer.ts";
import { ALARM_ADVICE } from "../../federation/peer/advice.ts";
import { filtersInWords, spanOf } from "../../federation/peer/describe.ts";
import type { PeerListing, Refusal, Run } from "../../registry/peers.ts";
import { adminLayout, complaint, moment, type AdminView } from "./admin-layout.ts";
import { actionForm, COPY_WORDS, PEERS, removeForm, settingsForm } from "./admin-peer-forms.ts";
import { lagOf, stateOf } from "./admin-peers.ts";
import { tableOf } from "./admin-table.ts";
import { fact } from "./layout.ts";
import { externalLink, html, type Html, type Part } from "./markup.ts";

/** The whole document for `/admin/peers/{ulid}`. */
export function peerPage(
  view: AdminView & { peer: PeerListing; runs: readonly Run[]; refusals: readonly Refusal[]; fault?: string | undefined },
): string {
  const { peer, runs, refusals, locale } = view;
  const { counts, profile, bootstrap } = peer;
  const held = Object.entries(counts).filter(([, count]) => count > 0);
  return adminLayout(view, {
    title: peer.name,
    section: PEERS,
    main: html`<p class="eyebrow">Peer</p>
      <h1>${peer.name}</h1>
      ${complaint(view.fault)} ${alarmOf(peer, locale)}
      <dl class="facts">
        ${fact("Address", externalLink(peer.base, peer.base))} ${fact("State", stateOf(peer))}
        ${fact("Direction", DIRECTIONS[peer.direction], peer.relay && ", a relay of others")} ${fact("Trust", `${peer.trust} of 10`)}
        ${fact("Software", profile?.software?.name, " ", profile?.software?.version)}
        ${fact("Proves", profile !== null && (profile.features.length === 0 ? "nothing of its feed" : profile.features.join(", ")))}
        ${fact("Behind", lagOf(peer))}
        ${fact("Position", pullsFrom(peer) && `${peer.position}${peer.head === null ? "" : ` of ${peer.head}`}`)}
        ${fact("First copy", bootstrap !== null && `under way, by ${COPY_WORDS[bootstrap.way]}`)}
        ${fact("Held of it", held.length > 0 && held.map(([kind, count]) => `${count} ${kind}`).join(", "))}
        ${fact("Pulled", pullsFrom(peer) && `every ${spanOf(peer.everySeconds)}`)}
        ${fact("Next pull", pullsFrom(peer) && peer.status === "active" && peer.nextPullAt !== null && moment(peer.nextPullAt, locale))}
        ${fact("Last success", peer.succeededAt !== null && moment(peer.succeededAt, locale))}
        ${fact("Last error", peer.lastError ?? undefined, peer.failures > 1 && ` (${peer.failures} times in a row)`)}
        ${fact("Let in", filtersInWords(peer.filters))} ${fact("Our key there", peer.accessKey === null ? "none" : "kept, and never shown")}
      </dl>
      <h2>Steer it</h2>
      ${actionForm(view, peer, pullsFrom(peer))}
      <h2>Last pulls</h2>
      ${runs.length === 0 ? html`<p class="quiet">It was not pulled yet.</p>` : runTable(runs, locale)}
      <h2>Not let in</h2>
      ${refusals.length === 0 ? html`<p class="quiet">Nothing of it was refused.</p>` : refusalTable(refusals, locale)}
      <h2>Change or remove it</h2>
      <p>
        What is let in (area, domains, origins, how many) holds for what it says from now on;
        ${pullsFrom(peer) ? "a resync applies area and domains to what it said before, too, and brings what was kept out." : "what it pushed before stays as it is until it pushes that again."}
        Organizations, persons, and what does not say where it is pass any area; an area whose west is above its east lies over the 180th
        meridian.
      </p>
      ${settingsForm(view, peer)}
      <p>
        Removed, it is asked no more and what it said counts no more: events that nobody else speaks for go out of sight, also those that
        were only corrected here. Adding it again brings them back. Keys of this node that were made for it stay valid until they are
        revoked.
      </p>
      ${removeForm(view, peer)}`,
  });
}

const DIRECTIONS = {
  pull: "we pull from it",
  push: "it pushes to us",
  both: "we pull from it, and it may push",
  none: "known from others only",
};

const alarmOf = ({ alarm, alarmDetail, alarmAt }: PeerListing, locale?: string): Html | false =>
  alarm !== null &&
  html`<p class="notice warning">
      <strong>Stopped</strong> ${alarmAt !== null && moment(alarmAt, locale)}: ${ALARMS[alarm]} (${alarm}). ${alarmDetail ?? ""}
    </p>
    <p>${ALARM_ADVICE[alarm]}</p>`;

const runTable = (runs: readonly Run[], locale?: string): Html =>
  tableOf(
    "Last pulls",
    ["When", "What", "What it brought"],
    runs.map((run) => [
      moment(run.startedAt, locale),
      html`${run.kind}, ${run.outcome === "running" ? "under way" : run.outcome}`,
      [broughtBy(run), run.detail !== null && html`<br /><span class="words">${run.detail}</span>`],
    ]),
  );

function broughtBy({ fromPosition, toPosition, applied, deleted, passedOver, refused }: Run): Part {
  const counts = [
    [applied, "applied"],
    [deleted, "deleted"],
    [passedOver, "passed over"],
    [refused, "refused"],
  ] as const;
  const brought = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  const reached = toPosition === null ? [] : [`positions ${fromPosition ?? 0}–${toPosition}`];
  return [...reached, ...brought].join(", ") || html`<span class="quiet">nothing</span>`;
}

const refusalTable = (refusals: readonly Refusal[], locale?: string): Html =>
  tableOf(
    "Not let in",
    ["Last", "Times", "Why", "Of what", "Position", "In full"],
    refusals.map((refusal) => [
      moment(refusal.lastAt, locale),
      refusal.times,
      Object.hasOwn(REFUSALS, refusal.reason) ? `${refusal.reason}: ${REFUSALS[refusal.reason as RefusalReason]}` : refusal.reason,
      // No link: what was refused is nobody's to recommend.
      html`<code>${refusal.uri}</code>`,
      refusal.position ?? "",
      refusal.detail,
    ]),
  );
