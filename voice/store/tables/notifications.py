"""Errors and warnings of calls (spec section 4.14)."""

from __future__ import annotations

from sqlalchemy import Index

from voice.store.columns import maybe, moment, resource, sid, text

NOTIFICATIONS = resource(
    "notifications",
    sid("call_sid"),
    text("error_code"),
    text("log"),
    moment("message_date"),
    text("message_text"),
    maybe("request_method"),
    maybe("request_url"),
    maybe("request_variables"),
    maybe("response_body"),
    maybe("response_headers"),
    Index("ix_notifications_call_sid", "call_sid"),
)
"""``log`` is 0 for an error and 1 for a warning."""
