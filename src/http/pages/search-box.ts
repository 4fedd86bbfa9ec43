/** The search field that stands on other pages than the search page: in the header, and on the first page. */
import { html, localPath, type Html } from "./markup.ts";

export const SEARCH_PATH = "/search";
/** As much as search takes. */
export const MOST_CHARACTERS = 1000;

/** `label` names the landmark, `id` the field; both once in a page. */
export function searchBox(base: string, id: string, label: string): Html {
  return html`<form class="search-box" method="get" action="${localPath(base, SEARCH_PATH)}" role="search" aria-label="${label}">
    <label class="unseen" for="${id}">Search events</label
    ><input id="${id}" name="q" type="search" maxlength="${MOST_CHARACTERS}" placeholder="Search events" autocapitalize="none" /><button>
      Search
    </button>
  </form>`;
}
