/** The search's form: one field for words, the usual spans of days as links, the finer fields folded. All of it plain GET. */
import { html, localPath, type Html } from "./markup.ts";
import { MOST_CHARACTERS, SEARCH_PATH } from "./search-box.ts";
import { PERIOD_WORDS, PERIODS } from "./search-dates.ts";
import { searchAddress, SUGGEST_API_PATH, type SearchPageView } from "./search-view.ts";

/** The fields beneath the words; any other parameter is kept in hidden fields. */
const FINER_FIELDS = ["city", "startDate", "endDate", "free"];

/** The form with what was asked kept in it, and what is wrong with a field said at that field. */
export function searchForm(view: SearchPageView): Html {
  const { base, query } = view;
  const value = (name: string) => query[name] ?? "";
  const kept = Object.entries(query).filter(([name]) => name !== "q" && !FINER_FIELDS.includes(name));
  // What is in force is said above the results; the fields open by themselves only where one must be mended.
  const mend = FINER_FIELDS.some((name) => faultOf(view, name) !== undefined);
  const date = (name: string, label: string) =>
    html`<div>
      <label for="${name}">${label}</label
      ><input id="${name}" name="${name}" type="date" value="${value(name)}" ${invalid(view, name)} />${complaint(view, name)}
    </div>`;
  return html`<form class="search-form" method="get" action="${localPath(base, SEARCH_PATH)}" role="search" aria-label="Events">
    <div class="ask">
      <label class="unseen" for="q">Search events</label
      ><input
        id="q"
        name="q"
        type="search"
        value="${value("q")}"
        maxlength="${MOST_CHARACTERS}"
        autocomplete="off"
        autocapitalize="none"
        placeholder="What, who or where"
        data-suggest="${localPath(base, SUGGEST_API_PATH)}"
        ${invalid(view, "q")}
      />
      <button>Search</button>
    </div>
    ${complaint(view, "q")}
    <div class="more">
      <details class="finer" ${mend && html` open`}>
        <summary>Place, days and price</summary>
        <div class="fields">
          <div>
            <label for="city">City</label
            ><input
              id="city"
              name="city"
              value="${value("city")}"
              autocomplete="address-level2"
              ${invalid(view, "city")}
            />${complaint(view, "city")}
          </div>
          ${date("startDate", "From")}${date("endDate", "Until")}
          <div>
            <label for="free">Price</label
            ><select id="free" name="free" ${invalid(view, "free")}>
              ${(
                [
                  ["", "Any price"],
                  ["true", "Free"],
                  ["false", "Not free"],
                ] as const
              ).map(
                ([choice, label]) => html`<option value="${choice}" ${choice === value("free") && html` selected`}>${label}</option>`,
              )}</select
            >${complaint(view, "free")}
          </div>
        </div>
      </details>
    </div>
    ${kept.map(([name, each]) => html`<input type="hidden" name="${name}" value="${each}" />`)}
  </form>`;
}

/** The spans of days as links; the one in force is marked by more than its colour. */
export function periodLinks({ base, query, period }: SearchPageView): Html {
  return html`<nav class="chips" aria-label="When">
    <ul>
      ${PERIODS.map((each) => {
        const days = { startDate: undefined, endDate: undefined, when: each === "upcoming" ? undefined : each };
        return html`<li>
          <a href="${searchAddress(base, query, days)}" ${each === period && html` aria-current="true"`}>${PERIOD_WORDS[each]}</a>
        </li>`;
      })}
    </ul>
  </nav>`;
}

/** What is wrong with parameters that have no field here, and with the cursor: above the results. */
export function otherComplaints(view: SearchPageView): Html | undefined {
  const others = (view.faults ?? []).filter(({ pointer }) => !["q", ...FINER_FIELDS].includes(pointer.slice(1)));
  if (others.length === 0) return undefined;
  return html`<div role="alert">${others.map(({ detail }) => html`<p class="fault">${detail}</p>`)}</div>`;
}

function faultOf({ faults = [] }: SearchPageView, name: string): string | undefined {
  const found = faults.find(({ pointer }) => pointer === `/${name}`)?.detail;
  return found?.startsWith(`${name}: `) ? found.slice(name.length + 2) : found;
}

function invalid(view: SearchPageView, name: string): Html | false {
  return faultOf(view, name) !== undefined && html` aria-invalid="true" aria-describedby="${name}-fault"`;
}

function complaint(view: SearchPageView, name: string): Html | false {
  const fault = faultOf(view, name);
  return fault !== undefined && html`<p class="fault" id="${name}-fault"><strong>Not usable:</strong> ${fault}</p>`;
}
