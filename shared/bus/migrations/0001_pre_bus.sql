-- What the batch needs in the schema of every service.

-- How far each partition is processed: the truth about offsets. The epoch grows with every claim; it fences zombies.
create table consumer_offset (
    topic      text        not null,
    part       int         not null,
    next_off   bigint      not null,
    epoch      bigint      not null,
    owner      text        not null,
    changed_at timestamptz not null default now(),
    primary key (topic, part)
) with (fillfactor = 50);

-- What has to be published: written with the state it follows from, deleted once Kafka has acknowledged it.
-- The id grows with every event of a key, because the row the key stands for is locked before; it travels as ce_sequence.
create table outbox (
    lane          int         not null,
    id            bigint      generated always as identity,
    topic         text        not null,
    part          int         not null,
    key           bytea,
    value         bytea,
    header_names  text[]      not null,
    header_values bytea[]     not null,
    sequenced     boolean     not null,
    created_at    timestamptz not null default now(),
    primary key (lane, id)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

-- The latest event seen of each source about each subject: a publication repeated after a crash changes nothing.
create table seen (
    subject  text   not null,
    source   text   not null,
    sequence bigint not null,
    primary key (subject, source)
) with (fillfactor = 70);
