/** Sources at a glance, and one of them in full: what it is trusted with, how its visits went, and whether it may speak. */
import type { SourceOverview, VisitOverview } from "../../db/admin-views.ts";
import { adminLayout, complaint, decisionForm, moment, older, type AdminView } from "./admin-layout.ts";
import { fact } from "./layout.ts";
import { externalLink, html, localPath, type Html, type Part } from "./markup.ts";
import { queuePath } from "./admin-queue.ts";
import { LICENSE_WORDS } from "./words.ts";

const sourcePath = (name: string): string => `/admin/sources/${encodeURIComponent(name)}`;

/** The whole document for `/admin/sources`. */
export function sourcesPage(view: AdminView & { sources: readonly SourceOverview[]; next?: string | undefined }): string {
  const { base, sources, locale } = view;
  return adminLayout(view, {
    title: "Sources",
    section: "/admin/sources",
    main: html`<h1>Sources</h1>
      <div class="scroll" tabindex="0" role="group" aria-label="Sources">
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Trust</th>
              <th scope="col">Kind</th>
              <th scope="col">State</th>
              <th scope="col">Last visit</th>
              <th scope="col">To review</th>
            </tr>
          </thead>
          <tbody>
            ${sources.map(
              (source) =>
                html`<tr>
                  <th scope="row"><a href="${localPath(base, sourcePath(source.name))}">${source.name}</a></th>
                  <td>${source.trustLevel}</td>
                  <td>${source.type}</td>
                  <td>${stateOf(source)}</td>
                  <td>
                    ${source.lastVisit === null ? html`<span class="quiet">none</span>` : html`${moment(source.lastVisit.startedAt, locale)}, ${source.lastVisit.outcome ?? "under way"}`}
                  </td>
                  <td>${source.openItems > 0 ? html`<a href="${queuePath(base, { source: source.name })}">${source.openItems}</a>` : 0}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${older(base, "/admin/sources", view.next)}`,
  });
}

/** The whole document for `/admin/sources/{name}`. */
export function sourcePage(
  view: AdminView & { source: SourceOverview; visits: readonly VisitOverview[]; fault?: string | undefined },
): string {
  const { base, source, visits, locale, fault } = view;
  const { harvest, withdrawnAt } = source;
  return adminLayout(view, {
    title: source.name,
    section: "/admin/sources",
    main: html`<p class="eyebrow">Source</p>
      <h1>${source.name}</h1>
      ${complaint(fault)}
      ${withdrawnAt !== null && html`<p class="notice warning"><strong>Withdrawn</strong> ${moment(withdrawnAt, locale)}: ${source.withdrawnReason ?? "no reason given"}. It says nothing any more.</p>`}
      <dl class="facts">
        ${fact("Trust", `${source.trustLevel} of 10`)} ${fact("Kind", source.type)} ${fact("License", LICENSE_WORDS[source.licenseStatus])}
        ${fact("Website", source.baseUrl !== null && externalLink(source.baseUrl))} ${fact("Contact", source.contact ?? undefined)}
        ${fact("Visited", harvest !== null && [`every ${harvest.everyMinutes} minutes, as ${harvest.format}: `, externalLink(harvest.url)])}
        ${fact("Next visit", harvest?.enabled === true && moment(harvest.nextVisitAt, locale))}
        ${fact("To review", source.openItems > 0 && html`<a href="${queuePath(base, { source: source.name })}">${source.openItems}</a>`)}
      </dl>
      ${
        visits.length > 0 &&
        html`<h2>Last visits</h2>
          ${visitTable(visits, locale)}`
      }
      <h2>${withdrawnAt === null ? "Withdraw it" : "Let it speak again"}</h2>
      <p>
        ${withdrawnAt === null ? "What it says does not count any more: the next best source wins, and events that nobody else speaks for go out of sight. Its records stay, and it can be reinstated." : "What it said last counts again."}
      </p>
      ${decisionForm(view, sourcePath(source.name), { id: "reason", actions: [withdrawnAt === null ? ["withdraw", "Withdraw the source"] : ["reinstate", "Reinstate the source"]] })}`,
  });
}

function stateOf({ withdrawnAt, harvest }: SourceOverview): Part {
  if (withdrawnAt !== null) return html`<span class="tag">withdrawn</span>`;
  if (harvest === null) return "sends";
  if (!harvest.enabled) return "visits paused";
  return harvest.failures > 0 ? html`<span class="tag">failing</span>` : "visited";
}

/** Visits, the newest first, with what each brought. */
export function visitTable(visits: readonly VisitOverview[], locale?: string): Html {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Visits">
    <table>
      <thead>
        <tr>
          ${["When", "Outcome", "Found", "New", "Updated", "Rejected", "Missing", "Trouble"].map((label) => html`<th scope="col">${label}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${visits.map(
          (visit) =>
            html`<tr>
              <td>${moment(visit.startedAt, locale)}</td>
              <td>${visit.outcome ?? "under way"}${visit.httpStatus !== null && ` (${visit.httpStatus})`}</td>
              ${[visit.found, visit.created, visit.updated, visit.rejected, visit.missing].map((count) => html`<td>${count}</td>`)}
              <td>${visit.trouble ?? ""}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
