"""Recordings: made, kept, converted and handed out."""
