"""What intake does by itself, one file a loop."""
