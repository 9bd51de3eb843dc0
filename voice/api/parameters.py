"""Parameters of requests: what they may say, and the error code of what they may not (spec sections 4.1 and 4.6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from voice.api.errors import ApiError

Schema = dict[str, Any]

BAD_PARAMETER = 20001
LONGEST_URL = 4096
LONGEST_TEXT = 65_536

_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f]")
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value may be. ``read`` raises ValueError with what is wrong."""

    read: Callable[[str], Any]
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a form or a query."""

    name: str
    """As it is written: ``VoiceUrl``."""
    kind: Kind
    code: int = BAD_PARAMETER
    """Of the error when its value is wrong."""
    required: int = 0
    """The code of the error when it is missing; 0: it may be."""
    many: bool = False
    """Whether it may be repeated; its value is a tuple then."""

    @property
    def key(self) -> str:
        """Its name in rows and in what handlers get: ``voice_url``."""
        return snake(self.name)


def snake(name: str) -> str:
    """``VoiceUrl`` as ``voice_url``."""
    return _WORD.sub("_", name).lower()


def read_parameters(parameters: Sequence[Parameter], given: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The values of those that are given, by key; unknown ones are ignored. Raises ApiError for the first that is wrong."""
    values: dict[str, Any] = {}
    for parameter in parameters:
        texts = given.get(parameter.name, ())
        if parameter.required and not any(texts):
            raise ApiError(400, parameter.required, f"{parameter.name} is required")
        if not texts:
            continue
        try:
            read = tuple(parameter.kind.read(text) for text in (texts if parameter.many else texts[-1:]))
        except ValueError as error:
            raise ApiError(400, parameter.code, f"{parameter.name} {error}") from None
        values[parameter.key] = read if parameter.many else read[0]
    return values


def required(parameters: Sequence[Parameter], codes: Mapping[str, int]) -> tuple[Parameter, ...]:
    """The same parameters, of which some have to be given; ``codes`` are their errors."""
    return tuple(replace(each, required=codes.get(each.name, 0)) for each in parameters)


def _text(least: int, most: int) -> Callable[[str], str]:
    def read(given: str) -> str:
        if not least <= len(given) <= most:
            raise ValueError(f"must have {least} to {most} characters")
        return given

    return read


def text(most: int = LONGEST_TEXT, least: int = 0) -> Kind:
    """Any text of a length."""
    return Kind(_text(least, most), {"type": "string", "minLength": least, "maxLength": most})


def matching(pattern: str, what: str) -> Kind:
    """A text that follows a regular expression; ``what`` completes "must be ..."."""
    compiled = re.compile(pattern)

    def read(given: str) -> str:
        if not compiled.fullmatch(given):
            raise ValueError(f"must be {what}")
        return given

    return Kind(read, {"type": "string", "pattern": f"^(?:{pattern})$"})


def sid(prefix: str) -> Kind:
    """A SID, or nothing."""
    return matching(rf"(?:{prefix}[0-9a-fA-F]{{32}})?", f"a SID that begins with {prefix}")


def _url(given: str) -> str:
    if not given:
        return ""
    if len(given) > LONGEST_URL or _UNPRINTABLE.search(given):
        raise ValueError("is not a valid URL")
    try:
        parts = urlsplit(given)
        parts.port  # noqa: B018 - raises ValueError
    except ValueError:
        raise ValueError("is not a valid URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an absolute http or https URL")
    return given


URL = Kind(_url, {"type": "string", "format": "uri", "maxLength": LONGEST_URL})
"""An absolute URL, or nothing."""


def _choice(options: Mapping[str, str], given: str) -> str:
    try:
        return options[given.lower()]
    except KeyError:
        raise ValueError(f"must be one of {', '.join(options.values())}") from None


def choice(*options: str) -> Kind:
    """One of some words, in any case."""
    table = {option.lower(): option for option in options}
    return Kind(lambda given: _choice(table, given), {"type": "string", "enum": list(options)})


METHOD = choice("GET", "POST")


def _boolean(given: str) -> bool:
    return given.lower() in ("true", "1", "yes", "on")


BOOLEAN = Kind(_boolean, {"type": "boolean"})
"""Anything but yes is no."""


def integer(least: int, most: int) -> Kind:
    """A whole number in a range."""

    def read(given: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", given) or not least <= int(given) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(given)

    return Kind(read, {"type": "integer", "minimum": least, "maximum": most})


def _day_or_moment(given: str) -> tuple[datetime, bool]:
    try:
        if len(given) == len("2026-01-31"):
            return datetime.strptime(given, "%Y-%m-%d").replace(tzinfo=UTC), True
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise ValueError("must be YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)), False


DATE = Kind(_day_or_moment, {"type": "string", "examples": ["2026-01-31", "2026-01-31T12:00:00Z"]})
"""A day or a moment, and which of both it is."""


def dates(name: str) -> tuple[Parameter, ...]:
    """The three parameters of a filter by date: on, up to, and from (spec section 4.4)."""
    return tuple(Parameter(name + sign, DATE) for sign in ("", "<", ">"))
