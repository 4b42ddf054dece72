"""What is measured, a file each: an async ``measure(arena)`` that returns a Block."""
