"""Copies of calls for recording servers (RFC 7866)."""
