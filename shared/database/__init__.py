"""PostgreSQL: the pool of a process, and the numbered migrations of its schema."""
