-- A saved search's webhook keeps each secret that was replaced until its own time, as feed subscriptions do: one alone lost the first of
-- two that were replaced within a day.
alter table saved_searches add column previous_secrets jsonb not null default '[]';
update saved_searches set previous_secrets = jsonb_build_array(
  jsonb_build_object('secret', encode(secret_previous, 'base64'), 'until', secret_previous_until))
where secret_previous is not null;
alter table saved_searches drop column secret_previous, drop column secret_previous_until;
