"""Form parameters that many resources share, checked."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request

from voice.api.errors import ApiError

MOST_FIELDS = 200


async def read_fields(request: Request) -> dict[str, str]:
    """The form of a request, without files; of a name that occurs more than once, the last."""
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def url(fields: Mapping[str, str], name: str) -> str:
    """An absolute URL, or "" where there is none. Raises ApiError."""
    given = fields.get(name, "")
    if given and not _is_absolute(given):
        raise ApiError(400, 21205, f"{name} is not a valid URL: {given[:200]}")
    return given


def method(fields: Mapping[str, str], name: str, default: str = "POST") -> str:
    """GET or POST. Raises ApiError."""
    given = fields.get(name, default).upper()
    if given not in ("GET", "POST"):
        raise ApiError(400, 21209, f"{name} must be GET or POST")
    return given


def boolean(fields: Mapping[str, str], name: str) -> bool | None:
    """Anything but ``true`` is false, None where nothing is said (section 4.7)."""
    return fields[name].lower() == "true" if name in fields else None


def _is_absolute(given: str) -> bool:
    try:
        parts = urlsplit(given)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
