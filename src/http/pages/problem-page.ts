/**
 * A problem (RFC 9457) for people: what happened, why, and what to do next. Never a stack, never SQL.
 */
import { ERROR_CODES, type ErrorCode } from "../../domain/errors.ts";
import { formatDate } from "./format.ts";
import { DOCS_PATH, EVENTS_PATH, layout } from "./layout.ts";
import { externalLink, html, localPath, type Html } from "./markup.ts";
import type { ProblemPageView } from "./view.ts";

/** The whole document for a request that went wrong; the caller sets the status. */
export function problemPage(view: ProblemPageView): string {
  const { problem, tombstone, supersededBy, locale } = view;
  const title = tombstone?.name ? `${tombstone.name} is gone` : problem.title;
  return layout(view, {
    title,
    noindex: true,
    main: html`<p class="eyebrow">Error ${problem.status}</p>
      <h1>${title}</h1>
      <p class="lead">${problem.detail}</p>
      ${tombstone?.deletedAt && html`<p>It was removed on <time datetime="${tombstone.deletedAt}">${formatDate(tombstone.deletedAt, "UTC", locale)}</time>. Its address will not be given to anything else.</p>`}
      ${supersededBy && html`<p class="notice"><strong>Merged.</strong> It was the same as another entry, which goes on here: ${externalLink(supersededBy.uri, supersededBy.name ?? supersededBy.uri)}</p>`}
      ${
        problem.errors &&
        problem.errors.length > 0 &&
        html`<h2>What is wrong</h2>
          <ul class="links">
            ${problem.errors.map(({ pointer, detail }) => html`<li><code>${pointer || "/"}</code> ${detail}</li>`)}
          </ul>`
      }
      ${advice(view)}
      <p class="quiet">Code <code>${problem.code}</code>${view.requestId && html`, request <code>${view.requestId}</code>`}</p>`,
  });
}

function advice({ base, problem, retryAfter, requestId }: ProblemPageView): Html {
  const wait = retryAfter === undefined ? "a little later" : retryAfter === 1 ? "in one second" : `in ${retryAfter} seconds`;
  if (ERROR_CODES[problem.code as ErrorCode]?.retryable)
    return html`<p>
      Please try again
      ${wait}.${problem.status === 500 && requestId && ` If it happens again, tell the node’s keeper the request’s number below.`}
    </p>`;
  return html`<p>
    Go on to <a href="${localPath(base, EVENTS_PATH)}">the events</a>, <a href="${localPath(base, "/")}">the first page</a> or
    <a href="${localPath(base, DOCS_PATH)}">the API reference</a>.
  </p>`;
}
