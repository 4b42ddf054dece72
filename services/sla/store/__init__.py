"""The SQL of sla, one file a table; `timer` is the table of `shared/timers`."""
