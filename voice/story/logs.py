"""Structured logs: JSON lines for machines, coloured lines on a terminal.

Lines are written by a thread of their own. A reader that is slow, has gone, or a disk that is full costs lines, never a call.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
import time
from collections import deque
from typing import TextIO, cast

import structlog

MOST_WAITING = 10_000
"""Lines; more are lost, and counted."""
GATHER_SECONDS = 0.01
"""From a line to its writing, so that those of a busy moment are written together."""
FAREWELL_SECONDS = 2.0
"""How long the end of the process waits for who reads its log."""


class Spool:
    """Takes lines at once, from any thread, and writes them to a file descriptor when it can be written to.

    (To a stream of Python's the thread would hold a lock that the end of the process wants as well.)
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines: deque[str] = deque()
        self._lost = 0
        self._wake = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def write(self, line: str) -> None:
        """Take a line with its end."""
        if len(self._lines) >= MOST_WAITING:
            self._lost += 1
            return
        self._lines.append(line)
        self._wake.set()

    def flush(self) -> None:
        """Nothing waits for the reader."""

    def close(self) -> None:
        """Write what waits, unless that takes too long."""
        self._closed = True
        self._wake.set()
        self._thread.join(FAREWELL_SECONDS)

    def _run(self) -> None:
        while not self._closed:
            self._wake.wait()
            time.sleep(GATHER_SECONDS)
            self._wake.clear()
            self._write_off()
        self._write_off()

    def _write_off(self) -> None:
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        lost, self._lost = self._lost, 0
        if lost:
            lines.append(f'{{"level": "error", "lines": {lost}, "event": "lines of this log are lost"}}\n')
        data = "".join(lines).encode(errors="replace")
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError:
            self._lost += len(lines) - bool(lost) + lost


def configure_logs(level: str = "info") -> None:
    """Send every log of the process to standard error, one event a line."""
    severity = logging.getLevelNamesMapping()[level.upper()]
    spool = Spool(sys.stderr.fileno())
    atexit.register(spool.close)
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.EventRenamer("event"),
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(severity),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", spool)),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(spool)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    logging.basicConfig(level=max(severity, logging.WARNING), handlers=[handler], force=True)
