-- The search index: what an event can be found by, one row an event, made in the transaction that changes the event.
-- It stands apart from `events` so that a venue's rename rewrites this row and not the wide one with its ten indexes.

-- Words are compared without accents; a configuration for each language that has a stemmer, one for all the others.
create text search configuration calends_simple (copy = simple);
alter text search configuration calends_simple alter mapping for hword, hword_part, word with unaccent, simple;
do $$
declare
  stemmed constant text[][] := array[['en', 'english'], ['fr', 'french'], ['de', 'german'], ['es', 'spanish'], ['it', 'italian'],
    ['pt', 'portuguese'], ['nl', 'dutch']];
  l text[];
begin
  foreach l slice 1 in array stemmed loop
    execute format('create text search configuration %I (copy = %I)', 'calends_' || l[1], l[2]);
    execute format('alter text search configuration %I alter mapping for hword, hword_part, word with unaccent, %I', 'calends_' || l[1], l[2] || '_stem');
  end loop;
end $$;

-- A name as it is compared: without accents and case.
create function plain(name text) returns text language sql stable strict parallel safe as $$
  select lower(unaccent(normalize(name, NFKC)))
$$;

create table event_search (
  event_id uuid primary key references events,
  -- whether every reader may see it
  public boolean not null,
  -- primary subtag of the declared language, where there is a stemmer for it
  language text,
  -- A: name; B: keywords, performers, type; C: venue, city, organizer; D: description
  words tsvector not null,
  -- `city:toronto`, `domain:music`, `date:2026-05-06`, `cell2:4365,-7939` …: all that a filter can ask for, in lower case. Weeks and dates
  -- (of UTC), days, hours and cells are coarse: they let the index rule out what cannot match
  tags text[] not null,
  name text collate "C" not null,
  indexed_at timestamptz not null default now()
);
-- Ranking reads the vectors of up to 2,000 rows: kept in the row, they cost a tenth of what they cost out of line.
alter table event_search alter column words set storage main;
alter table event_search set (toast_tuple_target = 8160);
create index event_search_find on event_search using gin (words, tags);
create index event_search_name on event_search (name);

-- The words of names, for typing errors and completion. Counts are as of the last nightly count; a new word counts 1.
create table search_words (
  word text collate "C" primary key,
  uses integer not null default 1
);
create index search_words_trigram on search_words using gin (word gin_trgm_ops);
create index places_plain_name on places (lower(name) text_pattern_ops);
create index organizations_plain_name on organizations (lower(name) text_pattern_ops);
create index persons_plain_name on persons (lower(name) text_pattern_ops);

-- One text's words for one weight: as they are written, and the stems of each language it may be in. No phrase reaches from one
-- text or reading into the next: a word that nobody writes takes the places between them, and goes.
create function words_of(said text, weight "char", simple boolean, languages text[]) returns tsvector language plpgsql immutable parallel safe as $$
declare
  apart constant tsvector := '''x0x0x'':9';
  found tsvector := '';
  l text;
begin
  if said is null or said = '' then return found; end if;
  -- To the parser "jazz/blues" is the name of a file.
  said := replace(said, '/', ' ');
  if simple then found := apart || to_tsvector('calends_simple', said); end if;
  foreach l in array languages loop found := found || apart || to_tsvector(('calends_' || l)::regconfig, said); end loop;
  return setweight(ts_delete(found, 'x0x0x'), weight);
end $$;

-- What a word or a phrase may have become in the index: as it is written, or its stem in any of the languages.
create function term_query(said text) returns tsquery language sql immutable strict parallel safe as $$
  select coalesce(string_agg(distinct q::text, ' | '), '')::tsquery
  from unnest('{calends_simple,calends_en,calends_fr,calends_de,calends_es,calends_it,calends_pt,calends_nl}'::regconfig[]) l,
    phraseto_tsquery(l, replace(said, '/', ' ')) q
  where numnode(q) > 0
$$;

-- Grid cells of one hundredth, one tenth, one and ten degrees that hold a point.
create function cells_of(latitude double precision, longitude double precision) returns text[] language sql immutable strict parallel safe as $$
  select array[format('cell2:%s,%s', floor(latitude * 100), floor(longitude * 100)), format('cell1:%s,%s', floor(latitude * 10), floor(longitude * 10)),
    format('cell0:%s,%s', floor(latitude), floor(longitude)), format('cell-1:%s,%s', floor(latitude / 10), floor(longitude / 10))]
$$;

create function week_of(instant timestamptz) returns integer language sql immutable strict parallel safe as $$
  select floor(extract(epoch from instant) / 604800)::integer
$$;

-- Makes the rows of these events anew, and takes away those of deleted and merged ones. Plans are kept: see entity_states (0003).
create function index_events(ids uuid[]) returns void language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  gone uuid[];
  told uuid[];
  -- See words_of.
  apart constant text := ' x0x0x x0x0x x0x0x ';
begin
  with removed as (
    delete from event_search s where s.event_id in (select e.id from events e where e.id = any (ids) and (e.lifecycle_state = 'deleted' or e.merged_into_id is not null)) returning s.event_id
  ) select array_agg(event_id) into gone from removed;

  with read as (
    select e.*, coalesce(org.name, per.name) as organizer, n.base_url as origin,
      (select array_agg(distinct lower(split_part(l, '-', 1))) from unnest(e.in_language) l) as languages,
      (select array_agg(coalesce(po.name, pp.name) order by x.position) from event_performers x
        left join organizations po on po.id = x.organization_id left join persons pp on pp.id = x.person_id where x.event_id = e.id) as performers,
      (select array_agg(coalesce(x.organization_id, x.person_id)) from event_performers x where x.event_id = e.id) as performer_ids,
      (select array_agg(distinct tag) from event_occurrences o, unnest(array['week:' || week_of(o.start_at),
        'date:' || to_char(o.start_at at time zone 'UTC', 'YYYY-MM-DD'), 'day:' || o.iso_weekday,
        case when not o.start_is_date then 'hour:' || extract(hour from o.local_time) end]) tag where o.event_id = e.id) as times,
      array(select e.primary_venue_id where e.primary_venue_id is not null
        union select o.venue_id from event_occurrences o where o.event_id = e.id and o.venue_id is not null) as venues,
      exists (select from event_occurrences o where o.event_id = e.id and o.venue_id <> coalesce(e.primary_venue_id, o.event_id)) as spread
    from events e
    left join organizations org on org.id = e.organizer_id
    left join persons per on per.id = e.organizer_person_id
    left join federation_nodes n on n.id = e.origin_node_id
    where e.id = any (ids) and e.lifecycle_state <> 'deleted' and e.merged_into_id is null
  ),
  placed as (
    select r.*, p.names as venue_names, p.areas, t.tags as place_tags,
      case
        when r.languages is null then array['en', 'fr']
        else array(select l from unnest(r.languages) l where l in ('en', 'fr', 'de', 'es', 'it', 'pt', 'nl'))
      end as stems
    from read r
    left join lateral (
      select string_agg(p.name, apart order by p.id) as names, string_agg(concat_ws(' ', p.locality, p.region), apart order by p.id) as areas from places p where p.id = any (r.venues)
    ) p on true
    left join lateral (
      select array_agg(tag) as tags from places p, unnest(array['city:' || lower(p.locality), 'region:' || lower(p.region),
        'country:' || lower(p.country)] || cells_of(p.latitude, p.longitude)) tag where p.id = any (r.venues)
    ) t on true
  ),
  changed as (
    insert into event_search as s (event_id, public, language, words, tags, name, indexed_at)
    select r.id, r.lifecycle_state not in ('draft', 'pending_review', 'withdrawn'), case when cardinality(r.stems) = 1 then r.stems[1] end,
      words_of(r.name, 'A', true, r.stems)
        || words_of(concat_ws(apart, array_to_string(r.keywords, apart), array_to_string(r.performers, apart),
          regexp_replace(regexp_replace(r.schema_type, 'Event$', ''), '([a-z])([A-Z])', '\1 \2', 'g')), 'B', true, r.stems)
        || words_of(concat_ws(apart, r.venue_names, r.areas, r.organizer), 'C', true, r.stems)
        || words_of(case when r.takedown_at is null then left(r.description, 6000) end, 'D', cardinality(r.stems) = 0, r.stems),
      array(select distinct tag from unnest(array['state:' || r.lifecycle_state, 'domain:' || r.event_domain,
          'free:' || coalesce(r.is_accessible_for_free, r.price_high = 0), 'origin:' || lower(coalesce(r.origin, 'local')),
          'organizer:' || coalesce(r.organizer_id, r.organizer_person_id), 'involves:' || coalesce(r.organizer_id, r.organizer_person_id)]
        || array(select 'involves:' || id from unnest(r.performer_ids) id)
        || array(select 'venue:' || id from unnest(r.venues) id)
        || array(select 'keyword:' || lower(word) from unnest(r.keywords) word)
        || array(select 'language:' || l from unnest(r.languages) l)
        || array(select 'accessibility:' || lower(feature) from unnest(r.accessibility_features) feature)
        -- Which of its occurrences are at a place is then for the rows to tell.
        || case when r.spread then array['places:several'] end
        || r.times || r.place_tags) tag where tag is not null order by tag),
      left(plain(r.name), 200), now()
    from placed r
    on conflict (event_id) do update
      set public = excluded.public, language = excluded.language, words = excluded.words, tags = excluded.tags, name = excluded.name, indexed_at = excluded.indexed_at
      where (s.public, s.language, s.words, s.tags, s.name) is distinct from (excluded.public, excluded.language, excluded.words, excluded.tags, excluded.name)
    returning s.event_id, s.public
  ),
  -- What nobody may see yet is not told by way of completions. In one order, so that two commits never wait for each other's words.
  learnt as (
    insert into search_words (word)
    select distinct w.lexeme from changed c join placed r on r.id = c.event_id, unnest(to_tsvector('calends_simple',
      concat_ws(' , ', r.name, r.venue_names, r.organizer, array_to_string(r.performers, ' , '), array_to_string(r.keywords, ' , ')))) w
    where c.public and length(w.lexeme) between 3 and 40 and w.lexeme ~ '^[[:alpha:]]+$'
    order by 1
    on conflict do nothing
  )
  select array_agg(event_id) into told from changed;
  perform queue_embeddings(gone || told);
end $$;

-- How often each word of a name is used: nightly, as it reads every row. A word that no name has any more goes.
create function count_words() returns void language sql as $$
  -- Only words that are there already: the index also holds stems, which nobody writes.
  with counted as materialized (select word, ndoc from ts_stat('select words from event_search where public', 'abc')),
  gone as (delete from search_words w where not exists (select from counted s where s.word = w.word))
  update search_words w set uses = s.ndoc from counted s where s.word = w.word and s.ndoc <> w.uses
$$;

-- At commit: as in 0004, and then the search index of the events that changed.
create or replace function fill_outbox() returns trigger language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  kind text;
  ids uuid[];
begin
  if not exists (select from change_outbox where seq = new.seq and state is null) then return null; end if;
  select array_agg(entity_id) into ids from change_outbox
  where xid = pg_current_xact_id() and entity_kind = 'event' and state is null;
  if ids is not null then
    perform 1 from places p where p.id in (select e.primary_venue_id from events e where e.id = any (ids)
      union select x.venue_id from event_occurrences x where x.event_id = any (ids)) order by p.id for share;
    perform 1 from organizations o where o.id in (select e.organizer_id from events e where e.id = any (ids)
      union select x.organization_id from event_performers x where x.event_id = any (ids)) order by o.id for share;
    perform 1 from persons o where o.id in (select e.organizer_person_id from events e where e.id = any (ids)
      union select x.person_id from event_performers x where x.event_id = any (ids)) order by o.id for share;
    perform index_events(ids);
  end if;
  for kind, ids in
    select entity_kind, array_agg(entity_id) from change_outbox where xid = pg_current_xact_id() and state is null group by entity_kind
  loop
    update change_outbox c set state = s.state,
      source_timestamp = case kind when 'event' then
        (select max(r.observed_at) from event_sources r where r.event_id = s.id and r.superseded_at is null) end
    from entity_states(kind, ids) s
    where c.xid = pg_current_xact_id() and c.entity_kind = kind and c.entity_id = s.id;
  end loop;
  return null;
end $$;

-- What was here before search was.
do $$
declare
  ids uuid[];
  last uuid := '00000000-0000-0000-0000-000000000000';
begin
  loop
    select array_agg(id), max(id::text)::uuid into ids, last from (select id from events where id > last order by id limit 1000) page;
    exit when ids is null;
    perform index_events(ids);
  end loop;
end $$;
