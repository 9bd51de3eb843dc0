"""The body and the query of a request, read within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from voice.api.errors import ApiError

LONGEST_BODY = 256 * 1024
MOST_FIELDS = 1000
TOO_LARGE = 20413
BAD_REQUEST = 20001
FORM = "application/x-www-form-urlencoded"

Fields = Mapping[str, list[str]]


async def read_form(request: Request) -> Fields:
    """The fields of an urlencoded form. Raises ApiError."""
    body = await _read(request)
    kind = request.headers.get("content-type", FORM).partition(";")[0].strip().lower()
    if body and kind != FORM:
        raise ApiError(400, BAD_REQUEST, f"the Content-Type of a request is {FORM}")
    return read_fields(body.decode("utf-8", "replace"))


def read_fields(encoded: str) -> Fields:
    """The fields of an encoded form or query. Raises ApiError."""
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace")
    except ValueError:
        raise ApiError(400, BAD_REQUEST, f"a request has at most {MOST_FIELDS} parameters") from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        if "\0" in value:
            raise ApiError(400, BAD_REQUEST, f"{name[:80]} holds a character that no parameter may have")
        fields.setdefault(name, []).append(value)
    return fields


async def _read(request: Request) -> bytes:
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > LONGEST_BODY:
        raise ApiError(413, TOO_LARGE, f"a request has at most {LONGEST_BODY} bytes")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_BODY:
                raise ApiError(413, TOO_LARGE, f"a request has at most {LONGEST_BODY} bytes")
    except ClientDisconnect:
        raise ApiError(400, BAD_REQUEST, "the request is not complete") from None
    return bytes(body)
