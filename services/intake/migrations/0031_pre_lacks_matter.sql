-- A greeting that nothing followed is a ticket of which nobody has said what it is about: it takes the matter that comes.
alter table ticket add column lacks_matter boolean not null default false;
