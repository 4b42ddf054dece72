-- What intake knows of members and orders: the little that recognises a speaker and tells matters apart.
create table member (
    member_id text   primary key,
    tier      text   not null,
    locale    text,
    version   bigint not null
);

-- Verified addresses, as blind indexes: they answer "whose is this?" and nothing else.
create table handle (
    blind     bytea not null,
    member_id text  not null,
    primary key (blind, member_id)
);
create index handle_member on handle (member_id);

create table platform_order (
    order_no  text   primary key,
    member_id text   not null,
    category  text,
    status    text   not null,
    version   bigint not null
);

create sequence ticket_number;

create table ticket (
    ticket_id       uuid        primary key,
    ticket_no       text        not null unique,
    member_id       text,
    sender          bytea       not null,
    tier            text        not null,
    problem_type    text        not null,
    order_no        text,
    missing         jsonb       not null,
    urgency         text        not null,
    identity        text        not null,
    status          text        not null check (status in ('open', 'resolved', 'closed', 'merged')),
    merged_into     uuid,
    opened_at       timestamptz not null,
    last_contact_at timestamptz not null
) with (fillfactor = 80);

-- Only tickets that can still be amended are ever looked for by party, so the indexes do not grow with history.
create index ticket_of_member on ticket (member_id, last_contact_at)
    where status in ('open', 'resolved');
create index ticket_of_sender on ticket (sender, last_contact_at)
    where status in ('open', 'resolved') and member_id is null;

-- Every contact handled, by its natural key: a repeat changes nothing. What was said is sealed.
create table contact (
    channel           text        not null,
    contact_id        text        not null,
    ticket_id         uuid        not null references ticket,
    rule              text        not null,
    identity          text        not null,
    claimed_member_id text,
    sender            bytea       not null,
    sender_sealed     bytea       not null,
    content_sealed    bytea       not null,
    received_at       timestamptz not null,
    handled_at        timestamptz not null,
    primary key (channel, contact_id)
);
create index contact_of_ticket on contact (ticket_id, received_at);
