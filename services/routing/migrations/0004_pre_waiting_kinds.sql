-- Waiting tickets are found by what an agent may take: by kind, and by the advisor of their member. However long a queue
-- is that nobody free can serve, it is not walked through.
alter table ticket add column advisor_agent_id text;

update ticket set advisor_agent_id = member.advisor_agent_id from member
where ticket.state = 'queued' and ticket.member_id = member.member_id and member.advisor_agent_id is not null;

create index ticket_queued_kind on ticket (queue, coalesce(team, ''), problem_type, tier, rank_at, ticket_id)
    where state = 'queued';
create index ticket_queued_advisor on ticket (advisor_agent_id, rank_at, ticket_id)
    where state = 'queued' and advisor_agent_id is not null;
create index ticket_queued_member on ticket (member_id) where state = 'queued';

-- Kept actions are looked at in the order they came.
create index pending_action_arrived on pending_action (arrived);
