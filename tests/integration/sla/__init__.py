"""sla on a database of its own: its handler, and its timers a round at a time."""
