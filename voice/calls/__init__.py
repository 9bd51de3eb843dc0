"""Calls from the first message to the last: taken on, placed, connected, ended."""
