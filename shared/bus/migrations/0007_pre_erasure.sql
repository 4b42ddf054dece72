-- Who asked to be forgotten, until nothing of theirs comes in any more; then only how many rows were erased, and when.
create table erasure (
    request_id  text        primary key,
    member_id   text,
    addresses   bytea[]     not null default '{}',
    asked_at    timestamptz not null,
    again_at    timestamptz not null,
    clean_at    timestamptz,
    erased      jsonb       not null default '{}'
);
create index erasure_due on erasure (again_at) where member_id is not null;
