"""What a parser objects to, where, and no more of it than anyone reads."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from markup.document import Diagnostic
from markup.levels import level_of
from markup.tree import Node, place_of_attribute

SCHEMA_WARNING = 12200
LONGEST_SHOWN = 60
MOST_DIAGNOSTICS = 100
"""Every one becomes a report of the call: a hostile document must not make thousands."""


class Findings:
    """The diagnostics of one document; ``data`` is its bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._found: list[Diagnostic] = []
        self._left_out = 0

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All of them; a last one tells how many there are beyond ``MOST_DIAGNOSTICS``."""
        if not self._left_out:
            return tuple(self._found)
        last = self._found[-1]
        more = Diagnostic(SCHEMA_WARNING, "warning", f"{self._left_out} more are not listed", last.line, last.column)
        return (*self._found, more)

    def note(self, node: Node, code: int, message: str) -> None:
        """Object to an element."""
        if self._has_room():
            self._found.append(Diagnostic(code, level_of(code), message, node.line, node.column))

    def note_attribute(self, node: Node, name: str, code: int, message: str) -> None:
        """Object to an attribute."""
        if self._has_room():
            self._found.append(Diagnostic(code, level_of(code), message, *place_of_attribute(self._data, node, name)))

    def nearest(self, name: str, known: Iterable[str]) -> str:
        """Words that name what was probably meant; empty when nothing is like it."""
        if len(self._found) >= MOST_DIAGNOSTICS:
            return ""
        by_lower = {each.lower(): each for each in known}
        found = difflib.get_close_matches(name.lower()[:LONGEST_SHOWN], by_lower, n=1)
        return f"; is {by_lower[found[0]]} meant?" if found else ""

    def _has_room(self) -> bool:
        if len(self._found) < MOST_DIAGNOSTICS:
            return True
        self._left_out += 1
        return False


def shown(text: str) -> str:
    """The beginning of a text that may be of any length."""
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
