-- Everything of a member is found by index, however long ago it was.
create index contact_sender on contact (sender);
create index contact_claimed on contact (claimed_member_id) where claimed_member_id is not null;
create index ticket_member on ticket (member_id) where member_id is not null;
create index ticket_sender on ticket (sender);
create index platform_order_member on platform_order (member_id);
