"""The rows of intake: SQL as named constants, in bulk, one file a table."""
