"""Who speaks: the level of a row as the speaker events of a conference (spec section 3.8)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from voice.sound.studio import Studio
from voice.sound.taps import LevelListener

PAUSE_SECONDS = 0.8
"""How long somebody is silent who does not just draw breath."""


class SpeechWatch:
    """Tells when a participant begins (True) and ends (False) to speak, in whole utterances."""

    def __init__(self, studio: Studio, tell: Callable[[bool], None]) -> None:
        self._studio = studio
        self._tell = tell
        self._forget: Callable[[], None] | None = None
        self._speaking = False
        self._pause: asyncio.TimerHandle | None = None

    def listen(self, row: int) -> None:
        """Listen to a row, if that is not done already."""
        if self._forget is None:
            self._forget = self._studio.taps.watch_level(row, 0, LevelListener(lambda: None, self._hear))

    def stop(self, *, quietly: bool = False) -> None:
        """Listen no longer; who speaks is interrupted, ``quietly`` or not."""
        forget, self._forget = self._forget, None
        if forget is None:
            return
        forget()
        self._resume()
        if self._speaking and not quietly:
            self._end()
        self._speaking = False

    def _hear(self, voice: bool) -> None:
        self._resume()
        if not voice:
            self._pause = asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._end)
        elif not self._speaking:
            self._speaking = True
            self._tell(True)

    def _end(self) -> None:
        self._pause = None
        self._speaking = False
        self._tell(False)

    def _resume(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
