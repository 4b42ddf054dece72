-- Everything of a member is found by index, however long ago it was.
create index ticket_member on ticket (member_id) where member_id is not null;
create index action_member on action (actor_id) where actor_kind = 'member';
