-- Members as far as it takes to reach them. The addresses are sealed; only their presence is known without the key.
create table member (
    member_id text    primary key,
    version   bigint  not null,
    tier      text    not null,
    locale    text,
    has_phone boolean not null,
    has_push  boolean not null,
    addresses bytea   not null
);

-- Tickets as their events told them. Locked before any of their notices: ticket -> member -> intent.
create table ticket (
    ticket_id    text    primary key,
    ticket_no    text    not null,
    member_id    text,
    identity     text    not null,
    problem_type text    not null,
    version      int     not null,
    level        int     not null,
    opened       boolean not null,
    merged       boolean not null
) with (fillfactor = 80);

-- One notice on one channel. The row is there, in state submitting, before anything leaves the house.
-- It holds no address and no text: both are made anew at the moment of sending.
create table intent (
    notice_id        uuid        primary key,
    ticket_id        text        not null references ticket,
    member_id        text,
    kind             text        not null,
    version          int         not null,
    channel          text        not null,
    state            text        not null,
    template_version int         not null,
    cause            text        not null,
    planned_at       timestamptz not null,
    expires_at       timestamptz not null,
    due_at           timestamptz,
    attempt          int         not null,
    provider         text,
    message_id       text,
    contact_entries  text[]      not null,
    reason           text,
    submitted_at     timestamptz,
    changed_at       timestamptz not null default now(),
    unique (ticket_id, kind, version)
) with (fillfactor = 70);

create index intent_due on intent (due_at) where due_at is not null;
create index intent_sent on intent (member_id, channel, submitted_at) where submitted_at is not null;
create index intent_cause on intent (ticket_id, cause);
