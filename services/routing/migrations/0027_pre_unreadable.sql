-- When a kept action that could not be opened is tried again: its key may come back.
alter table pending_action add column again_at timestamptz;
