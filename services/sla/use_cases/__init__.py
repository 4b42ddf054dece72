"""The stories of sla, one a file; `move_clocks` and `fire_timers` go through the same `ticket_clocks_batch`."""
