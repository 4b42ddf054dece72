-- Verified addresses sealed beside their blind index, so that they can be indexed anew under another key.
alter table handle add column sealed bytea;

-- Contacts that never had a ticket go by their own age.
create index contact_without_ticket on contact (received_at) where ticket_id is null;
