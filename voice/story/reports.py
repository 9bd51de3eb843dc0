"""Errors and warnings of a call: told to all who keep them, and counted."""

from __future__ import annotations

from markup.commands import Report
from voice.calls.call import Call
from voice.story.metrics import Metrics


def report(call: Call, metrics: Metrics, told: Report) -> None:
    """Note an error or a warning of a call."""
    call.report(told)
    metrics.reports.labels(level=told.level, code=str(told.code)).inc()
