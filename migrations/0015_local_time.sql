-- Queries by local time: when on which weekday, at which hour, what goes on at a moment, what comes next.

-- From when to when an occurrence goes on: until its end; until the end of the day that the end is, where it is a date; until the
-- end of the day on which it starts, where no end is told (as ends_of_events has it).
create function occurrence_span(start_at timestamptz, end_at timestamptz, start_is_date boolean, end_is_date boolean, local_date date, local_end_date date, timezone text)
returns tstzrange language sql immutable parallel safe as $$
  select tstzrange(start_at, greatest(start_at, case
    when end_at is null then (local_date + 1)::timestamp at time zone timezone
    when end_is_date then (local_end_date + 1)::timestamp at time zone timezone
    else end_at
  end))
$$;
create index event_occurrences_span on event_occurrences using gist
  (occurrence_span(start_at, end_at, start_is_date, end_is_date, local_date, local_end_date, timezone));

-- One stretch for each hour of the week, in order of start: a page of Friday evenings is merged from a few of them.
create index event_occurrences_hours on event_occurrences (iso_weekday, (extract(hour from local_time)), start_at, event_id) where not start_is_date;

-- The first of an event's occurrences from a moment on, and whether there is an earlier one.
create index event_occurrences_of_event on event_occurrences (event_id, start_at, id);

-- Occurrences held elsewhere than the event, by where.
drop index event_occurrences_venue;
create index event_occurrences_venue on event_occurrences (venue_id, start_at, event_id) where venue_id is not null;
create index event_occurrences_elsewhere on event_occurrences (start_at, event_id) where venue_id is not null;

-- Whether any series began before what of it stands in event_occurrences.
create index event_series_behind on event_series (expanded_from) where first_start_at < expanded_from;
