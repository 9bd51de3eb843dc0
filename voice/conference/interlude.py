"""What a participant hears while it does not hear the room: music, a document, or nothing."""

from __future__ import annotations

from collections.abc import Callable

from markup import commands, events
from markup.interpreter import Program
from media.music import hold_music
from media.source import Clip
from voice.conference.guest import Guest
from voice.sound.studio import Listener, Studio

Failed = Callable[[commands.Report | None], None]
"""Told that the first document did not arrive, and why."""


class Interlude:
    """One thing at a time, on the line of a guest."""

    def __init__(self, guest: Guest, studio: Studio) -> None:
        self._guest = guest
        self._studio = studio
        self._end: Callable[[], None] | None = None

    def play(self, url: str | None, method: str, failed: Failed = lambda report: None) -> None:
        """Play a document, our music for None, or nothing for an empty URL, instead of what plays already.

        A document that ends is followed by silence (spec section 2.7.4).
        """
        self.stop()
        if not self._guest.line.open or url == "":
            return
        if url is None:
            self._play_music()
        else:
            self._run(Program(url, method), failed)

    def stop(self) -> None:
        """Silence what plays."""
        end, self._end = self._end, None
        if end is not None:
            end()

    def _play_music(self) -> None:
        music = Clip(hold_music(self._studio.bus.rate), 0)
        listener = Listener(lambda: self._guest.call.journal.add("playing", what="hold music"), lambda error: None)
        number = self._guest.line.play(music, listener)
        self._end = lambda: self._studio.stop(number)

    def _run(self, program: Program, failed: Failed) -> None:
        def over(outcome: events.Outcome) -> None:
            self._end = None
            if outcome == "failed" and not aside.documents:
                failed(aside.failure)

        aside = self._guest.run_aside(program, "holding", over)
        self._end = aside.cancel
