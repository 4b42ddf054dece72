-- The clocks of every ticket, as one document: what was promised, what has elapsed, how far the ladder was climbed.
create table ticket (
    ticket_id uuid        primary key,
    ticket_no text        not null,
    member_id text,
    tier      text        not null,
    clocks    jsonb       not null,
    changed_at timestamptz not null default now()
) with (fillfactor = 70);

create table timer (
    ticket_id uuid        not null,
    kind      text        not null,
    due_at    timestamptz not null,
    data      jsonb       not null,
    primary key (ticket_id, kind)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

create index timer_due on timer (due_at);

-- Every calendar a promise was ever given under: a ticket keeps the version it was promised.
create table calendar (
    reference text  primary key,
    document  jsonb not null
);
