"""Payment cards and bank accounts: whose number it is, whether it can be right, and how much of it may be shown. Pure.

Number ranges and lengths are those of ISO/IEC 7812 as the schemes publish them and as ``validCardTypes`` of Pay names them (spec
section 2.15). A number says which scheme issued it by its first digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

SHOWN_OF_CARD, SHOWN_OF_ACCOUNT = 4, 2
"""How many digits of a card and of an account a webhook may see (section 2.15)."""
LONGEST_VALIDITY = 20
"""Years. A card that is said to be valid for longer was mistyped."""
ROUTING_DIGITS = 9
SHORTEST_ACCOUNT, LONGEST_ACCOUNT = 4, 17
"""Digits of an account at an American bank (NACHA: at most 17)."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """One kind of card."""

    name: str
    """As ``validCardTypes`` says it."""
    ranges: tuple[tuple[int, int], ...]
    """First and last prefix, both of one length."""
    lengths: frozenset[int]
    """Digits of a whole number."""
    code_length: int = 3
    """Digits of the security code."""
    checked: bool = True
    """Whether the last digit is Luhn's."""

    def issued(self, number: str) -> bool:
        """Whether the first digits of a number lie in one of the ranges."""
        return any(first <= int(number[: len(str(first))] or -1) <= last for first, last in self.ranges)


def _lengths(least: int, most: int) -> frozenset[int]:
    return frozenset(range(least, most + 1))


_AMERICAN_EXPRESS = ((34, 34), (37, 37))

SCHEMES = (
    Scheme("visa", ((4, 4),), frozenset({13, 16, 19})),
    Scheme("mastercard", ((51, 55), (2221, 2720)), frozenset({16})),
    Scheme("amex", _AMERICAN_EXPRESS, frozenset({15}), code_length=4),
    Scheme("optima", _AMERICAN_EXPRESS, frozenset({15}), code_length=4),
    Scheme("jcb", ((3528, 3589),), _lengths(16, 19)),
    Scheme("diners-club", ((300, 305), (3095, 3095), (36, 36), (38, 39)), _lengths(14, 19)),
    Scheme("enroute", ((2014, 2014), (2149, 2149)), frozenset({15}), checked=False),
    Scheme("discover", ((6011, 6011), (64, 65)), _lengths(16, 19)),
    Scheme("maestro", ((50, 50), (56, 58), (6, 6)), _lengths(12, 19)),
)
"""The first that claims a number has it: Maestro's ``6`` takes what Discover leaves. Optima was a card of American Express, in
the same ranges: a number is one only where ``amex`` is not taken."""

LONGEST_CARD = 19


def scheme_of(number: str, accepted: Iterable[str] = ()) -> Scheme | None:
    """Who issued a card, those of ``accepted`` before others; None when nobody did."""
    claims = [scheme for scheme in SCHEMES if scheme.issued(number)]
    wanted = [scheme for scheme in claims if scheme.name in accepted]
    return next(iter(wanted or claims), None)


def passes_luhn(number: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2]]
    return bool(number) and (sum(doubled) + sum(int(digit) for digit in number[::-2])) % 10 == 0


def is_card_number(number: str, scheme: Scheme) -> bool:
    """Whether a number is whole and without a mistyped digit, as far as that can be told."""
    return len(number) in scheme.lengths and (passes_luhn(number) or not scheme.checked)


def is_complete(number: str, accepted: Iterable[str] = ()) -> bool:
    """Whether no card number begins like this and goes on: the caller need press no more keys."""
    scheme = scheme_of(number, accepted)
    return len(number) >= (max(scheme.lengths) if scheme is not None and len(number) >= 4 else LONGEST_CARD)


def is_unexpired(expiration: str, today: date) -> bool:
    """Whether MMYY names a month that is not over, and not one of a distant future."""
    if len(expiration) != 4:
        return False
    month, year = int(expiration[:2]), today.year // 100 * 100 + int(expiration[2:])
    if year < today.year - 50:
        year += 100
    months_left = (year - today.year) * 12 + month - today.month
    return 1 <= month <= 12 and 0 <= months_left <= LONGEST_VALIDITY * 12


def is_routing_number(number: str) -> bool:
    """Whether an ABA routing transit number has the right check digit: weights 3, 7, 1."""
    if len(number) != ROUTING_DIGITS or number == "0" * ROUTING_DIGITS:
        return False
    return sum(weight * int(digit) for weight, digit in zip((3, 7, 1) * 3, number, strict=True)) % 10 == 0


def is_account_number(number: str) -> bool:
    """Whether an account number has a possible length; it carries no check digit."""
    return SHORTEST_ACCOUNT <= len(number) <= LONGEST_ACCOUNT


def mask_card(number: str) -> str:
    """A card number of which the last four digits are shown, such as ``xxxxxxxxxxxx1111``."""
    return _mask(number, SHOWN_OF_CARD, "x")


def mask_account(number: str) -> str:
    """An account number of which the last two digits are shown, such as ``*******92``."""
    return _mask(number, SHOWN_OF_ACCOUNT, "*")


def _mask(number: str, shown: int, character: str) -> str:
    """Too short a number is not shown at all."""
    return character * (len(number) - shown) + number[-shown:] if len(number) > 2 * shown else character * len(number)
