-- What is known of reference data from before its keys were kept: should a reading of all of it not bring it, it is gone.
insert into reference_key (topic, key, part, generation)
select 'support.member.v1', convert_to(member_id, 'UTF8'), -1, 0 from member
on conflict do nothing;
