"""The bus: exactly-once effects on Kafka and PostgreSQL, used the same way by every service.

consumer   where records come from: one batch subscriber, claims on assignment
batch      the heart: fence, handle, outbox in one transaction, then publish
record     one decoded record, and the batch a handler gets
work       what a handler works with: connection, now, emit, refuse
ticket_events · reference_changes  what a batch says of tickets, and of members, orders and agents
fence      who may process a partition, and from where
seen       repeated publications are left out
outbox     what is to be published, in order, by whoever comes first
publisher  one record batch per partition, acknowledged
dead_letters · failures · watchdog · faults   when something goes wrong
topics     creates the topics
"""
