/** The frame of the admin pages: where one can go, who one is, and the way out. All of it plain links and forms. */
import { adminSheet } from "../assets/client.ts";
import { formatDate, formatTime } from "./format.ts";
import { layout } from "./layout.ts";
import { html, localPath, type Html, type Part } from "./markup.ts";
import type { PageView } from "./view.ts";

export interface AdminView extends PageView {
  /** Who is signed in; absent on the form to sign in. */
  session?: { actor: string; formToken: string };
}

const SECTIONS = [
  ["/admin", "Overview"],
  ["/admin/review", "Review"],
  ["/admin/merges", "Merges"],
  ["/admin/sources", "Sources"],
  ["/admin/peers", "Peers"],
] as const;
export type AdminSection = (typeof SECTIONS)[number][0];

/** The whole document. `section` is where this page belongs. */
export function adminLayout(view: AdminView, { title, section, main }: { title: string; section?: AdminSection; main: Part }): string {
  const { base, session } = view;
  return layout(view, {
    title,
    noindex: true,
    head: html`<link rel="stylesheet" href="${localPath(base, adminSheet.path)}" />`,
    main: html`${
      session &&
      html`<div class="admin-nav">
        <nav aria-label="Admin">
          <ul>
            ${SECTIONS.map(([path, label]) => html`<li><a href="${localPath(base, path)}" ${path === section && html` aria-current="page"`}>${label}</a></li>`)}
          </ul>
        </nav>
        <form method="post" action="${localPath(base, "/admin/sign-out")}">
          ${tokenField(session)}<span class="quiet">${session.actor}</span><button>Sign out</button>
        </form>
      </div>`
    }
    ${main}`,
  });
}

/** The token without which no form of these pages is taken. */
export const tokenField = (session: AdminView["session"]): Html =>
  html`<input type="hidden" name="token" value="${session?.formToken ?? ""}" />`;

/** A form whose buttons are the actions; `id` is that of its field for the reason. */
export function decisionForm(
  view: AdminView,
  path: string,
  { id, actions, first }: { id: string; actions: readonly (readonly [value: string, label: string])[]; first?: Part },
): Html {
  return html`<form class="decide" method="post" action="${localPath(view.base, path)}">
    ${tokenField(view.session)}${first}
    <div><label for="${id}">Reason, for the audit log</label><input id="${id}" name="reason" maxlength="500" autocomplete="off" /></div>
    ${actions.map(([value, label], n) => html`<button name="action" value="${value}" ${n === 0 && html` class="first"`}>${label}</button>`)}
  </form>`;
}

/** What went wrong with the form that was sent just now. */
export const complaint = (fault: string | undefined): Html | false =>
  fault !== undefined && html`<p class="notice warning" role="alert"><strong>Not done.</strong>${fault}</p>`;

/** "Friday 8 May 2026, 10:00 pm UTC", for a moment of the node's own. */
export function moment(at: Date | string, locale?: string): Html {
  const iso = typeof at === "string" ? at : at.toISOString();
  return html`<time datetime="${iso}">${formatDate(iso, "UTC", locale, "short")}, ${formatTime(iso, "UTC", locale)} UTC</time>`;
}

/** "Older" under a list that goes on. */
export const older = (base: string, path: string, next: string | undefined): Html | false =>
  next !== undefined &&
  html`<p class="pager">
    <a href="${localPath(base, path)}${path.includes("?") ? "&" : "?"}after=${encodeURIComponent(next)}" rel="next">More</a>
  </p>`;
