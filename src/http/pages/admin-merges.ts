/** Merges, the newest first, each with the way back. */
import type { Merge } from "../../db/merges.ts";
import { complaint, adminLayout, moment, older, type AdminView } from "./admin-layout.ts";
import { entityLink, undoForm } from "./admin-item.ts";
import type { ItemNames } from "./admin-queue.ts";
import { html } from "./markup.ts";

export interface MergesView extends AdminView, Pick<ItemNames, "entities"> {
  merges: readonly Merge[];
  next?: string | undefined;
  fault?: string | undefined;
}

/** The whole document for `/admin/merges`. */
export function mergesPage(view: MergesView): string {
  const { base, merges, entities, locale } = view;
  return adminLayout(view, {
    title: "Merges",
    section: "/admin/merges",
    main: html`<h1>Merges</h1>
      ${complaint(view.fault)}
      ${
        merges.length === 0
          ? html`<p class="quiet">Nothing was merged yet.</p>`
          : html`<ul class="queue">
              ${merges.map(
                (merge) =>
                  html`<li>
                    <p>
                      ${entityLink(base, merge.kind, merge.goneId, entities)} into ${entityLink(base, merge.kind, merge.keptId, entities)}
                    </p>
                    <p class="quiet">
                      ${merge.kind}, by ${merge.actor}${merge.rule !== null && `, rule ${merge.rule}`},
                      ${moment(merge.mergedAt, locale)}${merge.reason !== null && `. Reason: ${merge.reason}`}
                    </p>
                    ${merge.undoneAt === null ? undoForm(view, merge) : html`<p class="quiet">Undone by ${merge.undoneBy ?? "nobody"}, ${moment(merge.undoneAt, locale)}.</p>`}
                  </li>`,
              )}
            </ul>`
      }
      ${older(base, "/admin/merges", view.next)}`,
  });
}
