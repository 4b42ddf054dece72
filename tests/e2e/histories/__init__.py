"""Histories of tickets, told from outside and judged by what the topics say."""
