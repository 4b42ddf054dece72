-- Ids of tickets are UUIDs here as everywhere: half as long in every row and index, and of one spelling.
-- It is `post`: the statements of the code before it compare the column with text, which PostgreSQL refuses for a uuid,
-- and no cast on our side of the fence would help an insert. Stop notify first, so that no record is refused for it;
-- what comes meanwhile waits in Kafka.
-- Only services of ours write events of tickets, with ids in this spelling. A row with another is no ticket of anybody,
-- and routing and sla never had it: it goes, with its notices.
delete from intent where ticket_id !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
delete from ticket where ticket_id !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

alter table intent drop constraint intent_ticket_id_fkey;
alter table ticket alter column ticket_id type uuid using ticket_id::uuid;
alter table intent alter column ticket_id type uuid using ticket_id::uuid;
alter table intent add constraint intent_ticket_id_fkey foreign key (ticket_id) references ticket;
