-- How often old items of the feed were redacted: a snapshot file that was made before the last time must not be handed out.
alter table feed_head add redactions bigint not null default 0;
