-- When a ticket last changed, so that those that ended long ago can be told and deleted.
alter table ticket add column changed_at timestamptz not null default now();

-- When the platform last said something of an order: nobody asks for support for one of years ago.
alter table platform_order add column changed_at timestamptz not null default now();
create index platform_order_changed on platform_order (changed_at);
