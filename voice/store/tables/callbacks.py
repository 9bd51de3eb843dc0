"""Status callbacks on their way (spec sections 3.6 to 3.8)."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Table

from voice.store.columns import METADATA, SID, Moment, text

CALLBACKS = Table(
    "callbacks",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    text("key"),
    Column("account_sid", SID, nullable=False),
    text("url"),
    text("method", "POST"),
    Column("parameters", JSON, nullable=False),
    Column("created", Moment, nullable=False),
)
"""Numbered in the order in which they were queued; those with the same ``key`` are delivered in this order. A delivered one is
deleted."""
