"""Routing: who solves a ticket, and the only judge of what may be done with it."""
