"""Calls, live ones and those that have ended (spec section 4.6)."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer

from voice.store.columns import maybe, moment, resource, sid, text

CALLS = resource(
    "calls",
    sid("parent_call_sid"),
    sid("phone_number_sid"),
    text("to"),
    text("from"),
    maybe("caller_name"),
    maybe("forwarded_from"),
    text("status", "queued"),
    text("direction"),
    moment("start_time"),
    moment("end_time"),
    Column("duration", Integer),
    Column("queue_time", Integer, nullable=False, default=0),
    maybe("answered_by"),
    maybe("price"),
    text("price_unit", "USD"),
    text("sip_call_id"),
    Column("response_code", Integer, nullable=False, default=0),
    maybe("reason"),
    text("node"),
    Column("extra", JSON),
    Column("subscriptions", JSON),
    Column("order", JSON),
    Index("ix_calls_parent_call_sid", "parent_call_sid"),
    Index("ix_calls_status", "status"),
    Index("ix_calls_start_time", "account_sid", "start_time"),
)
"""``duration`` is in seconds, ``queue_time`` in milliseconds. ``reason`` says why a call failed that the process did not
outlive, ``node`` which process has or had it, ``extra`` the further standard parameters of its webhooks, ``subscriptions`` who
is told of its steps, and ``order`` what a queued one is to do."""
