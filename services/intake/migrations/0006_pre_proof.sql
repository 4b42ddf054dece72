-- How surely a ticket's party spoke, at the best. Of the tickets from before nobody knows.
alter table ticket add column identity_proof text not null default 'weak';
