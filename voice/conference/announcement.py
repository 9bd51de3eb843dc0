"""A document that is heard in a conference, by everybody or by one (``AnnounceUrl``, spec section 4.7)."""

from __future__ import annotations

from collections.abc import Callable

from markup import events
from markup.interpreter import Program
from media.errors import BusFull
from voice.conference.participant import Participant
from voice.sound.studio import Studio, Voice

Over = Callable[["Announcement", str], None]
"""Told that an announcement is over, and why it failed; empty when it did not."""


class Announcement:
    """Runs beside the call of one participant, but is heard by a voice of its own; ``to`` None is everybody."""

    def __init__(self, url: str, host: Participant, to: Participant | None, over: Over) -> None:
        self.url = url
        self.to = to
        self._host = host
        self._over = over
        self._stop: Callable[[], None] = lambda: None

    def begin(self, method: str, room: int, studio: Studio) -> None:
        """Fetch the document and let it be heard over whatever is said."""
        try:
            voice = studio.voice()
        except BusFull as error:
            self._over(self, str(error))
            return
        if self.to is None:
            voice.enter(room)
        elif self.to.row is not None:
            voice.speak_to(self.to.row)
        self._run(Program(self.url, method), voice)

    def cancel(self, why: str) -> None:
        """Fall silent."""
        self._stop()
        self._over(self, why)

    def _run(self, program: Program, voice: Voice) -> None:
        def over(outcome: events.Outcome) -> None:
            voice.close()
            self._over(self, "" if outcome == "released" else aside.failure.message if aside.failure else outcome)

        def stop() -> None:
            aside.cancel()
            voice.close()

        aside = self._host.guest.run_aside(program, "holding", over, stage=voice)
        self._stop = stop
