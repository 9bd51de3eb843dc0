"""Conferences: rooms with names, who is in them, what each participant hears, and who is told (spec sections 2.7.4 and 3.8)."""
