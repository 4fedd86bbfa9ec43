/** What the search page is given, and the addresses that lead from one search to another. */
import type { FieldFault } from "../../domain/errors.ts";
import type { SearchAnswer } from "../../search/request.ts";
import { API_PATH } from "./layout.ts";
import { localPath } from "./markup.ts";
import { SEARCH_PATH } from "./search-box.ts";
import type { Period } from "./search-dates.ts";
import type { PageView } from "./view.ts";

export { SEARCH_PATH };
export const SEARCH_API_PATH = `${API_PATH}/events/search`;
export const SUGGEST_API_PATH = `${API_PATH}/events/suggest`;

/** A server of map pictures, as Leaflet names it: `https://tiles.example/{z}/{x}/{y}.png`. */
export interface Tiles {
  url: string;
  /** Plain text; whose map it is. */
  attribution?: string | undefined;
}

export type Query = Readonly<Record<string, string>>;

export interface SearchPageView extends PageView {
  /** What the visitor asked, without `after`: what the form and every link keep. */
  query: Query;
  /** The same in the API's own parameters: periods are dates. */
  asked: Query;
  period: Period | "dates";
  /** The day that it is on this node. */
  today: string;
  /** The cursor with which this page was asked for. */
  after?: string | undefined;
  /** Absent where the question could not be understood; `faults` say why. */
  answer?: SearchAnswer | undefined;
  faults?: readonly FieldFault[];
  tiles?: Tiles | undefined;
}

/** The address of a search: `changes` are set, or (undefined) taken out. */
export function searchAddress(base: string, query: Query, changes: Readonly<Record<string, string | undefined>> = {}): string {
  return address(localPath(base, SEARCH_PATH), { ...query, ...changes });
}

/** The same search at the API, in one of its formats. */
export function apiAddress({ base, asked }: Pick<SearchPageView, "base" | "asked">, format?: string): string {
  return address(localPath(base, SEARCH_API_PATH), { ...asked, format });
}

function address(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const filled = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== "");
  const text = new URLSearchParams(filled).toString();
  return text === "" ? path : `${path}?${text}`;
}
