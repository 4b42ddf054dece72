"""What leaves the house toward members: planned, checked, sent once, followed up."""
