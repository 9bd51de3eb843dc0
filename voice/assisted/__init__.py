"""Payments that an agent asks for piece by piece while a call goes on (spec section 4.11)."""
