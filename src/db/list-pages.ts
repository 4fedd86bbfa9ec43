/** What every list has in common: orders, keyset pages, and rows with the states that they show. */
import { sql } from "kysely";
import { utcText, type Sql } from "./event-conditions.ts";
import { kyselyOf, type Reader } from "./handle.ts";

/** One of ours by its uuid, or one of a peer's by the origin's @id. */
export type EntityRef = { id: string } | { uri: string };

export const EVENT_SORTS = ["start", "name", "updated", "created"] as const;
export const ENTITY_SORTS = ["name", "updated", "created"] as const;
export type EventSort = (typeof EVENT_SORTS)[number];
export type EntitySort = (typeof ENTITY_SORTS)[number];

export interface PageRequest<Sort extends string> {
  sort: Sort;
  descending: boolean;
  limit: number;
  /** The last row of the page before. */
  after?: RowKey;
}

/** Where a row stands: `key` is what it was sorted by, an instant in UTC with microseconds or a name; `which` of the event's occurrences it is. */
export interface RowKey {
  key: string;
  id: string;
  which?: string;
}
export interface ListRow<State> extends RowKey {
  state: State;
  /** Of the occurrence that matched: its local date. */
  localDate?: string;
}
export interface ListPage<State> {
  rows: ListRow<State>[];
  more: boolean;
  /** Of a list beyond the horizon of recurring events that does not tell all of them: the instant up to which it does, or none. */
  cut?: { until?: string };
}

/** The rows that `found` selects (id, key, which, local_date; one more than the page has), with their states: both of one moment. */
export async function readPage<State>(on: Reader, kind: string, found: Sql, page: PageRequest<string>): Promise<ListPage<State>> {
  const order = directionOf(page);
  const text = page.sort === "name" ? sql`page.key` : utcText(sql`page.key`);
  const { rows } = await sql<{ id: string; key: string; which: string | null; localDate: string | null; state: State }>`
    with page as materialized (${found})
    select page.id, ${text} as key, page.which, page.local_date as "localDate", s.state
    from page join entity_states(${sql.lit(kind)}, array(select distinct id from page)) s on s.id = page.id
    order by page.key ${order}, page.id ${order}, page.which ${order}`.execute(kyselyOf(on));
  return {
    rows: rows.slice(0, page.limit).map(({ localDate, which, ...row }) => ({
      ...row,
      ...(localDate !== null && { localDate }),
      ...(which !== null && { which }),
    })),
    more: rows.length > page.limit,
  };
}

export const directionOf = ({ descending }: { descending: boolean }): Sql => (descending ? sql`desc` : sql`asc`);

export function keyOf(sort: EntitySort, alias: "e" | "p"): Sql {
  const column = (name: string) => sql.ref(`${alias}.${name}`);
  // The "C" collation sorts alike on every database; names are compared without regard to case.
  if (sort === "name") return sql`(lower(${column("name")}) collate "C")`;
  return sql`${column(sort === "updated" ? "updated_at" : "created_at")}`;
}

/** What stands behind the page before. */
export function beyond({ after, descending, sort }: PageRequest<string>, key: Sql, id: Sql, which?: Sql): Sql {
  if (after === undefined) return sql`true`;
  const last = sort === "name" ? sql`(${after.key}::text collate "C")` : sql`${after.key}::timestamptz`;
  const than = descending ? sql`<` : sql`>`;
  return which === undefined || after.which === undefined
    ? sql`(${key}, ${id}) ${than} (${last}, ${after.id}::uuid)`
    : sql`(${key}, ${id}, ${which}) ${than} (${last}, ${after.id}::uuid, ${after.which}::text collate "C")`;
}
