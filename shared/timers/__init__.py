"""Time that lives in PostgreSQL rows: timers of tickets, and the loops that act on due rows."""
