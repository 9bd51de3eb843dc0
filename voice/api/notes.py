"""REST requests in the journals of the calls that they are about (spec section 4.12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response

from voice.api.operation import Answer, Ask, Operation
from voice.calls.call import Call

Noted = Callable[[Answer, Response], None]
Find = Callable[[str], Call | None]

_SECRET = frozenset({"sip_auth_password", "postal_code"})


class RequestNotes:
    """Notes what is asked for calls that are live or wait; ``find`` is how those are found, ``address`` is that of the API."""

    def __init__(self, find: Find, address: str, now: Callable[[], float]) -> None:
        self._find = find
        self._address = address
        self._now = now

    def begin(self, operation: Operation, ask: Ask) -> Noted:
        """A request is about to be served; returns whom to tell of the answer."""
        began, call = self._now(), self._find(ask.keys.get("CallSid", ""))

        def note(answer: Answer, response: Response) -> None:
            made = str(answer.get("sid", "")) if isinstance(answer, Mapping) and call is None else ""
            about = call or self._find(made)
            if about is None or operation.method == "GET":
                return
            about.journal.add(
                "api",
                method=operation.method,
                url=self._address + ask.path,
                parameters={name: "(left out)" if name in _SECRET else _plain(value) for name, value in ask.form.items()},
                status=response.status_code,
                content_type=response.headers.get("content-type", ""),
                seconds=round(self._now() - began, 4),
                body=bytes(response.body).decode(errors="replace"),
            )

        return note


def _plain(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case tuple():
            return " ".join(map(str, value))
    return str(value)
