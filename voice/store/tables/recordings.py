"""Recordings and their transcriptions (spec sections 4.8 and 4.15)."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, Index, Integer

from voice.store.columns import flag, maybe, moment, resource, sid, text

RECORDINGS = resource(
    "recordings",
    sid("call_sid"),
    sid("conference_sid"),
    text("status"),
    text("source"),
    text("track", "both"),
    Column("channels", Integer, nullable=False, default=1),
    Column("seconds", Float),
    moment("start_time"),
    maybe("price"),
    Column("error_code", Integer),
    flag("trim"),
    text("node"),
    Column("subscription", JSON),
    Column("transcription", JSON),
    moment("date_deleted"),
    Index("ix_recordings_call_sid", "call_sid"),
    Index("ix_recordings_conference_sid", "conference_sid"),
    Index("ix_recordings_status", "status"),
)
"""``subscription`` is whom to tell of its steps, ``transcription`` whom to tell of its text and what, if there is to be any."""

TRANSCRIPTIONS = resource(
    "transcriptions",
    sid("recording_sid"),
    text("status"),
    Column("duration", Integer),
    text("transcription_text"),
    maybe("price"),
    text("node"),
    maybe("callback"),
    Column("parameters", JSON),
    maybe("language"),
    Index("ix_transcriptions_recording_sid", "recording_sid"),
    Index("ix_transcriptions_status", "status"),
)
"""``callback`` is told of the outcome, with ``parameters`` of its call; ``language`` is what is spoken, en-US if nothing."""

SENTENCES = resource("sentences", Column("sentences", JSON))
"""What was said one after the other, by the SID of the transcription: of a long call it is much, so that it is not in its row."""
