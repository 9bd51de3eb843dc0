"""Numbers as a carrier writes them: an ordered list of rules, of which the first that fits counts."""

from __future__ import annotations

import re
from collections.abc import Iterable

Rules = Iterable[tuple[str, str]]
LONGEST = 64
"""Characters of a number."""


def rewrite(number: str, rules: Rules) -> str:
    """A number by the first rule whose pattern (a regular expression) fits the whole of it; without any, as it is."""
    for pattern, replacement in rules:
        found = re.fullmatch(pattern, number[:LONGEST])
        if found is not None:
            return found.expand(replacement)
    return number
