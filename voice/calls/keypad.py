"""Keys that reach us in two ways: a telephone may send one as an event or by INFO, and as tones in the audio as well."""

from __future__ import annotations

from collections.abc import Callable

TOGETHER_SECONDS = 1.0
"""How much later than its tones the first key may come that is no audio: many telephones send INFO when it is released."""


class Keypad:
    """What the far end of one call presses; ``now`` is in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._heard: tuple[str, float] | None = None
        """The last key that was heard in the audio, and when."""
        self._sends_events = False

    def is_new(self, digit: str, *, inband: bool) -> bool:
        """Whether a key was not counted before. Who has sent one that is no audio is not listened to any more."""
        if inband:
            self._heard = digit, self._now()
            return not self._sends_events
        first, self._sends_events = not self._sends_events, True
        known = self._heard if first else None
        return known is None or known[0] != digit or self._now() - known[1] > TOGETHER_SECONDS
