"""Deleting what has been kept for as long as it had to be."""
