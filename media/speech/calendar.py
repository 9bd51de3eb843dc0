"""Dates as they are told in each language."""

from __future__ import annotations

import datetime
import re

from babel import Locale
from babel.dates import format_date, format_skeleton

from media.speech.english import ordinal, year

_ORDERS = {"yyyymmdd": "ymd"}
_AMERICAN = frozenset({"US", "PH"})
_COMPACT = re.compile(r"([\d?]{4})(\d{2})(\d{2})")
_WRITTEN = re.compile(r"\d{1,4}(?:\s*[/.\-\s]\s*\d{1,4}){0,2}\.?")
_LEAP_YEAR = 2000
"""Stands in for a year that is not said: it has every day."""

Parts = dict[str, int]
"""By ``d``, ``m`` and ``y``, those that are known."""


def read_date(text: str, format: str, locale: Locale) -> str:
    """A date of digits in words; "" when it is none. ``format`` tells the order of its parts: ``mdy``, ``dm``, ``y`` ...

    Without a format a year that is written with four digits tells the order, else the language does.
    """
    parts = _parts(text.strip(), _ORDERS.get(format, format), locale)
    if not parts:
        return ""
    try:
        day = datetime.date(parts.get("y", _LEAP_YEAR), parts.get("m", 1), parts.get("d", 1))
    except ValueError:
        return ""
    known = "".join(name for name in "ymd" if name in parts)
    if locale.language == "en":
        return _english(day, known, locale)
    if locale.language == "ja":
        return _japanese(day, known)
    return _told(day, known, locale)


def _parts(text: str, order: str, locale: Locale) -> Parts:
    compact = _COMPACT.fullmatch(text)
    if compact and order in ("", "ymd"):
        return {name: int(part) for name, part in zip("ymd", compact.groups(), strict=True) if "?" not in part}
    if not _WRITTEN.fullmatch(text):
        return {}
    numbers = re.findall(r"\d+", text)
    if not order:
        order = _order(numbers, locale)
    if len(order) != len(numbers):
        return {}
    return {name: _century(number) if name == "y" else int(number) for name, number in zip(order, numbers, strict=True)}


def _order(numbers: list[str], locale: Locale) -> str:
    if len(numbers[0]) == 4:
        return "ymd"[: len(numbers)]
    native = "mdy" if locale.territory in _AMERICAN else "dmy"
    if len(numbers) == 2 and len(numbers[1]) == 4:
        return "my"
    return native[: len(numbers)] if len(numbers) > 1 else ""


def _century(number: str) -> int:
    """Two digits are a year of the last fifty or the next."""
    return int(number) if len(number) > 2 else int(number) + (2000 if int(number) < 70 else 1900)


def _english(day: datetime.date, known: str, locale: Locale) -> str:
    told = {"m": str(locale.months["format"]["wide"][day.month]), "d": ordinal(day.day), "y": year(day.year)}
    if "m" not in known and "d" in known:
        return told["d"]
    spoken = " ".join(told[name] for name in "md" if name in known)
    return ", ".join(part for part in (spoken, told["y"] if "y" in known else "") if part)


def _japanese(day: datetime.date, known: str) -> str:
    """In kana: the voice that reads it has no kanji."""
    told = {"y": f"{day.year}ねん", "m": f"{day.month}がつ", "d": f"{day.day}にち"}
    return "".join(told[name] for name in known)


def _told(day: datetime.date, known: str, locale: Locale) -> str:
    match known:
        case "ymd":
            return format_date(day, "long", locale)
        case "md":
            return format_skeleton("MMMMd", day, locale=locale)
        case "ym":
            return format_skeleton("yMMMM", day, locale=locale)
        case "m":
            return str(locale.months["stand-alone"]["wide"][day.month])
    return str(day.year if known == "y" else day.day)
