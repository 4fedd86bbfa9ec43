/** One thing to decide: what there is to compare, what can be done, and what was done. */
import type { VisitOverview } from "../../db/admin-views.ts";
import type { Merge } from "../../db/merges.ts";
import type { ReviewItem } from "../../db/reviews.ts";
import { ulidOf, uriOf } from "../../domain/iri.ts";
import type { AnyState } from "../../domain/state.ts";
import { ACTIONS_OF_KIND, type ReviewAction } from "../../registry/decide-review.ts";
import type { ContraryField, Sides, Speaker } from "../../registry/review-sides.ts";
import { adminLayout, complaint, decisionForm, moment, type AdminView } from "./admin-layout.ts";
import { leafText, markWords } from "./admin-marks.ts";
import { detailsList, KIND_WORDS, queuePath, subjectOf, type ItemNames } from "./admin-queue.ts";
import { visitTable } from "./admin-sources.ts";
import { entityPath } from "./event-list.ts";
import { html, localPath, type Html, type Part } from "./markup.ts";

export interface ItemView extends AdminView, ItemNames {
  item: ReviewItem;
  sides: Sides;
  /** Of a duplicate that was merged: the merge. */
  merge?: Merge | undefined;
  /** Of a source's alarm: its last visits, and why items were rejected. */
  visits: readonly VisitOverview[];
  rejects: readonly { position: number; detail: string }[];
  /** Why the decision that was sent just now was not taken. */
  fault?: string | undefined;
}

const ACTION_WORDS = {
  merge: "Merge",
  apart: "Keep apart",
  pin: "Pin this value",
  withdraw: "Withdraw this claim",
  retract: "Retract the event",
  accept: "Accept",
  dismiss: "Dismiss",
} as const satisfies Record<ReviewAction, string>;

/** The whole document for `/admin/review/{ulid}`. */
export function itemPage(view: ItemView): string {
  const { base, item, sides, visits, rejects, fault } = view;
  const { kind, sourceId, state } = item;
  const source = sourceId === null ? undefined : view.sources.get(sourceId);
  return adminLayout(view, {
    title: subjectOf(item, view),
    section: "/admin/review",
    main: html`<p class="eyebrow"><a href="${queuePath(base, { kind })}">${KIND_WORDS[kind]}</a></p>
      <h1>${subjectOf(item, view)}</h1>
      ${complaint(fault)} ${state !== "open" && outcome(view)}
      <p class="quiet">Found ${moment(item.createdAt, view.locale)}.</p>
      ${
        sides.right !== undefined &&
        html`<h2>Side by side</h2>
          ${pairTable(base, sides)}`
      }
      ${sides.right === undefined && sides.left !== undefined && html`<p><a href="${localPath(base, entityPath(sides.left.kind, sides.left.id))}">The event’s own page</a></p>`}
      ${
        state === "open"
          ? forms(view)
          : kind === "conflict" &&
            sides.contrary.length > 0 &&
            html`<h2>What its sources say now</h2>
              ${claimTable(sides.contrary)}`
      }
      ${
        source !== undefined &&
        html`<h2>The source</h2>
          <p><a href="${localPath(base, `/admin/sources/${encodeURIComponent(source)}`)}">${source}</a></p>`
      }
      ${
        visits.length > 0 &&
        html`<h3>Its last visits</h3>
          ${visitTable(visits, view.locale)}`
      }
      ${
        rejects.length > 0 &&
        html`<h3>What was rejected last, and why</h3>
          <ul class="links">
            ${rejects.map(({ position, detail }) => html`<li>Item ${position + 1}: ${detail}</li>`)}
          </ul>`
      }
      ${
        kind !== "conflict" &&
        html`<h2>What the rules saw</h2>
          ${detailsList(item) || html`<p class="quiet">Nothing more.</p>`}`
      }`,
  });
}

function forms(view: ItemView): Html {
  const { item, sides } = view;
  const path = `/admin/review/${ulidOf(item.id)}`;
  const actions = ACTIONS_OF_KIND[item.kind].map((action) => [action, ACTION_WORDS[action]] as const);
  return html`<h2>Decide</h2>
    ${decisionForm(view, path, { id: "reason", actions, ...(item.kind === "conflict" && { first: html`<div class="scroll">${claimTable(sides.contrary, true)}</div>` }) })}`;
}

/** What was done about it, and the way back where there is one. */
function outcome(view: ItemView): Html {
  const { item, merge } = view;
  const { resolution, decidedBy, decidedAt, reason } = item;
  const what = (resolution ?? item.state).replaceAll("_", " ");
  return html`<div class="notices">
    <p class="notice" role="status">
      <strong>${what.charAt(0).toUpperCase() + what.slice(1)}</strong> by
      ${decidedBy ?? "nobody"}${decidedAt !== null && html`, ${moment(decidedAt, view.locale)}`}${reason !== null && html`. Reason: ${reason}`}
    </p>
    ${merge?.undoneAt != null && html`<p class="notice" role="status"><strong>Undone</strong> by ${merge.undoneBy ?? "nobody"}, ${moment(merge.undoneAt, view.locale)}. The two are remembered as two.</p>`}
    ${merge?.undoneAt === null && undoForm(view, merge, item.id)}
  </div>`;
}

/** The button that takes a merge back; `itemId` is the item to come back to. */
export function undoForm(view: AdminView, merge: Merge, itemId?: string): Html {
  const id = ulidOf(merge.id);
  const first = itemId !== undefined && html`<input type="hidden" name="item" value="${ulidOf(itemId)}" />`;
  return decisionForm(view, `/admin/merges/${id}/undo`, { id: `reason-${id}`, actions: [["undo", "Undo the merge"]], first });
}

/** What a person looks at first; the rest follows in the order of the documents. */
const FIRST = ["name", "startDate", "endDate", "location", "organizer"];

/** Leaves by member, without the types of nested nodes that are the same on both sides. */
function inReadingOrder(compared: Sides["compared"]): Sides["compared"] {
  const told = compared.filter(({ pointer, differs }) => differs || !/.\/@type$/.test(pointer));
  const rank = (pointer: string) => {
    const at = FIRST.indexOf(pointer.split("/")[1] ?? "");
    return at === -1 ? FIRST.length : at;
  };
  return told.toSorted((a, b) => rank(a.pointer) - rank(b.pointer));
}

function pairTable(base: string, { left, right, compared }: Sides): Html {
  const head = (state: AnyState | undefined) =>
    state &&
    html`<th scope="col">
      <a href="${localPath(base, entityPath(state.kind, state.id))}">${state.name}</a> <span class="quiet nowrap">${ulidOf(state.id)}</span>
    </th>`;
  let member: string | undefined;
  return html`<div class="scroll">
    <table class="compare pair">
      <thead>
        <tr>
          <th scope="col">Field</th>
          ${head(left)}${head(right)}
        </tr>
      </thead>
      <tbody>
        ${inReadingOrder(compared).map((leaf) => {
          const isFirst = member !== (member = leaf.pointer.split("/")[1]);
          const [one, other] = leaf.differs
            ? markWords(leafText(leaf.left) ?? "", leafText(leaf.right) ?? "")
            : [leafText(leaf.left), leafText(leaf.right)];
          return html`<tr ${!leaf.differs && html` class="same"`}>
            <th scope="row">${leaf.pointer.slice(1)}</th>
            <td>${"left" in leaf ? one : nothing}${isFirst && told(leaf.leftSources)}</td>
            <td>${"right" in leaf ? other : nothing}${isFirst && told(leaf.rightSources)}</td>
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

const nothing = html`<span class="quiet">not given</span>`;
const told = (speakers: readonly Speaker[]): Part =>
  speakers.length > 0 && html`<p class="quiet">${speakers.map(({ source, trust }) => `${source} (trust ${trust})`).join(", ")}</p>`;

/** The claims field by field, the best first; with `choose`, each can be chosen. */
function claimTable(contrary: readonly ContraryField[], choose = false): Html {
  let n = 0;
  const rows = contrary.flatMap(({ field, contested, claims }) => {
    const best = claims.find(({ wins }) => wins) ?? claims[0];
    return claims.map((claim, at) => {
      const id = `claim-${n++}`;
      const text = "value" in claim ? (leafText(claim.value) ?? "") : undefined;
      const shown =
        text !== undefined && claim !== best && best !== undefined && "value" in best
          ? markWords(leafText(best.value) ?? "", text)[1]
          : text;
      const source = html`${claim.source} <span class="quiet">(trust ${claim.trust}${claim.pinned && ", pinned"})</span>`;
      return html`<tr>
        <th scope="row">${field.slice(1)}${at === 0 && contested && html` <span class="tag">undecided</span>`}</th>
        <td>
          ${choose ? html`<input type="radio" id="${id}" name="claim" value="${JSON.stringify([field.slice(1), claim.source])}" /> <label for="${id}">${source}</label>` : source}
        </td>
        <td>${shown ?? html`<span class="quiet">kept back by its license</span>`}${claim.wins && html` <span class="tag">shown</span>`}</td>
        <td>${moment(claim.observedAt)}</td>
      </tr>`;
    });
  });
  return html`<table class="compare">
    <thead>
      <tr>
        <th scope="col">Field</th>
        <th scope="col">Source</th>
        <th scope="col">Says</th>
        <th scope="col">Seen</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

/** Where an entity of a list is read; merged ones lead on. */
export const entityLink = (base: string, kind: AnyState["kind"], id: string, names: ItemNames["entities"]): Html =>
  html`<a href="${localPath(base, entityPath(kind, id))}">${names.get(id)?.name ?? uriOf(base, kind, { id })}</a>`;
