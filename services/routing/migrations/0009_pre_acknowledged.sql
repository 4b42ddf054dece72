-- When somebody took charge of the rung a ticket was escalated to; from then on it may be handed back to the desk.
alter table ticket add column acknowledged_at timestamptz;
