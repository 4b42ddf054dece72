-- A ticket as routing knows it. What the columns mean: services/routing/domain/ticket.py.
create table ticket (
    ticket_id        uuid        primary key,
    ticket_no        text        not null,
    member_id        text,
    tier             text        not null,
    problem_type     text        not null,
    urgency          text        not null,
    opened_at        timestamptz not null,
    entered_at       timestamptz not null,
    queued_at        timestamptz not null,
    rank_at          timestamptz not null,
    try_at           timestamptz not null,
    queue            text        not null,
    state            text        not null,
    lane             text        not null,
    language         text,
    order_no         text,
    agent_id         text,
    last_agent_id    text,
    attempt          int         not null,
    passed           jsonb       not null,
    waiting_on       text,
    level            int         not null,
    team             text,
    first_answer_due timestamptz,
    plan_due         timestamptz,
    answered_at      timestamptz,
    accept_due       timestamptz,
    close_due        timestamptz,
    closed_at        timestamptz,
    merged_into      text,
    check ((agent_id is not null) = (state in ('assigned', 'accepted', 'waiting'))),
    check ((waiting_on is not null) = (state = 'waiting'))
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

create index ticket_queued on ticket (rank_at, ticket_id) where state = 'queued';
create index ticket_held on ticket (agent_id) where agent_id is not null;

create table timer (
    ticket_id uuid        not null,
    kind      text        not null,
    due_at    timestamptz not null,
    data      jsonb       not null,
    primary key (ticket_id, kind)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);

create index timer_due on timer (due_at);

-- Who can be given tickets. Seats: the capacity, or the load where the platform lowered the capacity below it; the
-- check is the last line against giving anybody more than they can hold.
create table agent (
    agent_id         text        primary key,
    team             text        not null,
    skills           jsonb       not null,
    languages        jsonb       not null,
    tiers            jsonb,
    capacity         int         not null,
    presence         text        not null,
    version          bigint      not null,
    load             int         not null default 0,
    seats            int         not null,
    last_assigned_at timestamptz,
    absent_since     timestamptz,
    gone             boolean     not null default false,
    check (load between 0 and seats)
) with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02);

-- The members who have a dedicated advisor, and those who had one.
create table member (
    member_id        text   primary key,
    advisor_agent_id text,
    version          bigint not null
);

-- Actions seen: a repeat changes nothing. No text of theirs is kept.
create table action (
    action_id  text        primary key,
    ticket_id  text        not null,
    kind       text        not null,
    actor_kind text        not null,
    actor_id   text        not null,
    outcome    text        not null,
    code       text,
    at         timestamptz not null default now()
);

create index action_at on action (at);

-- Actions that came before their ticket: the record as it was, sealed, until the ticket comes or the time is over.
create table pending_action (
    action_id  text        primary key,
    ticket_id  uuid        not null,
    arrived    bigint      generated always as identity,
    keep_until timestamptz not null,
    sealed     bytea       not null
);

create index pending_action_ticket on pending_action (ticket_id);
create index pending_action_until on pending_action (keep_until);
