"""Payments: the keys a caller types, by document or with an agent's help, and the connector that gets them."""
