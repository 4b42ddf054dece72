-- An action's id is its sender's own: action_id holds source and id as one name from now on, and content a hash of what
-- was asked, so that an id used twice for different things is noticed. Null in the rows of the version before, which
-- hold the bare id, and whose code goes on to work.
alter table action add column content bytea;
