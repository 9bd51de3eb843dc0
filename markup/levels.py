"""Which codes are errors: the parser's share of the tables of spec section 8. All others are warnings."""

from __future__ import annotations

from typing import Literal

_ERRORS = frozenset(
    {13231, 13239, 13240, 13257, 13338, 13621, 13803, 14300, 16023, 31922, 31941}
    | {*range(14201, 14207), *range(14210, 14214)}
    | set(range(64001, 64025))
    | set(range(64101, 64113))
)


def level_of(code: int) -> Literal["error", "warning"]:
    """How bad a code is."""
    return "error" if code in _ERRORS else "warning"
