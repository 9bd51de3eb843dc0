"""Requests to customers: signed, bounded, and repeated where they must not be lost."""
