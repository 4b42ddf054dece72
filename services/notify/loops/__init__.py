"""What notify does by itself, again and again: one file a loop."""
