"""Errors and warnings of a call: in its journal, in the log, and counted."""

from __future__ import annotations

from markup.commands import Report
from voice.call import Call
from voice.metrics import Metrics

_LEVELS = {"warning": 30, "error": 40}


def report(call: Call, metrics: Metrics, told: Report) -> None:
    """Note an error or a warning of a call."""
    call.journal.add("report", level=told.level, code=told.code, message=told.message, url=told.url)
    call.log.log(_LEVELS[told.level], told.message, code=told.code, url=told.url)
    metrics.reports.labels(level=told.level, code=str(told.code)).inc()
