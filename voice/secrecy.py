"""Whether what a caller presses may be kept.

While a caller types a card number, no key reaches the journal, and nobody hears or records the audio of the leg.
"""

from __future__ import annotations

from collections.abc import Callable

from voice.call import Call

LINGER_SECONDS = 3.0
"""Keys that arrive late, because a caller was cut off while typing, are kept out of the journal as well."""


class Secrecy:
    """The secret stretches of one call; ``conceal`` keeps what a row says from everyone, or no longer."""

    def __init__(self, call: Call, conceal: Callable[[int, bool], None]) -> None:
        self._call = call
        self._conceal = conceal
        self._begun = False
        self._until = 0.0

    @property
    def holds(self) -> bool:
        """Whether a key that arrives now is secret."""
        return self._begun or self._call.now() < self._until

    def note(self, digit: str, **facts: bool) -> None:
        """Write a key into the journal, or that there was one."""
        if self.holds:
            self._call.journal.add("digit", secret=True, **facts)
        else:
            self._call.journal.add("digit", digit=digit, **facts)

    def begin(self) -> None:
        """Keep everything secret from now on."""
        self._turn(True)

    def end(self) -> None:
        """Undo ``begin``."""
        self._until = self._call.now() + LINGER_SECONDS
        self._turn(False)

    def _turn(self, on: bool) -> None:
        self._begun = on
        if self._call.row is not None:
            self._conceal(self._call.row, on)
