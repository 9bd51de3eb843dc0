"""The call behind a participant: what a conference needs of the session that joins it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from markup import commands, events
from markup.interpreter import Program
from markup.purpose import Purpose
from voice.calls.call import Call
from voice.calls.line import Line, Stage


class Aside(Protocol):
    """A document that runs beside the call; see ``voice.calls.session``."""

    documents: int
    """How many documents have arrived."""
    failure: commands.Report | None
    """The last error that was reported."""

    def cancel(self) -> None:
        """End it; nobody is told."""


class Guest(Protocol):
    """A ``voice.calls.session.Session``."""

    line: Line
    call: Call

    def run_aside(
        self, program: Program, purpose: Purpose, over: Callable[[events.Outcome], None], *, stage: Stage | None = None
    ) -> Aside:
        """Run a document beside the call, on its line or on a stage of its own."""

    def finish(self, id: events.OperationId, event: events.Event) -> None:
        """Report the end of a started thing, unless it was stopped meanwhile."""
