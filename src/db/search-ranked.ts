/**
 * Pages of a search. Two statements do it all: `readTier` ranks a bounded stretch of what was found and gives one page
 * of it; `readHead` fuses the legs (words, intent, meaning) into one order. Both answer in one row, so that the page
 * and what is said about it are of one moment.
 */
import { sql } from "kysely";
import { allOf, utcText, type Sql } from "./event-conditions.ts";
import { kyselyOf, type Reader } from "./handle.ts";
import { found, indexed, needsRows, type Bound, type Wanted } from "./search-found.ts";

/** How deep each leg goes. */
export const DEPTH = 60;

/** What is ranked by: the query's terms and what each weighs, and the query as a name might hold it. */
export interface Ranking {
  terms: readonly { match: string; weight: number }[];
  /** Plain text; an event whose name holds it comes before those that have its words elsewhere. */
  name: string;
}
export type Order = { by: "score"; ranking: Ranking } | { by: "start" | "distance"; descending: boolean };

export interface Found {
  id: string;
  /** Of the first matching occurrence: its instant in UTC with microseconds, and its local date. */
  start: string;
  localDate: string;
  distance: number | null;
  score: number | null;
}
export interface TierPage {
  rows: Found[];
  /** Whether this tier goes on after the page. */
  more: boolean;
  /** How many candidates the tier has; at most `bound`. */
  candidates: number;
  /** Where the tier was cut because it had more than `bound`. */
  cut: Bound | null;
}

const MATERIALIZED = sql`as materialized`;

/** One page of what was found in `wanted.tier`, in this order, behind `after`; of at most `bound` candidates. */
export async function readTier(
  on: Reader,
  wanted: Wanted,
  order: Order,
  page: { limit: number; after: { key: string | number; id: string } | undefined; bound: number },
): Promise<TierPage> {
  const axis = order.by === "distance" ? "distance" : "start";
  const axisKey = axis === "distance" ? sql`distance` : sql`start_at`;
  // Behind the present, the candidates are the latest; a descending list is cut at its far end as well.
  const backwards = wanted.tier?.backwards === true;
  const along = backwards ? sql`desc` : sql`asc`;
  const key = order.by === "score" ? sql`score` : order.by === "start" ? sql`start_at` : sql`distance`;
  const down = order.by === "score" || order.descending;
  const direction = down ? sql`desc` : sql`asc`;
  // By relevance the better ones come first, and of equals the lower id.
  const beyond =
    page.after === undefined
      ? sql`true`
      : order.by === "score"
        ? sql`(score < ${page.after.key}::double precision or (score = ${page.after.key}::double precision and id > ${page.after.id}::uuid))`
        : sql`(${key}, id) ${down ? sql`<` : sql`>`} (${page.after.key}::${order.by === "start" ? sql`timestamptz` : sql`double precision`}, ${page.after.id}::uuid)`;
  const idDirection = order.by === "score" ? sql`asc` : direction;
  const { rows } = await sql<{ rows: Found[] | null; candidates: number; cut: Bound | null }>`
    with found ${MATERIALIZED} (
      select * from (${found(wanted, order.by === "score" ? "words" : "id")}) f order by ${axisKey} ${along}, id ${along} limit ${page.bound + 1}
    ),
    cut as (select ${axisKey} as key, id from found order by ${axisKey} ${along}, id ${along} offset ${page.bound} limit 1),
    ranked as (
      select f.*, ${order.by === "score" ? scoreOf(order.ranking) : sql`null::double precision`} as score
      from found f where not exists (select from cut where (cut.key, cut.id) = (f.${axisKey}, f.id))
    ),
    page as (select * from ranked where ${beyond} order by ${key} ${direction}, id ${idDirection} limit ${page.limit + 1})
    select (select count(*)::int from ranked) as candidates,
      (select json_build_object('key', ${axis === "start" ? utcText(sql`cut.key`) : sql`cut.key`}, 'id', cut.id) from cut) as cut,
      (select json_agg(${rowOf("page")} order by page.${key} ${direction}, page.id ${idDirection}) from page) as rows`.execute(
    kyselyOf(on),
  );
  const { rows: all, candidates, cut } = rows[0]!;
  return { rows: (all ?? []).slice(0, page.limit), more: (all?.length ?? 0) > page.limit, candidates, cut };
}

const rowOf = (alias: string): Sql => {
  const column = (name: string) => sql.ref(`${alias}.${name}`);
  return sql`json_build_object('id', ${column("id")}, 'start', ${utcText(column("start_at"))},
    'localDate', ${column("local_date")}::text, 'distance', ${column("distance")}, 'score', ${column("score")})`;
};

/**
 * What an event is worth to a query: of its words alone, never of other events, so that a cursor finds its place again.
 * Each term counts by what it weighs (rarer ones more) and where it stands (name 1, keywords and performers 0.4, place
 * and organizer 0.2, description 0.1).
 */
function scoreOf({ terms, name }: Ranking): Sql {
  if (terms.length === 0) return sql`0::double precision`;
  return sql`(select coalesce(sum(t.weight * (0.1 + ts_rank('{0.1, 0.2, 0.4, 1}', f.words, t.match))), 0)
      from unnest(${terms.map(({ match }) => match)}::text[]::tsquery[], ${terms.map(({ weight }) => weight)}::double precision[]) t (match, weight)
      where f.words @@ t.match)
    + ${name === "" ? sql`0` : sql`case when f.name = ${name} then 1 when strpos(f.name, ${name}) > 0 then 0.5 else 0 end`}`;
}

/** The vector of the query, and how its neighbours are looked for. */
export interface Meaning {
  modelId: number;
  dimensions: number;
  /** Text of a halfvec. */
  vector: string;
  /** Compare every event that passes the filters, without the index: for few of them, and when the index gave too few. */
  exactly: boolean;
}
export interface LegOf {
  wanted: Wanted;
  ranking: Ranking;
  weight: number;
}
export interface Legs {
  words?: LegOf;
  intent?: LegOf;
  meaning?: {
    wanted: Wanted;
    meaning: Meaning;
    weight: number;
    /** The similarity that a neighbour must have, and the share of the best one's. */ least: number;
    floor: number;
    depth: number;
    without?: readonly string[];
  };
}
export interface Fused extends Found {
  legs: Partial<Record<"words" | "intent" | "meaning", { rank: number; value: number }>>;
}
export interface Head {
  rows: Fused[];
  /** How many each leg gave. */
  gave: Partial<Record<"words" | "intent" | "meaning", number>>;
  /** How many distinct events the words and all legs found; null where the words alone found more than are ranked. */
  union: number | null;
}

/**
 * Reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009): an event is worth the sum of weight / (60 + rank) over
 * the legs that found it; ties by id. All legs pass the same filters; of words and of intent, `bound` candidates are ranked.
 */
export async function readHead(on: Reader, legs: Legs, bound: number): Promise<Head> {
  const parts: Sql[] = [];
  const union: Sql[] = [];
  for (const leg of ["words", "intent"] as const) {
    const of = legs[leg];
    if (of === undefined) continue;
    const name = sql.ref(leg);
    const candidates = sql.ref(`${leg}_found`);
    parts.push(sql`${candidates} ${MATERIALIZED} (select * from (${found(of.wanted, "words")}) f order by start_at, id limit ${bound}),
      ${name} ${MATERIALIZED} (
        select id, start_at, local_date, distance, score as value, row_number() over (order by score desc, start_at, id) as rank
        from (select f.*, ${scoreOf(of.ranking)} as score from ${candidates} f) f order by score desc, start_at, id limit ${DEPTH})`);
    union.push(sql`select ${leg}::text as leg, ${of.weight}::double precision as weight, * from ${name}`);
  }
  if (legs.meaning !== undefined) {
    parts.push(
      sql`meaning ${MATERIALIZED} (select id, start_at, local_date, distance, 1 - apart as value, row_number() over (order by apart, id) as rank from (${nearest(legs.meaning)}) n
        where apart <> 'NaN')`,
    );
    union.push(sql`select 'meaning'::text as leg, ${legs.meaning.weight}::double precision as weight, * from meaning
      where value >= ${legs.meaning.least}::double precision and (${legs.meaning.floor}::double precision = 0 or value >= ${legs.meaning.floor}::double precision * (select max(value) from meaning))`);
  }
  // Of meaning, also what was too far from it: whether the index gave up is another question.
  const gave =
    legs.meaning === undefined
      ? sql`select leg, count(*) as n from every_leg group by leg`
      : sql`select leg, count(*) as n from every_leg where leg <> 'meaning' group by leg union all select 'meaning', count(*) from meaning`;
  const words = legs.words === undefined ? sql`select null::uuid as id where false` : sql`select id from words_found`;
  const { rows } = await sql<{ rows: Fused[] | null; gave: Head["gave"] | null; union: number | null }>`
    with ${sql.join(parts, sql`, `)},
    every_leg as (${sql.join(union, sql` union all `)}),
    fused as (
      select id, min(start_at) as start_at, min(local_date) as local_date, min(distance) as distance, sum(weight / (60 + rank)) as score,
        json_object_agg(leg, json_build_object('rank', rank, 'value', value)) as legs
      from every_leg group by id
    )
    select (select json_agg(${rowOf("fused")}::jsonb || jsonb_build_object('legs', fused.legs) order by fused.score desc, fused.id) from fused) as rows,
      (select json_object_agg(leg, n) from (${gave}) g) as gave,
      (select case when (select count(*) from (${words}) w) < ${bound} then count(*)::int end from (${words} union select id from fused) u) as union`.execute(
    kyselyOf(on),
  );
  return { rows: rows[0]!.rows ?? [], gave: rows[0]!.gave ?? {}, union: rows[0]!.union };
}

/**
 * The nearest vectors among the events that pass. By the HNSW index where many pass: it is walked on until enough have
 * (iterative scan, in relaxed order, hence sorted again outside); else every one that passes is compared.
 */
function nearest({ wanted, meaning, depth, without }: NonNullable<Legs["meaning"]>): Sql {
  const { dimensions, modelId, vector, exactly } = meaning;
  const apart = sql`(v.embedding::halfvec(${sql.lit(dimensions)})) <=> ${vector}::halfvec(${sql.lit(dimensions)})`;
  const others = without === undefined || without.length === 0 ? sql`true` : sql`not v.event_id = any (${[...without]}::uuid[])`;
  // Asked for each neighbour in its turn (offset 0 keeps it from becoming a join, for which all that passes would be gathered first).
  const passes = (id: Sql) => sql`exists (select from (${found(wanted)}) f where f.id = ${id} offset 0)`;
  const byIndex = sql`select v.event_id as id, ${apart} as apart from event_embeddings v
      where v.model_id = ${sql.lit(modelId)} and ${others} and ${passes(sql`v.event_id`)}
      order by ${apart} limit ${depth}`;
  // All that the tags let pass in order of their distance, and of these the first that pass wholly. The sum keeps the planner
  // from taking that order from the index, which knows no more than the nearest.
  const oneByOne = sql`select * from (
        select d.event_id as id, (${apart}) + 0 as apart from event_search d join event_embeddings v on v.event_id = d.event_id and v.model_id = ${sql.lit(modelId)}
        where ${allOf(indexed(wanted))} and ${others} order by apart, id offset 0
      ) v ${needsRows(wanted) ? sql`where ${passes(sql`v.id`)}` : sql``} order by apart, id limit ${depth}`;
  return sql`select n.id, f.start_at, f.local_date, f.distance, n.apart from (${exactly ? oneByOne : byIndex}) n
    cross join lateral (select * from (${found(wanted)}) f where f.id = n.id offset 0) f`;
}

/** How many events the planner expects to pass what the index decides: free of charge, and about right. */
export async function estimate(on: Reader, wanted: Wanted): Promise<number> {
  const { rows } = await sql<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] }>`
    explain (format json) select from event_search d where ${allOf(indexed(wanted))}`.execute(kyselyOf(on));
  return rows[0]!["QUERY PLAN"][0].Plan["Plan Rows"];
}

/** Details of these events as `readTier` gives them, for those that still pass. */
export async function readFound(on: Reader, wanted: Wanted, ids: readonly string[]): Promise<Found[]> {
  const { rows } = await sql<Found>`select id, ${utcText(sql`start_at`)} as start, local_date::text as "localDate", distance, null as score
    from (${found({ ...wanted, among: ids })}) f`.execute(kyselyOf(on));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
