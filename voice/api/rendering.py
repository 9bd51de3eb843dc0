"""The two forms of an answer: JSON, and the XML of the same names in capitals (spec section 4.1)."""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from starlette.responses import JSONResponse, Response

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write."""


def respond(body: dict[str, Any], status: int, suffix: str, element: str, key: str = "") -> Response:
    """An answer in the form that the suffix of the path asks for; ``key`` holds the records of a list."""
    if suffix == ".json":
        return JSONResponse(body, status)
    content = _list(element, key, body) if key else _element(element, body)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<TwilioResponse>{content}</TwilioResponse>'
    return Response(text, status, media_type="application/xml")


def capitals(name: str) -> str:
    """``voice_url`` as ``VoiceUrl``."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _list(element: str, key: str, body: dict[str, Any]) -> str:
    about = {name.replace("_", ""): value for name, value in body.items() if name != key}
    attributes = "".join(f" {name}={quoteattr(_plain(value))}" for name, value in about.items())
    records = "".join(_element(element, record) for record in body[key])
    return f"<{capitals(key)}{attributes}>{records}</{capitals(key)}>"


def _element(name: str, value: Any) -> str:
    match value:
        case None | "":
            return f"<{name}/>"
        case dict():
            inside = "".join(_element(capitals(key), each) for key, each in value.items())
        case list():
            inside = "".join(_element("Item", each) for each in value)
        case _:
            inside = escape(_plain(value))
    return f"<{name}>{inside}</{name}>"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _ILLEGAL.sub("", "" if value is None else str(value))
