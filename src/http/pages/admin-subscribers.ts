/** The feed's subscribers on the page of peers: how far behind each is, what went wrong, and what can be done about it. */
import { ulidOf } from "../../domain/iri.ts";
import { spanOf } from "../../federation/peer/describe.ts";
import type { SubscriberState, SubscriberVitals } from "../../db/subscriber-vitals.ts";
import { moment, tokenField, type AdminView } from "./admin-layout.ts";
import { tableOf } from "./admin-table.ts";
import { html, join, localPath, type Html, type Part } from "./markup.ts";

export const subscriberPath = (subscriber: { id: string }): string => `/admin/subscribers/${ulidOf(subscriber.id)}`;

/** `subscribers` are those that are shown, `total` is how many there are. */
export function subscribersSection(
  view: AdminView,
  { subscribers, total }: { subscribers: readonly SubscriberVitals[]; total: number },
): Html {
  return html`<h2>Subscribers of our feed</h2>
    ${
      subscribers.length === 0
        ? html`<p class="quiet">Nobody has subscribed to this node’s feed by webhook.</p>`
        : tableOf(
            "Subscribers of our feed",
            ["Subscriber", "State", "Behind", "Last received", "Trouble", "Steer it"],
            subscribers.map((one) => [
              html`${one.name}<br /><span class="quiet">${one.host}, ${one.owner === null ? "an admin’s" : `of ${one.owner}`}</span>`,
              one.state === "failed" || one.state === "failing" ? html`<span class="tag">${STATES[one.state]}</span>` : STATES[one.state],
              lagOf(one, view.now),
              one.deliveredAt === null ? html`<span class="quiet">nothing yet</span>` : moment(one.deliveredAt, view.locale),
              troubleOf(one, view.locale),
              steerForm(view, one),
            ]),
          )
    }
    ${total > subscribers.length && html`<p class="quiet">These are the first ${subscribers.length} of ${total}; the API lists them all.</p>`}`;
}

const STATES: Record<SubscriberState, string> = {
  failed: "given up",
  failing: "failing",
  paused: "paused",
  revoked: "key revoked",
  active: "active",
};

function lagOf({ lagPositions, behindSince }: SubscriberVitals, now: Date): Part {
  if (lagPositions === 0) return "nothing";
  const waiting = behindSince === null ? 0 : (now.getTime() - behindSince.getTime()) / 1000;
  return `${lagPositions} changes${waiting >= 1 ? `, ${spanOf(waiting)}` : ""}`;
}

function troubleOf({ state, lastError, failures, nextAttemptAt }: SubscriberVitals, locale?: string): Part {
  const error = lastError === null ? undefined : `${lastError}${failures > 1 ? ` (${failures} times in a row)` : ""}`;
  const advice: Record<SubscriberState, Part> = {
    failed: "It is told nothing more. When its receiver answers again, wake it: it goes on where it stood.",
    failing: html`Tried again ${moment(nextAttemptAt, locale)}.`,
    paused: undefined,
    revoked: "Its key was revoked: it is told nothing. Remove it.",
    active: undefined,
  };
  return join(
    [error, advice[state]].filter((part) => part !== undefined),
    html`<br />`,
  );
}

function steerForm({ base, session }: AdminView, subscriber: SubscriberVitals): Html {
  const button = (action: string, label: string) =>
    html`<button name="action" value="${action}" aria-label="${label} ${subscriber.name}">${label}</button>`;
  const { state } = subscriber;
  return html`<form class="decide" method="post" action="${localPath(base, subscriberPath(subscriber))}">
    ${tokenField(session)} ${state !== "active" && state !== "revoked" && button("resume", "Wake")}
    ${(state === "active" || state === "failing") && button("pause", "Pause")} ${button("remove", "Remove")}
  </form>`;
}
