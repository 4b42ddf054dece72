-- The words each version of a template stands for, by their hash: whoever changes a word has to raise the version.
create table template_text (
    locale    text        not null,
    kind      text        not null,
    version   int         not null,
    text_hash bytea       not null,
    known_at  timestamptz not null default now(),
    primary key (locale, kind, version)
);

-- The hash of the words the notice was, or is to be, made from. Those from before have none until they are submitted.
alter table intent add column text_hash bytea;
