"""Carriers: which of their addresses a call takes, whether they live, what they may carry, and what they call numbers."""
