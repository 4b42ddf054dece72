-- What is remembered of each partition beside its fence: which topic it was, where its log began and ended, and when it
-- was last read to its end. A partition that is read anew is so up to anew_to; generation counts how often that was.
create table place (
    topic      text        not null,
    part       int         not null,
    topic_id   uuid,
    log_start  bigint      not null,
    log_end    bigint      not null,
    generation bigint      not null,
    anew_to    bigint,
    level_at   timestamptz not null,
    primary key (topic, part)
) with (fillfactor = 50);

-- The keys of reference data that are known, and in which reading of its partition each was last heard.
create table reference_key (
    topic      text   not null,
    key        bytea  not null,
    part       int    not null,
    generation bigint not null,
    primary key (topic, key)
) with (fillfactor = 80);
create index reference_key_heard on reference_key (topic, part, generation);
