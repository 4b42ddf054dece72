-- Whether a ticket is over, and since when nothing happened to it: those that ended long ago are deleted.
alter table ticket add column ended boolean not null default false;
alter table ticket add column changed_at timestamptz not null default now();
