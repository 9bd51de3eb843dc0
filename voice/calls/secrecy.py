"""Whether what a caller presses may be kept.

While a caller types a card number, no key reaches the journal, and nobody hears or records the audio of the leg.
"""

from __future__ import annotations

from collections.abc import Callable

from voice.calls.call import Call

LINGER_SECONDS = 3.0
"""Keys that arrive late, because a caller was cut off while typing, are kept out of the journal as well."""


class Secrecy:
    """The secret stretches of one call; ``conceal`` keeps what a row says from everyone, or no longer."""

    def __init__(self, call: Call, conceal: Callable[[int, bool], None]) -> None:
        self.on_entry: Callable[[str], None] | None = None
        """Takes every key, and nobody else gets it: neither a peer nor whoever runs the line."""
        self._call = call
        self._conceal = conceal
        self._begun = 0
        self._until = 0.0

    @property
    def conceals(self) -> bool:
        """Whether nobody may hear what the caller's line says now."""
        return self._begun > 0

    @property
    def holds(self) -> bool:
        """Whether a key that arrives now is secret."""
        return self.conceals or self._call.now() < self._until

    def take(self, digit: str, *, inband: bool) -> bool:
        """Write a key into the journal, or that there was one; True when it is nobody's any more."""
        facts = {"inband": True} if inband else {}
        if self.holds:
            self._call.journal.add("digit", secret=True, **facts)
        else:
            self._call.journal.add("digit", digit=digit, **facts)
        if self.on_entry is None:
            return False
        self.on_entry(digit)
        return True

    def begin(self) -> None:
        """Keep everything secret from now on, until each ``begin`` has been undone."""
        self._begun += 1
        self._turn()

    def end(self) -> None:
        """Undo one ``begin``."""
        self._until = self._call.now() + LINGER_SECONDS
        self._begun -= 1
        self._turn()

    def _turn(self) -> None:
        if self._call.row is not None:
            self._conceal(self._call.row, self.conceals)
