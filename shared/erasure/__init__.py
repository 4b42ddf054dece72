"""Forgetting a member: the order travels as the tombstone of the member, and each service erases what is its own."""
