/** The words of a search against those of the index: their tsqueries, how common they are, what a typing error may have meant, completions. */
import { sql } from "kysely";
import { kyselyOf, type Reader } from "./handle.ts";

/**
 * For each term, said in one or several ways, the text of the tsquery that any of them matches; empty where nothing of
 * it is a word. `[["gig", "concert"], ["jazz"]]` -> `["'gig' | 'concert'", "'jazz'"]`.
 */
export async function matchesOf(on: Reader, terms: readonly (readonly string[])[]): Promise<string[]> {
  if (terms.length === 0) return [];
  const { rows } = await sql<{ match: string }>`
    select coalesce((select string_agg(distinct q::text, ' | ') from json_array_elements_text(term) said, term_query(said) q where numnode(q) > 0), '') as match
    from json_array_elements(${JSON.stringify(terms)}::json) with ordinality t (term, n) order by n`.execute(kyselyOf(on));
  return rows.map(({ match }) => match);
}

/** Share of the events that have each of the most common lexemes, by the statistics that ANALYZE keeps; empty before its first run. */
export async function commonLexemes(on: Reader): Promise<{ events: number; shares: Map<string, number> }> {
  const { rows } = await sql<{ events: number; lexemes: string[] | null; shares: number[] | null }>`
    select greatest(c.reltuples, 0)::float8 as events, s.most_common_elems::text::text[] as lexemes, s.most_common_elem_freqs::float8[] as shares
    from pg_class c left join pg_stats s on s.schemaname = c.relnamespace::regnamespace::text and s.tablename = c.relname and s.attname = 'words'
    where c.oid = 'event_search'::regclass`.execute(kyselyOf(on));
  const [{ events, lexemes, shares } = { events: 0, lexemes: null, shares: null }] = rows;
  return { events, shares: new Map((lexemes ?? []).map((lexeme, i) => [lexeme, shares![i]!])) };
}

/** What a word that no name has may have been meant to be: likely ones, best first by likeness. A known word is not in the answer. */
export async function likelyWords(on: Reader, words: readonly string[]): Promise<Map<string, { word: string; uses: number }[]>> {
  const { rows } = await sql<{ typed: string; word: string; uses: number }>`
    select t.typed, c.word, c.uses
    from (select typed, plain(typed) as word from unnest(${[...words]}::text[]) typed) t cross join lateral (
      (select s.word, s.uses from search_words s where s.word % t.word order by similarity(s.word, t.word) desc, s.uses desc, s.word limit 40)
      union
      -- Two letters that changed places leave a short word hardly a trigram in common.
      (select s.word, s.uses from search_words s
        where length(t.word) <= 6 and s.word >= left(t.word, 1) collate "C" and s.word < (left(t.word, 1) || chr(1114111)) collate "C"
          and length(s.word) between length(t.word) - 1 and length(t.word) + 1 order by s.uses desc, s.word limit 500)
    ) c
    where not exists (select from search_words s where s.word = t.word)`.execute(kyselyOf(on));
  const likely = new Map<string, { word: string; uses: number }[]>();
  for (const { typed, ...one } of rows) likely.set(typed, [...(likely.get(typed) ?? []), one]);
  return likely;
}

export interface NameMatch {
  text: string;
  kind: "word" | "event" | "place" | "organization" | "person";
  id: string | null;
  federationUri: string | null;
}

/** Completions of what is being typed: of its last word, and names that begin with all of it. Each kind by its index. */
export async function completions(on: Reader, text: string, limit: number): Promise<NameMatch[]> {
  const begun = text.slice(0, text.search(/\S+$/u));
  const last = text.slice(begun.length);
  const like = (of: string) => `${of.replaceAll(/[\\%_]/g, "\\$&")}%`;
  const named = (table: "places" | "organizations" | "persons", kind: string) => sql`(
    select min(n.name) as text, ${kind}::text as kind, (array_agg(n.id order by n.id))[1] as id, null::text as "federationUri", 2 as place, 0 as uses
    from (select n.name, n.id from ${sql.table(table)} n where lower(n.name) like lower(${like(text)}) and n.deleted_at is null and n.merged_into_id is null
      order by lower(n.name) using ~<~ limit ${limit}) n group by lower(n.name))`;
  const { rows } = await sql<NameMatch>`
    select s.text, s.kind, s.id, case s.kind
        when 'event' then (select federation_uri from events where id = s.id) when 'place' then (select federation_uri from places where id = s.id)
        when 'organization' then (select federation_uri from organizations where id = s.id) when 'person' then (select federation_uri from persons where id = s.id)
      end as "federationUri"
    from (
      (select ${begun} || s.word as text, 'word' as kind, null::uuid as id, null::text as "federationUri", 0 as place, s.uses from search_words s
        where s.word >= plain(${last}) collate "C" and s.word < (plain(${last}) || chr(1114111)) collate "C" order by s.uses desc, s.word limit ${limit})
      union all
      (select min(e.name), 'event', (array_agg(e.id order by e.id desc))[1], null, 1, 0 from (
          select d.event_id, d.name from event_search d
          where d.name >= plain(${text}) collate "C" and d.name < (plain(${text}) || chr(1114111)) collate "C" and d.public order by d.name limit ${limit * 5}) d
        join events e on e.id = d.event_id group by d.name limit ${limit})
      union all ${named("places", "place")} union all ${named("organizations", "organization")} union all ${named("persons", "person")}
    ) s
    order by s.place, s.uses desc, s.text, s.id limit ${limit * 3}`.execute(kyselyOf(on));
  return rows;
}

/** Counts the words of names anew and has the statistics made that rank and plan by. Reads every row: for a nightly job. */
export async function refreshWords(on: Reader): Promise<void> {
  await sql`select count_words()`.execute(kyselyOf(on));
  await sql`analyze event_search`.execute(kyselyOf(on));
}

/** Makes the index of the next `limit` events after `after` anew; resolves with the last one's id, undefined at the end. */
export async function reindexNext(
  on: Reader,
  after: string | undefined,
  limit: number,
): Promise<{ last: string; events: number } | undefined> {
  const { rows } = await sql<{ last: string | null; events: number }>`
    with next as materialized (select id from events where id > ${after ?? "00000000-0000-0000-0000-000000000000"}::uuid order by id limit ${limit}),
    done as materialized (select index_events(array(select id from next)))
    select (select max(id::text) from next) as last, (select count(*)::int from next) as events from done`.execute(kyselyOf(on));
  const [{ last, events } = { last: null, events: 0 }] = rows;
  return last === null ? undefined : { last, events };
}
