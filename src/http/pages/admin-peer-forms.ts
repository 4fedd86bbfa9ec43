/** The forms by which a peer is added, steered, changed and removed. */
import { ulidOf } from "../../domain/iri.ts";
import { BOOTSTRAP_WAYS, MOST_ENTITIES } from "../../domain/peer.ts";
import { EVENT_DOMAINS } from "../../domain/vocabulary.ts";
import type { PeerListing } from "../../registry/peers.ts";
import { tokenField, type AdminView } from "./admin-layout.ts";
import { html, localPath, type Html, type Part } from "./markup.ts";

export const PEERS = "/admin/peers";
export const peerPath = (peer: { id: string }): string => `${PEERS}/${ulidOf(peer.id)}`;

/** What was typed into the form to add a peer, so that a complaint does not lose it. */
export interface PeerForm {
  url?: string | undefined;
  name?: string | undefined;
  trust?: string | undefined;
  direction?: string | undefined;
  relay?: string | undefined;
}

export const COPY_WORDS = { snapshot: "its snapshot", pages: "its closed pages", feed: "its feed" };
const DIRECTIONS = [
  ["pull", "We pull from it"],
  ["push", "It pushes to us"],
  ["both", "We pull from it, and it may push"],
] as const;
const RELAY = [
  ["no", "No: only its own events"],
  ["yes", "Yes: it is a relay"],
] as const;
/** A longer list of origins would make the form too large to be taken: then the API is for it. */
const MOST_ORIGINS_TEXT = 4_000;

export const addForm = ({ base, session }: AdminView, form: PeerForm): Html =>
  html`<form class="decide" method="post" action="${localPath(base, PEERS)}">
    ${tokenField(session)}
    ${field("url", "Address", html`<input id="url" name="url" type="url" required maxlength="2048" value="${form.url ?? ""}" />`)}
    ${field("name", "Name, if not its own", html`<input id="name" name="name" maxlength="200" autocomplete="off" value="${form.name ?? ""}" />`)}
    ${field("trust", "Trust, 1 to 10", html`<input id="trust" name="trust" type="number" min="1" max="10" value="${form.trust ?? "5"}" />`)}
    ${field("key", "Key that it gave us, if any", html`<input id="key" name="key" type="password" maxlength="500" autocomplete="off" />`)}
    ${choice("direction", "Who asks whom?", DIRECTIONS, form.direction ?? "pull")}
    ${choice("relay", "May it pass on what other nodes say?", RELAY, form.relay ?? "no")}
    <button class="first">Add the peer</button>
  </form>`;

/** A peer that only pushes is stopped and let go on again, and nothing else. */
export function actionForm({ base, session }: AdminView, peer: PeerListing, isPulled: boolean): Html {
  const button = (action: string, label: string, first = false) =>
    html`<button name="action" value="${action}" ${first && html` class="first"`}>${label}</button>`;
  const going = [isPulled && button("sync", "Pull now", true), button("pause", "Pause")];
  return html`<form class="decide" method="post" action="${localPath(base, peerPath(peer))}">
    ${tokenField(session)} ${peer.status === "active" ? going : button("resume", "Resume", true)}
    ${isPulled && button("resync", "Resync: make a new copy")}
  </form>`;
}

export function settingsForm({ base, session }: AdminView, peer: PeerListing): Html {
  const { bbox, domains, origins = [], maxEntities } = peer.filters;
  const ways = BOOTSTRAP_WAYS.map((way) => [way, `By ${COPY_WORDS[way]}`] as const);
  const originsText = origins.join(", ");
  const showsOrigins = originsText.length <= MOST_ORIGINS_TEXT;
  return html`<form class="decide" method="post" action="${localPath(base, peerPath(peer))}">
    ${tokenField(session)}<input type="hidden" name="filters" value="${showsOrigins ? "all" : "not-origins"}" />
    ${field("name", "Name", html`<input id="name" name="name" maxlength="200" value="${peer.name}" />`)}
    ${field("trust", "Trust, 1 to 10", html`<input id="trust" name="trust" type="number" min="1" max="10" value="${peer.trust}" />`)}
    ${choice("direction", "Who asks whom?", DIRECTIONS, peer.direction)}
    ${choice("relay", "May it pass on what other nodes say?", RELAY, peer.relay ? "yes" : "no")}
    ${field("every", "Pulled every … seconds", html`<input id="every" name="every" type="number" min="10" max="86400" value="${peer.everySeconds}" />`)}
    ${choice("bootstrap", "First copy, or a new one", ways, peer.bootstrapBy)}
    ${line("bbox", "Only within west, south, east, north", bbox?.join(", "), "-79.7, 43.5, -79.1, 43.9")}
    ${line("domains", "Only events of these domains", domains?.join(", "), EVENT_DOMAINS.slice(0, 2).join(", "))}
    ${showsOrigins && line("origins", "Of a relay: only what these nodes say", originsText, "https://city.example")}
    ${field(
      "most",
      "Of how many entities it may tell",
      html`<input id="most" name="most" type="number" min="0" max="999999999" value="${maxEntities}" placeholder="${MOST_ENTITIES}" />`,
    )}
    ${field("key", "Another key of ours there", html`<input id="key" name="key" type="password" maxlength="500" autocomplete="off" />`)}
    ${peer.accessKey !== null && choice("forget", "The key that we have there", KEY_FATES, "no")}
    <button name="action" value="set">Keep these</button>
  </form>`;
}

const KEY_FATES = [
  ["no", "Keep it"],
  ["yes", "Forget it"],
] as const;

export const removeForm = ({ base, session }: AdminView, peer: PeerListing): Html =>
  html`<form class="decide" method="post" action="${localPath(base, peerPath(peer))}">
    ${tokenField(session)}
    ${field("reason", "Reason, for the audit log", html`<input id="reason" name="reason" maxlength="500" autocomplete="off" />`)}
    <button name="action" value="remove">Remove the peer</button>
  </form>`;

const field = (id: string, label: string, input: Html): Html => html`<div><label for="${id}">${label}</label>${input}</div>`;

/** Empty lets everything in. */
const line = (id: string, label: string, value: Part, example: string): Html =>
  field(
    id,
    label,
    html`<input id="${id}" name="${id}" maxlength="${MOST_ORIGINS_TEXT}" autocomplete="off" value="${value}" placeholder="${example}" />`,
  );

const choice = (id: string, label: string, options: readonly (readonly [value: string, words: string])[], chosen: string): Html =>
  field(
    id,
    label,
    html`<select id="${id}" name="${id}">
      ${options.map(([value, words]) => html`<option value="${value}" ${value === chosen && html` selected`}>${words}</option>`)}
    </select>`,
  );
