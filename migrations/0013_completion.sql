-- When an event will be over, for the job that completes it.

-- The end of each event's last occurrence: its end; the end of the day that the end is, where it is a date; the end of the
-- day on which it starts, where no end is told. One that recurs by a schedule is over after the schedule's last day, and
-- never where that is not told. By the unique (event_id, sequence_number).
create function ends_of_events(ids uuid[]) returns table (event_id uuid, over_at timestamptz) language sql stable parallel safe as $$
  select o.event_id, max(greatest(
    case
      when o.end_at is null then (o.local_date + 1)::timestamp at time zone o.timezone
      when o.end_is_date then (o.local_end_date + 1)::timestamp at time zone o.timezone
      else o.end_at
    end,
    case when e.schedule is not null then coalesce((
      -- Where one of several rules names no day that there is, it never ends.
      select case when bool_and(s.day is not null) then max((s.day::date + 1)::timestamp at time zone o.timezone) end
      from (
        select case when r.rule ->> 'endDate' ~ '^\d{4}-\d\d-\d\d' and pg_input_is_valid(left(r.rule ->> 'endDate', 10), 'date')
          then left(r.rule ->> 'endDate', 10) end as day
        from jsonb_array_elements(e.schedule) r (rule)
      ) s), 'infinity') end))
  from event_occurrences o join events e on e.id = o.event_id
  where o.event_id = any (ids)
  group by o.event_id
$$;

-- What may be completed waits here for its end, and is taken out by the job: the index holds what is to come and little
-- else, at however many events. It stands apart from `events`, a wide row with many indexes that would be written twice. No
-- foreign key: it would be checked once for each event, and events are never deleted.
create table event_ends (
  event_id uuid primary key,
  over_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index event_ends_over on event_ends (over_at);

-- Plans are kept, and use indexes only: see entity_states (0003).
create function keep_ends(ids uuid[]) returns void language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  insert into event_ends as x (event_id, over_at) select r.event_id, r.over_at from ends_of_events(ids) r order by r.event_id
  on conflict (event_id) do update set over_at = excluded.over_at, updated_at = now() where x.over_at <> excluded.over_at;
end $$;

-- After outbox_insert and its like (triggers go by name), which lock the events in the order of their ids.
create function keep_ends_of_added() returns trigger language plpgsql as $$
begin perform keep_ends(array(select distinct event_id from added)); return null; end $$;
create function keep_ends_of_updated() returns trigger language plpgsql as $$
begin
  perform keep_ends(array(select event_id from after_update union select event_id from before_update));
  return null;
end $$;
create function keep_ends_of_removed() returns trigger language plpgsql as $$
begin perform keep_ends(array(select distinct event_id from removed)); return null; end $$;
create trigger over_insert after insert on event_occurrences referencing new table as added for each statement execute function keep_ends_of_added();
create trigger over_update after update on event_occurrences referencing old table as before_update new table as after_update
  for each statement execute function keep_ends_of_updated();
create trigger over_delete after delete on event_occurrences referencing old table as removed for each statement execute function keep_ends_of_removed();

-- An event that has only now become one of those that may be completed, or whose schedule is another.
create function keep_end_of_event() returns trigger language plpgsql as $$
begin perform keep_ends(array[new.id]); return null; end $$;
create trigger over_update after update of lifecycle_state, merged_into_id, schedule on events for each row
when (new.lifecycle_state in ('published', 'rescheduled', 'sold_out') and new.merged_into_id is null and (
  old.lifecycle_state not in ('published', 'rescheduled', 'sold_out') or old.merged_into_id is not null or old.schedule is distinct from new.schedule))
execute function keep_end_of_event();

-- What was here before.
insert into event_ends (event_id, over_at)
select r.event_id, r.over_at
from ends_of_events(array(select id from events where lifecycle_state in ('published', 'rescheduled', 'sold_out') and merged_into_id is null)) r;
