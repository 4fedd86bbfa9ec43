/** The overview and the queue: what waits, and one line about each item. */
import { ulidOf } from "../../domain/iri.ts";
import type { NamedEntity } from "../../db/admin-views.ts";
import { REVIEW_KINDS, type ReviewItem, type ReviewKind, type ReviewState } from "../../db/reviews.ts";
import { adminLayout, moment, older, type AdminView } from "./admin-layout.ts";
import { html, join, localPath, type Html, type Part } from "./markup.ts";

export const KIND_WORDS = {
  duplicate: "Possible duplicates",
  conflict: "Contradictions",
  withdrawn: "Events nobody speaks for",
  silent: "Silent or failing sources",
  empty: "Sources suddenly empty",
  rejects: "Sources with rejects",
} as const satisfies Record<ReviewKind, string>;

/** Names of what items are about. */
export interface ItemNames {
  entities: ReadonlyMap<string, NamedEntity>;
  sources: ReadonlyMap<string, string>;
}

export interface QueueView extends AdminView, ItemNames {
  kind?: ReviewKind | undefined;
  state: ReviewState;
  source?: string | undefined;
  items: readonly ReviewItem[];
  /** The id (ULID) after which the next page begins. */
  next?: string | undefined;
}

/** The whole document for `/admin`. */
export function adminHomePage(view: AdminView & { counts: Partial<Record<ReviewKind, number>> }): string {
  const { base, counts } = view;
  const open = REVIEW_KINDS.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0);
  return adminLayout(view, {
    title: "Admin",
    section: "/admin",
    main: html`<h1>${open === 0 ? "Nothing waits for you" : open === 1 ? "One thing to look at" : `${open} things to look at`}</h1>
      <dl class="counts">
        ${REVIEW_KINDS.map(
          (kind) =>
            html`<div>
              <dt><a href="${queuePath(base, { kind })}">${KIND_WORDS[kind]}</a></dt>
              <dd>${counts[kind] ?? 0}</dd>
            </div>`,
        )}
      </dl>
      <p class="pager"><a href="${localPath(base, "/admin/review")}">All of it, the newest first</a></p>`,
  });
}

/** The whole document for `/admin/review`. */
export function queuePage(view: QueueView): string {
  const { base, kind, state, items, source } = view;
  const title = kind === undefined ? "To be reviewed" : KIND_WORDS[kind];
  const link = (to: Parameters<typeof queuePath>[1], label: string, current: boolean) =>
    html`<li><a href="${queuePath(base, to)}" ${current && html` aria-current="true"`}>${label}</a></li>`;
  return adminLayout(view, {
    title,
    section: "/admin/review",
    main: html`<h1>${title}</h1>
      ${source !== undefined && html`<p class="lead">About ${source}</p>`}
      <ul class="inline">
        ${link({ state, source }, "All", kind === undefined)}
        ${REVIEW_KINDS.map((one) => link({ kind: one, state, source }, KIND_WORDS[one], one === kind))}
      </ul>
      <ul class="inline">
        ${(["open", "resolved", "dismissed"] as const).map((one) => link({ kind, state: one, source }, STATE_WORDS[one], one === state))}
      </ul>
      ${
        items.length === 0
          ? html`<p class="quiet">There is nothing of this here.</p>`
          : html`<ul class="queue">
              ${items.map(
                (item) =>
                  html`<li>
                    <p><a href="${itemPath(base, item)}">${subjectOf(item, view)}</a></p>
                    <p class="quiet">${join([KIND_WORDS[item.kind], ...gistOf(item), moment(item.createdAt, view.locale)], " · ")}</p>
                  </li>`,
              )}
            </ul>`
      }
      ${older(base, `/admin/review${queryOf({ kind, state, source })}`, view.next)}`,
  });
}

const STATE_WORDS = { open: "Open", resolved: "Resolved", dismissed: "Dismissed" } as const satisfies Record<ReviewState, string>;

export const itemPath = (base: string, { id }: Pick<ReviewItem, "id">): string => localPath(base, `/admin/review/${ulidOf(id)}`);
export const queuePath = (base: string, query: Readonly<Record<string, string | undefined>>): string =>
  localPath(base, "/admin/review") + queryOf(query);

function queryOf(query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined || value === "open" ? [] : [[name, value]]));
  const text = new URLSearchParams(given as [string, string][]).toString();
  return text === "" ? "" : `?${text}`;
}

/** What the item is about, by name. */
export function subjectOf({ entityId, otherId, sourceId }: ReviewItem, { entities, sources }: ItemNames): string {
  const name = (id: string) => entities.get(id)?.name ?? "(unknown)";
  if (entityId !== null && otherId !== null) return `${name(entityId)} / ${name(otherId)}`;
  if (entityId !== null) return name(entityId);
  return sourceId === null ? "(unknown)" : (sources.get(sourceId) ?? "(unknown)");
}

/** What the rules found, in a few words. */
export function gistOf({ kind, entityKind, details }: ReviewItem): Part[] {
  const { rule, score, fields, actual } = details;
  if (kind === "duplicate")
    return [entityKind ?? "", typeof rule === "string" && `rule ${rule}`, typeof score === "number" && `score ${score.toFixed(2)}`].filter(
      (part) => part !== false,
    );
  if (Array.isArray(fields)) return [fields.join(", ")];
  return typeof actual === "string" ? [actual] : [];
}

/** In this order; jsonb keeps none. */
const DETAILS = ["state", "expected", "actual", "since", "rule", "score", "features", "contradictions"];

/** What the rules noted about the item, as a list of facts; what is no plain value is shown as JSON. */
export function detailsList({ details }: ReviewItem): Html | false {
  const known = DETAILS.flatMap((name) => (Object.hasOwn(details, name) ? [[name, details[name]] as const] : []));
  const others = Object.entries(details).filter(([name]) => !DETAILS.includes(name));
  const rows = [...known, ...others].filter(([, value]) => value !== null && !["[]", "{}", '""'].includes(JSON.stringify(value)));
  return (
    rows.length > 0 &&
    html`<dl class="facts">
      ${rows.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${plain(value)}</dd>
          </div>`,
      )}
    </dl>`
  );
}

function plain(value: unknown): Part {
  if (typeof value === "string" || typeof value === "number") return value;
  if (typeof value === "object" && value !== null && Object.values(value).every((each) => typeof each !== "object" || each === null))
    return Array.isArray(value)
      ? value.join(", ")
      : Object.entries(value)
          .map(([name, each]) => `${name} ${String(each)}`)
          .join(", ");
  return JSON.stringify(value);
}
