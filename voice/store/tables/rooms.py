"""Conferences and queues; who is in them is known only while they live (spec sections 4.7 and 4.9)."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer

from voice.store.columns import maybe, resource, sid, text

CONFERENCES = resource(
    "conferences",
    text("friendly_name"),
    text("status"),
    text("region", "us1"),
    maybe("reason_conference_ended"),
    sid("call_sid_ending_conference"),
    text("node"),
    Column("subscription", JSON),
    Index("ix_conferences_status", "status"),
)
"""``subscription`` is who is told of its events, and how many that were so far."""

QUEUES = resource("queues", text("friendly_name"), Column("max_size", Integer, nullable=False, default=1000))
"""Those that REST has made or changed. That names are unique within an account is seen to in memory."""
