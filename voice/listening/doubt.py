"""Whether a sound is somebody speaking: what is played waits until that is certain, so that a cough makes a pause and no more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

SURE_SECONDS = 0.5
"""A voice that goes on for so long after it was heard is one, whether it is understood or not: a cough is shorter."""
SILENT_SECONDS = 1.2
"""After a sound of which nothing was understood meanwhile, what was played goes on; words may still silence it later."""


class Doubt:
    """Begins with a voice, and ends when it has gone on for a while, when words are understood, or when it was nothing.

    ``hold`` silences what is played, or lets it go on; ``sure`` is told that somebody speaks, ``nothing`` that nobody does.
    """

    def __init__(self, hold: Callable[[bool], None], sure: Callable[[], None], nothing: Callable[[], None]) -> None:
        self._hold = hold
        self._sure = sure
        self._nothing = nothing
        self._timer: asyncio.TimerHandle | None = None
        self.lasts = False

    def begin(self) -> None:
        """A voice is heard."""
        self.lasts = True
        self._hold(True)
        self._wait()

    def goes_on(self, on: bool) -> None:
        """The voice has paused, or is there again."""
        self._stop()
        if self.lasts:
            if on:
                self._wait()
            else:
                self._after(SILENT_SECONDS, self.dismiss)

    def decide(self) -> None:
        """Somebody speaks, for words are understood."""
        if self.lasts:
            self._end()
            self._sure()
            self._hold(False)  # what may not be interrupted any more goes on

    def dismiss(self) -> None:
        """It was nothing: what was played goes on."""
        if self.drop():
            self._nothing()

    def drop(self) -> bool:
        """It does not matter any more; whether there was a doubt."""
        if not self.lasts:
            return False
        self._end()
        self._hold(False)
        return True

    def _wait(self) -> None:
        self._after(SURE_SECONDS, self.decide)

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, act)

    def _end(self) -> None:
        self._stop()
        self.lasts = False

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
