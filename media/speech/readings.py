"""How ``say-as`` has a text read: numbers, dates, times, units and the like as the words or signs that a voice reads right.

What cannot be understood as what it claims to be is read as it stands. Names of months, orders of dates and forms of units come
from the Unicode CLDR.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from babel import Locale
from babel.core import UnknownLocaleError
from babel.units import format_unit

from media.speech.calendar import read_date
from media.speech.english import address, fraction, ordinal

LONGEST = 200
"""Characters of a number, a date and so on; nothing longer is one."""

_GROUPED = re.compile(r"([+-]?)(\d{1,3}(?:([ ,.'’\u00a0\u202f])\d{3})(?:\3\d{3})*)")
_QUANTITY = re.compile(r"([+-]?[\d.,]*\d)\s*([^\d\s].{0,15}?)\.?")
_DURATION = re.compile(r"(?:(\d{1,4})['′m])?\s*(?:(\d{1,4})(?:[\"″s]|''))?")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(?:[:.](\d{2}))?\s*([ap]\.?m\.?)?", re.IGNORECASE)

_UNITS = {
    "length-millimeter": "mm",
    "length-centimeter": "cm",
    "length-meter": "m meter metre meters metres",
    "length-kilometer": "km",
    "length-inch": 'in inch "',
    "length-foot": "ft foot feet '",
    "length-yard": "yd",
    "length-mile": "mi mile miles",
    "mass-milligram": "mg",
    "mass-gram": "g",
    "mass-kilogram": "kg",
    "mass-tonne": "t",
    "mass-ounce": "oz",
    "mass-pound": "lb lbs",
    "volume-milliliter": "ml mL",
    "volume-centiliter": "cl",
    "volume-liter": "l L",
    "volume-gallon": "gal",
    "area-square-meter": "m² m2",
    "area-square-kilometer": "km² km2",
    "area-hectare": "ha",
    "volume-cubic-meter": "m³ m3",
    "temperature-celsius": "°C ℃",
    "temperature-fahrenheit": "°F ℉",
    "speed-kilometer-per-hour": "km/h kmh kph",
    "speed-mile-per-hour": "mph mi/h",
    "speed-meter-per-second": "m/s",
    "duration-millisecond": "ms",
    "duration-second": "s sec",
    "duration-minute": "min",
    "duration-hour": "h hr hrs",
    "duration-day": "d day days",
    "frequency-hertz": "Hz",
    "frequency-kilohertz": "kHz",
    "frequency-megahertz": "MHz",
    "frequency-gigahertz": "GHz",
    "digital-byte": "B",
    "digital-kilobyte": "kB KB",
    "digital-megabyte": "MB",
    "digital-gigabyte": "GB",
    "digital-terabyte": "TB",
    "power-watt": "W",
    "power-kilowatt": "kW",
    "electric-volt": "V",
    "electric-ampere": "A",
    "concentr-percent": "%",
}
_UNIT_OF = {symbol: unit for unit, symbols in _UNITS.items() for symbol in symbols.split()}

_ORDINAL_SIGNS = {"es": "º", "it": "º", "pt": "º", "el": "ος"}
_ORDINAL_DOT = frozenset({"da", "de", "hu", "lv", "nb"})
"""Languages whose voices take a number with a dot for an ordinal, when a word follows."""


def read(text: str, reading: str, format: str, language: str) -> str:
    """The text to give to a voice; ``reading`` and ``format`` are in the words of SSML's ``say-as``.

    ``language`` is the BCP 47 tag of the voice. Characters are set apart by spaces, for a voice that names each.
    """
    text = text.strip()
    reader = _READERS.get(reading)
    if reader is None or (len(text) > LONGEST and reading not in _UNLIMITED):
        return text
    return reader(text, format, language)


def locale_of(language: str) -> Locale:
    """What the CLDR knows of a language; English if it does not know it."""
    try:
        return Locale.parse(language.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError):
        primary = language.partition("-")[0].lower()
        try:
            return Locale.parse({"arb": "ar", "cmn": "zh"}.get(primary, primary))
        except (UnknownLocaleError, ValueError):
            return Locale("en")


def _characters(text: str, format: str, language: str) -> str:
    return " ".join("".join(text.split()))


def _number(text: str, format: str, language: str) -> str:
    found = _GROUPED.fullmatch(text)
    return found[1] + found[2].replace(found[3], "") if found else text


def _ordinal(text: str, format: str, language: str) -> str:
    number = _number(text, format, language)
    if not number.isascii() or not number.isdecimal() or len(number) > 9:
        return text
    primary = language.partition("-")[0].lower()
    if primary == "en":
        return ordinal(int(number))
    if primary == "fr":
        return f"{number}er" if int(number) == 1 else f"{number}ème"
    if primary == "sv":
        return f"{number}:{'a' if number[-1] in '12' and number[-2:] not in ('11', '12') else 'e'}"
    return number + (_ORDINAL_SIGNS.get(primary) or ("." if primary in _ORDINAL_DOT else ""))


def _telephone(text: str, format: str, language: str) -> str:
    groups = [group for group in re.split(r"[\s().,/·–-]+", text) if group]
    digits = "".join(groups)
    if len(groups) == 1 and digits.isascii() and digits.isdecimal():
        groups = _grouped(digits)
    return ", ".join(" ".join(group) for group in groups)


def _grouped(digits: str) -> list[str]:
    """As numbers are told: three by three, the last four together."""
    head, tail = digits[:-4], digits[-4:]
    first = len(head) % 3
    groups = [head[:first], *(head[place : place + 3] for place in range(first, len(head), 3)), tail]
    return [group for group in groups if group]


def _fraction(text: str, format: str, language: str) -> str:
    return fraction(text) if language.lower().startswith("en") else text


def _unit(text: str, format: str, language: str) -> str:
    found = _QUANTITY.fullmatch(text)
    if found is None or found[2] not in _UNIT_OF:
        return text
    unit = _UNIT_OF[found[2]]
    return _measured(found[1].lstrip("+"), unit, language) or f"{found[1]} {found[2]}"


def _measured(number: str, unit: str, language: str) -> str:
    """A quantity in words, or "" where the CLDR has none."""
    locale = locale_of(language)
    try:
        amount: float | str = int(number)
    except ValueError:
        amount = number  # its decimal point is the author's affair
    words = format_unit(amount, unit, "long", locale=locale)
    return "" if unit in words else words


def _time(text: str, format: str, language: str) -> str:
    """A duration of minutes and seconds (``1'21"``), or a time of day."""
    duration = _DURATION.fullmatch(text)
    if duration is not None and (duration[1] or duration[2]):
        parts = ((duration[1], "duration-minute"), (duration[2], "duration-second"))
        spoken = [_measured(number, unit, language) or number for number, unit in parts if number]
        return " ".join(spoken)
    clock = _CLOCK.fullmatch(text)
    if clock is None or not (clock[2] or clock[4]):
        return text
    return _english_clock(clock) if language.lower().startswith("en") else _clock(clock)


def _clock(found: re.Match[str]) -> str:
    hour = int(found[1])
    half = (found[4] or "").lower()[:1]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return ":".join((str(hour), found[2] or "00", *((found[3],) if found[3] else ())))


def _english_clock(found: re.Match[str]) -> str:
    minutes = found[2] or "00"
    half = {"a": " A M", "p": " P M"}.get((found[4] or "").lower()[:1], "")
    told = ("" if half else " o'clock") if minutes == "00" else f" oh {minutes[1]}" if minutes[0] == "0" else f" {minutes}"
    seconds = f" and {int(found[3])} seconds" if found[3] else ""
    return f"{int(found[1])}{told}{half}{seconds}"


def _date(text: str, format: str, language: str) -> str:
    return read_date(text, format, locale_of(language)) or text


def _address(text: str, format: str, language: str) -> str:
    return address(text) if language.lower().startswith("en") else text


_READERS: dict[str, Callable[[str, str, str], str]] = {
    "characters": _characters,
    "spell-out": _characters,
    "digits": _characters,
    "cardinal": _number,
    "number": _number,
    "ordinal": _ordinal,
    "telephone": _telephone,
    "fraction": _fraction,
    "unit": _unit,
    "time": _time,
    "date": _date,
    "address": _address,
}
_UNLIMITED = frozenset({"characters", "spell-out", "digits", "address"})
SPELT = frozenset({"characters", "spell-out"})
"""The readings in which a voice is to name each character."""
