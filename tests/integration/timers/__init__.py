"""Timers of tickets over a real database."""
