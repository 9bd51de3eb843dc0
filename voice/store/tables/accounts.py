"""Accounts and the keys that open their REST API (spec section 4.13)."""

from __future__ import annotations

from sqlalchemy import Column, Text

from voice.store.columns import flag, resource, sid, text

ACCOUNTS = resource("accounts", sid("owner_account_sid"), text("auth_token"), text("friendly_name"), text("status", "active"))
"""``account_sid`` is the owner's, an account without one owns itself."""

KEYS = resource("keys", text("friendly_name"), Column("secret", Text, nullable=False), flag("main"))
"""``secret`` is kept readable: it also verifies the access tokens that a customer signs with it."""
