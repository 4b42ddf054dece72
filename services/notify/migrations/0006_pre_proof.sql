-- How surely a ticket's member spoke, at the best. The tickets from before keep the notices they would have had.
alter table ticket add column identity_proof text not null default 'strong';
