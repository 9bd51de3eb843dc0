"""What English needs words for: ordinals, fractions, years and the abbreviations of addresses."""

from __future__ import annotations

import re

_SMALL = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_ONES = tuple(_SMALL.split())
_TENS = {20: "twentieth", 30: "thirtieth", 40: "fortieth", 50: "fiftieth", 60: "sixtieth", 70: "seventieth", 80: "eightieth"}
_SCALES = ((1_000_000, "millionth"), (1000, "thousandth"), (100, "hundredth"))
_FRACTION = re.compile(r"(?:(\d{1,6})[\s+]+)?(\d{1,6})\s*[/⁄]\s*(\d{1,6})")

_STREET = {
    "Ave": "Avenue",
    "Blvd": "Boulevard",
    "Ct": "Court",
    "Dr": "Drive",
    "Hwy": "Highway",
    "Ln": "Lane",
    "Pkwy": "Parkway",
    "Pl": "Place",
    "Rd": "Road",
    "Sq": "Square",
    "St": "Street",
    "Apt": "Apartment",
    "Ste": "Suite",
    "Fl": "Floor",
    "N": "North",
    "E": "East",
    "S": "South",
    "W": "West",
}
_ABBREVIATION = re.compile(rf"\b({'|'.join(_STREET)})\b\.?")
_POSTCODE = re.compile(r"\b(\d{5})(?:-(\d{4}))?\b(?!\s*[A-Z][a-z])")


def ordinal(number: int) -> str:
    """``21`` as ``21st``, in words where a voice would stumble over the sign."""
    if number < len(_ONES):
        return _ONES[number]
    if number in _TENS:
        return _TENS[number]
    for scale, name in _SCALES:
        if number % scale == 0:
            return f"{number // scale} {name}"
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def year(number: int) -> str:
    """A year in pairs, as it is told: ``19 99``."""
    century, rest = divmod(number, 100)
    if not 1100 <= number <= 2099 or 2000 <= number <= 2009:
        return str(number)
    if rest == 0:
        return f"{century} hundred"
    return f"{century} oh {rest}" if rest < 10 else f"{century} {rest}"


def fraction(text: str) -> str:
    """``3/4`` as ``3 quarters``, ``2 1/2`` as ``2 and 1 half``; anything else as it is."""
    found = _FRACTION.fullmatch(text)
    if found is None or int(found[3]) == 0:
        return text
    whole, over, under = found[1], int(found[2]), int(found[3])
    name = {1: "whole", 2: "half", 4: "quarter"}.get(under) or ordinal(under)
    if over != 1:
        name = "halves" if name == "half" else f"{name}s"
    if name[0].isdigit():
        name = f"over {under}"
    return f"{whole} and {over} {name}" if whole else f"{over} {name}"


def address(text: str) -> str:
    """A street address with its abbreviations in full and its postal code digit by digit."""
    full = _ABBREVIATION.sub(lambda found: _STREET[found[1]], text)
    return _POSTCODE.sub(lambda found: " ".join(found[0].replace("-", "")), full)
