/** What is told of the hits of a page, and of all that was found: marked texts, matched words, facets, origins. */
import { sql } from "kysely";
import { kyselyOf, type Reader } from "./handle.ts";
import { found, type Wanted } from "./search-found.ts";

/** Private control characters around what matched: no text holds them (they are stripped when it comes in). */
const START = "\u0002";
const STOP = "\u0003";

export interface Marked {
  id: string;
  /** Places in `terms`. */
  matched: number[];
  /** Texts with what matched between U+0002 and U+0003; null where nothing did. */
  name: string | null;
  description: string | null;
}

/** Which terms each event has, and its name and a piece of its description with them marked. Texts that may not be shown are not marked. */
export async function readMarks(on: Reader, ids: readonly string[], terms: readonly string[]): Promise<Map<string, Marked>> {
  if (ids.length === 0 || terms.length === 0) return new Map();
  const any = terms.map((term) => `(${term})`).join(" | ");
  const marked = `StartSel="${START}", StopSel="${STOP}"`;
  const { rows } = await sql<Marked>`
    select d.event_id as id,
      array(select n::int - 1 from unnest(${[...terms]}::text[]::tsquery[]) with ordinality t (term, n) where d.words @@ term order by n) as matched,
      case when ts_filter(d.words, '{a}') @@ q then ts_headline(config, e.name, q, ${`HighlightAll=true, ${marked}`}) end as name,
      case when ts_filter(d.words, '{d}') @@ q then ts_headline(config, left(e.description, 4000), q, ${`MaxFragments=1, MaxWords=32, MinWords=16, ${marked}`}) end as description
    from event_search d join events e on e.id = d.event_id,
      lateral (select ${any}::tsquery as q, ('calends_' || coalesce(d.language, 'en'))::regconfig as config) c
    where d.event_id = any (${[...ids]}::uuid[])`.execute(kyselyOf(on));
  return new Map(rows.map((row) => [row.id, row]));
}

/** U+0002-marked text as pieces. */
export function pieces(text: string): { text: string; marked: boolean }[] {
  return text
    .split(/(\u0002[^\u0003]*\u0003)/)
    .filter((piece) => piece !== "")
    .map((piece) => (piece.startsWith(START) ? { text: piece.slice(1, -1), marked: true } : { text: piece, marked: false }));
}

/** How many found events bear each tag with one of these prefixes; of at most `bound` events, which `counted` tells. */
export async function countFacets(
  on: Reader,
  wanted: Wanted,
  prefixes: readonly string[],
  bound: number,
): Promise<{ counted: number; facets: { tag: string; count: number }[] }> {
  const { rows } = await sql<{ counted: number; facets: { tag: string; count: number }[] | null }>`
    with found as materialized (select f.tags from (${found(wanted, "tags")}) f limit ${bound}),
    counts as (
      select tag, count(*)::int as count, row_number() over (partition by split_part(tag, ':', 1) order by count(*) desc, tag) as place
      from found f, unnest(f.tags) tag where split_part(tag, ':', 1) = any (${[...prefixes]}::text[]) group by tag)
    select (select count(*)::int from found) as counted,
      (select json_agg(json_build_object('tag', tag, 'count', count) order by count desc, tag) from counts where place <= 30) as facets`.execute(
    kyselyOf(on),
  );
  return { counted: rows[0]!.counted, facets: rows[0]!.facets ?? [] };
}

/** How far this node trusts the nodes that events came from. */
export async function trustOfNodes(on: Reader): Promise<Map<string, number>> {
  const { rows } = await sql<{ url: string; trust: number }>`select base_url as url, trust_level as trust from federation_nodes`.execute(
    kyselyOf(on),
  );
  return new Map(rows.map(({ url, trust }) => [url, trust]));
}

/** Our id of what a peer calls by this @id; a random uuid's place is taken by nothing, so an unknown one finds nothing. */
export async function idsOfUri(on: Reader, uri: string, tables: readonly ("places" | "organizations" | "persons")[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`${sql.join(
    tables.map((table) => sql`select id from ${sql.table(table)} where federation_uri = ${uri}`),
    sql` union all `,
  )}`.execute(kyselyOf(on));
  return rows.map(({ id }) => id);
}

/** The stored vector of an event, as text. */
export async function vectorOf(on: Reader, eventId: string, modelId: number): Promise<string | undefined> {
  const { rows } = await sql<{
    vector: string;
  }>`select embedding::text as vector from event_embeddings where event_id = ${eventId}::uuid and model_id = ${modelId}`.execute(
    kyselyOf(on),
  );
  return rows[0]?.vector;
}
