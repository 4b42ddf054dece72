"""What intake does, one story a file."""
