"""The numbers that accounts may take, as the settings list them; a taken one is no longer offered (spec section 4.13)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from voice.settings import AvailableNumber

_KEYS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
"""The digit on whose key a letter stands (ITU-T E.161)."""
_PATTERN = re.compile(r"\+?[0-9A-Z*]{1,20}")


@dataclass(frozen=True, slots=True)
class Offer:
    """A number that can be had."""

    phone_number: str
    about: AvailableNumber


class Pool:
    """The numbers of one server; ``is_taken`` tells whether one, in E.164, belongs to an account already."""

    def __init__(self, available: Iterable[AvailableNumber], is_taken: Callable[[str], bool]) -> None:
        self._available = tuple(available)
        self._is_taken = is_taken

    @property
    def configured(self) -> bool:
        """Whether there is one at all. Without, any number may be taken."""
        return bool(self._available)

    @property
    def countries(self) -> list[str]:
        """Where its numbers are, by ISO code, in order."""
        return sorted({each.country for each in self._available})

    def offers(self, country: str = "", kind: str = "") -> Iterator[Offer]:
        """What is left of a country and a kind; empty is any."""
        for about in self._available:
            if country in ("", about.country) and kind in ("", about.kind):
                yield from self._left(about)

    def find(self, number: str) -> Offer | None:
        """The offer of a number, if it is left."""
        return next((offer for offer in self.offers() if offer.phone_number == number), None)

    def _left(self, about: AvailableNumber) -> Iterator[Offer]:
        first, width = int(about.phone_number), len(about.phone_number) - 1
        for number in range(first, first + about.count):
            written = f"+{number:0{width}}"
            if not self._is_taken(written):
                yield Offer(written, about)


def has_area_code(offer: Offer, code: str) -> bool:
    """Whether a number of the North American plan has an area code."""
    return offer.phone_number.startswith(f"+1{code}")


def read_pattern(text: str) -> str:
    """What a number has to contain, as a pattern of SQL's LIKE, from what is written: digits, letters as on the keys of a
    telephone, ``*`` for any digit, and perhaps ``+`` for the beginning. Raises ValueError.
    """
    written = text.upper()
    if not _PATTERN.fullmatch(written):
        raise ValueError("must hold digits, letters, * for any digit, and perhaps + before them")
    digits = written.translate(_KEYS).replace("*", "_")
    return f"{digits}%" if digits.startswith("+") else f"%{digits}%"


def contains(offer: Offer, pattern: str) -> bool:
    """Whether a number follows a pattern of ``read_pattern``."""
    expression = "".join({"+": r"\+", "_": "[0-9]", "%": ".*"}.get(each, each) for each in pattern)
    return re.fullmatch(expression, offer.phone_number) is not None
