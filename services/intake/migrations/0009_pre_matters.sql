-- When a ticket was solved or closed: what is over can still be joined, for a time that counts from then.
alter table ticket add column ended_at timestamptz;
alter table ticket add column closed_at timestamptz;

create index ticket_closed_of_member on ticket (member_id, closed_at) where status = 'closed' and member_id is not null;
create index ticket_closed_of_sender on ticket (sender, closed_at) where status = 'closed' and member_id is null;

-- Greetings, courtesies and pictures that no ticket was there for: for a moment they wait for the matter to follow.
alter table contact alter column ticket_id drop not null;

create table waiting_contact (
    channel    text        not null,
    contact_id text        not null,
    member_id  text,
    sender     bytea       not null,
    due_at     timestamptz not null,
    primary key (channel, contact_id),
    foreign key (channel, contact_id) references contact on delete cascade
);
create index waiting_contact_due on waiting_contact (due_at);
create index waiting_contact_of_member on waiting_contact (member_id) where member_id is not null;
create index waiting_contact_of_sender on waiting_contact (sender);
