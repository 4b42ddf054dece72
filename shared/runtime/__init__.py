"""A process of ours: what it starts, keeps running, watches over and ends cleanly."""
