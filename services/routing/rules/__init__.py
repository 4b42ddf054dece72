"""The rules of routing: what they are, and how their file is read and checked."""
