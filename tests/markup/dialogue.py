"""Dialogues with the interpreter: what the world does, and what is asked of it."""

from __future__ import annotations

from typing import TypeVar

from markup import commands, events
from markup.interpreter import Interpreter, Program
from markup.parser import parse
from markup.purpose import Purpose

URL = "http://app.example/voice"
C = TypeVar("C", bound=commands.Command)


class Dialogue:
    """One call. ``asked`` holds the commands since the last look."""

    def __init__(
        self,
        twiml: str,
        *,
        answered: bool = False,
        purpose: Purpose = "call",
        fallback_url: str = "",
        begin: bool = True,
    ) -> None:
        self.interpreter = Interpreter(Program(URL, fallback_url=fallback_url), answered, purpose)
        self.asked: list[commands.Command] = []
        self.all: list[commands.Command] = []
        if begin:
            self.tell(events.Begin())
            self.fetched(twiml)

    def tell(self, event: events.Event) -> list[commands.Command]:
        """Something happens; returns what is asked, without the notes for the journal."""
        emitted = self.interpreter.receive(event)
        self.all += emitted
        notes = commands.EnterVerb | commands.LeaveVerb | commands.PrefetchMedia
        self.asked = [command for command in emitted if not isinstance(command, notes)]
        return self.asked

    def last(self, kind: type[C]) -> C:
        """The latest command of a kind."""
        return next(command for command in reversed(self.all) if isinstance(command, kind))

    def every(self, kind: type[C]) -> list[C]:
        """All commands of a kind so far."""
        return [command for command in self.all if isinstance(command, kind)]

    def fetched(self, twiml: str) -> list[commands.Command]:
        """The document asked for arrives."""
        request = self.last(commands.FetchDocument)
        document = parse(f"<Response>{twiml}</Response>".encode())
        return self.tell(events.DocumentFetched(request.id, request.url.partition("#")[0], document))

    def fetch_fails(self, code: int = 11200) -> list[commands.Command]:
        """The document asked for does not arrive."""
        request = self.last(commands.FetchDocument)
        return self.tell(events.FetchFailed(request.id, code, request.url, "no luck"))

    def played(self) -> list[commands.Command]:
        """The latest playback ends."""
        return self.tell(events.PlaybackEnded(self.last(commands.StartPlayback).id))

    def timer(self) -> list[commands.Command]:
        """The latest timer fires."""
        return self.tell(events.TimerFired(self.last(commands.SetTimer).id))

    def press(self, digits: str) -> list[commands.Command]:
        """Keys are pressed; returns what the last one led to."""
        for digit in digits:
            self.tell(events.DigitReceived(digit))
        return self.asked

    def kinds(self) -> list[str]:
        """The names of the commands asked last."""
        return [type(command).__name__ for command in self.asked]

    def reports(self) -> list[int]:
        """The codes of all errors and warnings."""
        return [report.code for report in self.every(commands.Report)]
