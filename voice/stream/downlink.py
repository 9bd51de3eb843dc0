"""From an application to the caller's ear: audio in order of arrival, marks between it, and how much of each piece was heard."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from media.backlog import RATE, Backlog
from voice.calls.line import Line
from voice.sound.studio import Listener, Studio
from voice.stream.messages import BAD_MESSAGE

OVERFLOW = 31931
LONGEST_SECONDS = 600
"""Spec section 5.1, buffer limit."""
MOST_PIECES = 60_000
"""Messages that wait to be heard: ten minutes in pieces of 10 ms."""
MOST_MARKS = 5_000


@dataclass(frozen=True, slots=True)
class Heard:
    """How much the caller heard of what was said between two marks."""

    event: Literal["mark", "clear"]
    """What ended it."""
    name: str | None = None
    """Of the mark behind it; None without one."""
    milliseconds: int = 0
    of: int = 0
    """Milliseconds, too."""


@dataclass(frozen=True, slots=True)
class _Passage:
    """What was sent between two marks."""

    name: str | None
    """The mark behind it; None while there is none."""
    begin: int
    """Codes of the backlog before it."""
    end: int
    cue: int
    """Samples of the playback up to the mark."""

    def ended(self, event: Literal["mark", "clear"], heard: int) -> Heard:
        """What is to be told of it when the first ``heard`` codes of the backlog were heard."""
        part = max(0, min(heard, self.end) - self.begin)
        return Heard(event, self.name, _milliseconds(part), _milliseconds(self.end - self.begin))


@dataclass(slots=True)
class _Talk:
    """One playback: from the first audio to a clear."""

    backlog: Backlog
    number: int = 0
    passages: deque[_Passage] = field(default_factory=deque)
    marked: int = 0
    """Codes before the latest mark."""
    heard: int = 0
    """Codes, once it is over."""


class Downlink:
    """What the caller hears of one stream.

    ``echo`` is told each mark once all before it was heard or cleared, ``note`` how much that was, ``warn`` each message that is
    not done as it asks, with its code.
    """

    def __init__(
        self,
        line: Line,
        studio: Studio,
        *,
        echo: Callable[[str], None],
        note: Callable[[Heard], None],
        warn: Callable[[int, str], None],
    ) -> None:
        self._line = line
        self._studio = studio
        self._echo = echo
        self._note = note
        self._warn = warn
        self._talk: _Talk | None = None
        self._marks = 0

    def say(self, codes: bytes) -> None:
        """Let the caller hear mu-law behind what waits; what is too much is dropped."""
        if not codes or not self._line.open:
            return
        backlog = (self._talk or self._begin()).backlog
        room = LONGEST_SECONDS * RATE - backlog.waiting if backlog.pieces < MOST_PIECES else 0
        backlog.push(codes[: max(0, room)])
        if len(codes) > room:
            lost = _milliseconds(len(codes) - max(0, room))
            waits = f"{_milliseconds(backlog.waiting) // 1000} s of audio wait in {backlog.pieces} messages"
            limits = f"{LONGEST_SECONDS} s and {MOST_PIECES} messages"
            self._warn(OVERFLOW, f"{waits}, {lost} ms more were dropped; {limits} may wait")

    def mark(self, name: str) -> None:
        """Echo a name when all before it was heard."""
        talk = self._talk
        if talk is None:
            self._note(Heard("mark", name))
            self._echo(name)
            return
        if self._marks >= MOST_MARKS:
            self._warn(BAD_MESSAGE, f"{MOST_MARKS} marks wait to be echoed, which is as many as may: {name[:60]!r} is left out")
            return
        passage = _Passage(name, talk.marked, talk.backlog.pushed, talk.backlog.position)
        talk.passages.append(passage)
        talk.marked = passage.end
        self._marks += 1
        self._studio.cue(talk.number, passage.cue)

    def clear(self) -> None:
        """Let the caller hear nothing more of what was said, and echo the marks behind it."""
        talk = self._talk
        if talk is None:
            self._note(Heard("clear"))
            return
        self._talk = None
        self._studio.cut(talk.number)

    def close(self) -> None:
        """Fall silent for good."""
        if self._talk is not None:
            self.clear()
        self._echo = lambda name: None

    def _begin(self) -> _Talk:
        talk = self._talk = _Talk(Backlog(self._studio.bus.rate))
        listener = Listener(
            lambda: None,
            lambda error: self._over(talk),
            reached=lambda at: self._reach(talk, at),
            sent=lambda samples: self._count(talk, samples),
        )
        talk.number = self._line.play(talk.backlog, listener)
        return talk

    def _reach(self, talk: _Talk, at: int) -> None:
        while talk.passages and talk.passages[0].cue <= at:
            passage = talk.passages.popleft()
            self._marks -= 1
            self._note(passage.ended("mark", passage.end))
            self._echo(str(passage.name))

    def _count(self, talk: _Talk, samples: int) -> None:
        talk.heard = talk.backlog.heard(samples)

    def _over(self, talk: _Talk) -> None:
        """A playback was cut off, by a clear, the end of the stream, or something else that is played on the line."""
        if self._talk is talk:
            self._talk = None
        rest = _Passage(None, talk.marked, talk.backlog.pushed, talk.backlog.position)
        for passage in (*talk.passages, *((rest,) if rest.end > rest.begin else ())):
            self._note(passage.ended("clear", talk.heard))
        self._marks -= len(talk.passages)
        for passage in talk.passages:
            self._echo(str(passage.name))


def _milliseconds(codes: int) -> int:
    return codes * 1000 // RATE
